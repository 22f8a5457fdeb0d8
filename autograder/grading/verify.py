"""The author's gate: a grader is proven against known answers before students meet it.

    reference   every test passes                 wrong/<mistake>   loses exactly the tests that it names
    blank       every test fails                  right/<style>     loses none
    hostile     every test fails, whatever it gets back             every test is lost by some wrong answer

The answers of a variant must run: one that raises, or cannot be parsed, loses every test, and proves nothing.

Repeats use other seeds each time, so that a test that depends on luck shows itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from autograder.checks import find_loose_comparisons
from autograder.errors import CourseError, Problem
from autograder.grading.hostile import HANG, KINDS, hostile_notebook
from autograder.grading.material import Material
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import (
    Master,
    Variant,
    apply_variant,
    drift,
    read_variant,
    student_notebook,
    submission_notebook,
    to_bytes,
)
from autograder.results import CellError, Outcome, Report, Verdict


class Sort(StrEnum):
    """What kind of known answer a case is."""

    REFERENCE = "reference"
    BLANK = "blank"
    RIGHT = "right"
    WRONG = "wrong"
    HOSTILE = "hostile"


@dataclass(frozen=True, slots=True)
class Case:
    """A known answer: which tests it has to lose. `path` is the variant's file, or the master's."""

    name: str
    sort: Sort
    loses: frozenset[str]
    notebooks: tuple[tuple[str, bytes], ...]  # (file name, content)
    path: Path
    questions: frozenset[str] = frozenset()  # a variant's own


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a case in one round."""

    case: Case
    round: int
    verdicts: dict[str, Verdict]
    details: dict[str, str]
    seconds: dict[str, float]
    fault: str | None  # why there are no verdicts
    errors: tuple[CellError, ...] = ()


@dataclass(slots=True)
class Verification:
    """Everything that `verify` found. It is green without `problems`."""

    assignment: str
    tests: tuple[str, ...]
    cases: tuple[Case, ...] = ()
    seen: list[Seen] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def seconds_per_question(self, questions: dict[str, tuple[str, ...]]) -> dict[str, float]:
        """Question → wall seconds of its tests on the reference, the longest round."""
        rounds = [seen for seen in self.seen if seen.case.sort is Sort.REFERENCE]
        return {
            question: max((sum(seen.seconds.get(test, 0.0) for test in tests) for seen in rounds), default=0.0)
            for question, tests in questions.items()
        }


Run = Callable[[Callable[[tuple[int, Case]], Seen], Iterable[tuple[int, Case]], Callable[[], None]], Iterable[Seen]]
"""Maps cases to results; where it ends early, it calls what it was given last, so that work under way ends soon."""


def verify(
    material: Material,
    cases: Sequence[Case],
    folder: Path,
    run: Run,
    *,
    repeat: int = 1,
    jobs: int = 1,
    seed: int = 1,
    on_ready: Callable[[], None] = lambda: None,
    on_case: Callable[[Seen], None] = lambda seen: None,
) -> Verification:
    """Grade every known answer `repeat` times and compare with what it has to lose.

    `folder` takes the notebooks, `run` maps cases to results (an engine's `run`). Raises CourseError where the tests
    cannot be collected, FenceError where nothing can be run.
    """
    assignment = material.assignment
    tests = tuple(test.id for test in assignment.tests)
    result = Verification(assignment.id, tests, tuple(cases))
    result.problems += check_release(material) + check_comparisons(material) + _check_names(cases, tests)
    if result.problems:
        return result
    for number in range(repeat):
        with Workshop(material, jobs=jobs, seed=seed + number) as workshop:
            workshop.wait_ready()
            on_ready()

            def grade(item: tuple[int, Case], workshop: Workshop = workshop) -> Seen:
                return _grade(workshop, item[1], item[0], folder / f"{item[0]}-{item[1].sort}-{item[1].name}")

            for seen in run(grade, [(number, case) for case in cases], workshop.close):
                result.seen.append(seen)
                on_case(seen)
    for seen in sorted(result.seen, key=lambda seen: (seen.round, seen.case.sort, seen.case.name)):
        result.problems += _compare(seen)
    result.problems += _unlost(material, cases)
    return result


def read_cases(material: Material) -> Iterator[Case]:
    """All known answers of an assignment. Raises CourseError with every variant that cannot be read."""
    assignment = material.assignment
    tests = frozenset(test.id for test in assignment.tests)
    whole = material.masters
    yield Case("reference", Sort.REFERENCE, frozenset(), _notebooks(material, whole), whole[0].path)
    blank = tuple(
        (name, to_bytes(student_notebook(master, release)))
        for name, master, release in zip(assignment.notebooks, material.masters, material.releases, strict=True)
    )
    yield Case("blank", Sort.BLANK, tests, blank, whole[0].path)
    problems: list[Problem] = []
    for sort in (Sort.RIGHT, Sort.WRONG):
        for path in sorted((assignment.solution / sort.value).glob("*.py")):
            try:
                variant = read_variant(path)
                varied = _varied(whole, variant)
            except CourseError as error:
                problems += error.problems
                continue
            own = frozenset(variant.questions())
            yield Case(path.stem, sort, frozenset(variant.loses), _notebooks(material, varied), path, own)
    if problems:
        raise CourseError(problems)
    for kind in KINDS:
        yield Case(kind, Sort.HOSTILE, tests, _notebooks(material, whole, kind), whole[0].path)


def _varied(masters: Sequence[Master], variant: Variant) -> tuple[Master, ...]:
    """Each master with its own questions' answers. What is no master's question, the first one refuses."""
    asked = [frozenset(master.questions()) for master in masters]
    elsewhere = frozenset().union(*asked[1:]) - asked[0]
    own = [[cell for cell in variant.cells if cell.question in questions] for questions in asked]
    own[0] = [cell for cell in variant.cells if cell.question not in elsewhere]
    return tuple(
        apply_variant(master, replace(variant, cells=tuple(cells))) if cells else master
        for master, cells in zip(masters, own, strict=True)
    )


def _notebooks(
    material: Material, masters: Sequence[Master], hostile: str | None = None
) -> tuple[tuple[str, bytes], ...]:
    found = []
    for name, master, release in zip(material.assignment.notebooks, masters, material.releases, strict=True):
        notebook: dict[str, Any] = submission_notebook(master, release)
        if hostile is not None:
            notebook = hostile_notebook(notebook, master, hostile)
        found.append((name, to_bytes(notebook)))
    return tuple(found)


def check_release(material: Material) -> list[Problem]:
    """Whether what students get is what the masters generate."""
    problems = []
    assignment = material.assignment
    for name, master, release in zip(assignment.notebooks, material.masters, material.releases, strict=True):
        path = assignment.folder / name
        remedy = f"run `autograder release {assignment.id}`"
        if not path.is_file():
            problems.append(Problem(path, None, None, "the student notebook was not generated yet", remedy))
            continue
        differences = drift(path.read_bytes(), student_notebook(master, release))
        if differences:
            text = f"the student notebook is not what the master gives now: {'; '.join(differences[:3])}"
            problems.append(Problem(path, None, None, text, remedy))
    return problems


def check_comparisons(material: Material) -> list[Problem]:
    """Loose comparisons in the tests and their helper modules, which would pass wrong work."""
    folders = (material.assignment.public, material.assignment.hidden)
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [problem for path in paths for problem in find_loose_comparisons(path)]


def _check_names(cases: Sequence[Case], tests: Sequence[str]) -> list[Problem]:
    return [
        Problem(case.path, 1, "loses", f"there is no test {name}", "name a test of this assignment")
        for case in cases
        if case.sort is Sort.WRONG
        for name in sorted(case.loses - set(tests))
    ]


def _grade(workshop: Workshop, case: Case, number: int, folder: Path) -> Seen:
    folder.mkdir(parents=True)
    files = {}
    for name, content in case.notebooks:
        files[name] = folder / name
        files[name].write_bytes(content)
    digest = sha256(b"".join(content for _, content in case.notebooks)).hexdigest()
    impatient = case.sort is Sort.HOSTILE and case.name == HANG
    grading = workshop.grade(Submitted(case.name, files), digest, impatient=impatient).grading
    verdicts = {test.id: test.verdict for question in grading.report.questions for test in question.tests}
    evidence, fault = grading.evidence, _fault(grading.report)
    return Seen(case, number, verdicts, evidence.details, evidence.seconds, fault, evidence.errors)


def _fault(report: Report) -> str | None:
    return None if report.outcome is Outcome.GRADED or report.questions else f"{report.outcome}: {report.reason}"


def _compare(seen: Seen) -> Iterator[Problem]:
    """What a case did that it should not."""
    case = seen.case
    place = f"{case.sort} answer “{case.name}”" + (f", round {seen.round + 1}" if seen.round else "")
    if seen.fault is not None:
        yield Problem(case.path, None, None, f"{place}: not graded ({seen.fault})", "mend the notebook or the fence")
        return
    for error in seen.errors:
        if error.question in case.questions:
            told = f"{place}: its cell does not run ({error.name}: {error.message.strip().split(chr(10))[0]})"
            remedy = "mend the cell: an answer that does not run loses every test and proves nothing"
            yield Problem(case.path, None, error.question, told, remedy)
    for test, verdict in seen.verdicts.items():
        wanted = Verdict.FAILED if test in case.loses else Verdict.PASSED
        if verdict is wanted:
            continue
        detail = seen.details.get(test, "").strip().split("\n")[0]
        told = f" ({detail})" if detail else ""
        remedy = _REMEDIES.get((case.sort, verdict), "mend the test, or the answer, or what it says it loses")
        if verdict is Verdict.UNDECIDED:
            remedy = "the test itself raised: check a value's type and shape before using it"
        yield Problem(case.path, None, test, f"{place}: {test} {verdict} instead of {wanted}{told}", remedy)


_REMEDIES = {
    (
        Sort.BLANK,
        Verdict.PASSED,
    ): "a test that nothing passes gives points for nothing: assert something about a result",
    (Sort.HOSTILE, Verdict.PASSED): "assert something that this value does not fulfil",
    (Sort.RIGHT, Verdict.FAILED): "the test refuses a right answer: loosen what the text does not ask for",
    (Sort.WRONG, Verdict.PASSED): "the test accepts this mistake: sharpen it, or take it off `# loses:`",
    (Sort.WRONG, Verdict.FAILED): "name the test in `# loses:`, or keep the mistake from costing twice",
    (Sort.REFERENCE, Verdict.FAILED): "the reference must pass its own tests",
}


def _unlost(material: Material, cases: Sequence[Case]) -> list[Problem]:
    lost = {test for case in cases if case.sort is Sort.WRONG for test in case.loses}
    return [
        Problem(test.file, test.line, test.id, "no wrong answer loses this test", "add one to wrong/ that does")
        for test in material.assignment.tests
        if test.id not in lost
    ]
