"""Code questions of a quiz, graded as an assignment's are: behind the fence, by tests in another process.

    questions with the same folders of tests ─▶ a small assignment in a temporary folder (tests are links) ─▶ Workshop
    the responses of one student's attempt   ─▶ its notebook, with the responses as answers              ─▶ shares

The starter is the master's cell, so what it imports is imported once for everybody. Equal sets of responses are graded
once. What the machine or a test's own fault leaves undecided has no share: the points stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.course import Assignment, QuestionKind, raise_problems, scan_tests
from autograder.course import Question as Asked
from autograder.dispatch.engine import LocalEngine
from autograder.errors import Problem
from autograder.grading.material import Material, make_release
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import (
    CellKind,
    Master,
    MasterCell,
    Template,
    Variant,
    apply_variant,
    student_notebook,
    submission_notebook,
    to_bytes,
)
from autograder.quiz.questions import CodeQuestion, Quiz
from autograder.quiz.responses import Response
from autograder.results import Outcome, Report, Visibility

Key = tuple[str, str, int]
"""Student, question, attempt."""


@dataclass(frozen=True)
class QuizMaterial(Material):
    """An assignment made of code questions. `root`: the course that they belong to, which students may not see."""

    root: Path

    @property
    def secrets(self) -> tuple[Path, ...]:
        """The temporary course, and the real one."""
        real = Material(replace(self.assignment, course_root=self.root), (), (), ())
        return (*super().secrets, *real.secrets)


def grade_code(quiz: Quiz, root: Path, responses: Iterable[Response], *, jobs: int, seed: int) -> dict[Key, Fraction]:
    """(student, question, attempt) → the share that the tests give; what stayed undecided is left out.

    Raises CourseError for tests that cannot be read or collected, FenceError where nothing can be run.
    """
    answers: dict[tuple[str, int], dict[str, str]] = {}
    code = {question.id: question for question in quiz.questions if isinstance(question, CodeQuestion)}
    for each in responses:
        if each.question in code and each.text.strip():
            answers.setdefault((each.student, each.attempt), {})[each.question] = each.text
    shares: dict[Key, Fraction] = {}
    for questions in _by_tests(code.values()):
        names = {question.id for question in questions}
        own = {who: {name: text for name, text in texts.items() if name in names} for who, texts in answers.items()}
        wanted = {who: texts for who, texts in own.items() if texts}
        if wanted:
            shares.update(_grade_group(quiz, root, questions, wanted, jobs, seed))
    return shares


def _by_tests(questions: Iterable[CodeQuestion]) -> Iterator[list[CodeQuestion]]:
    groups: dict[tuple[str, str | None], list[CodeQuestion]] = {}
    for question in questions:
        groups.setdefault((question.tests, question.public), []).append(question)
    yield from groups.values()


def _grade_group(
    quiz: Quiz,
    root: Path,
    questions: Sequence[CodeQuestion],
    answers: Mapping[tuple[str, int], Mapping[str, str]],
    jobs: int,
    seed: int,
) -> Iterator[tuple[Key, Fraction]]:
    same: dict[tuple[tuple[str, str], ...], list[tuple[str, int]]] = {}
    for who, given in answers.items():
        same.setdefault(tuple(sorted(given.items())), []).append(who)
    with TemporaryDirectory(prefix="autograder-quiz-") as folder:
        material = make_material(quiz, root, questions, Path(folder))
        with Workshop(material, jobs=jobs, seed=seed) as workshop:
            workshop.warm_up()

            def work(item: tuple[int, tuple[tuple[str, str], ...]]) -> tuple[tuple[tuple[str, str], ...], Report]:
                number, texts = item
                path = Path(folder) / f"{number}.ipynb"
                path.write_bytes(_notebook(material, dict(texts)))
                submitted = Submitted(f"response-{number}", {material.assignment.notebooks[0]: path})
                digest = sha256(path.read_bytes()).hexdigest()
                return texts, workshop.grade(submitted, digest).grading.report

            for texts, report in LocalEngine(jobs).run(work, enumerate(same), workshop.close):
                for name, share in _shares(report, [name for name, _ in texts]):
                    yield from (((student, name, attempt), share) for student, attempt in same[texts])


def _shares(report: Report, names: Sequence[str]) -> Iterator[tuple[str, Fraction]]:
    """The shares of what is decided; a notebook that is refused for its size or form earns nothing."""
    if report.outcome is Outcome.REJECTED:
        yield from ((name, Fraction(0)) for name in names)
        return
    for result in report.questions:
        if result.id in names and result.points is not None and result.max_points:
            yield result.id, Fraction(result.points) / Fraction(result.max_points)


def make_material(quiz: Quiz, root: Path, questions: Sequence[CodeQuestion], folder: Path) -> QuizMaterial:
    """The questions as an assignment in `folder`, with links to their tests. CourseError for tests that do not fit."""
    problems: list[Problem] = []
    hidden = (root / "tests" / questions[0].tests).resolve()
    public = (root / "quizzes" / questions[0].public).resolve() if questions[0].public else None
    tests = scan_tests(public, Visibility.PUBLIC, problems).tests if public is not None else ()
    tests += scan_tests(hidden, Visibility.HIDDEN, problems, beside=public).tests
    names = {question.id for question in questions}
    for test in tests:
        if test.question not in names:
            wrong = f"the test is for `{test.question}`, which is no code question of the quiz `{quiz.id}`"
            problems.append(Problem(test.file, test.line, test.id, wrong, "give it a folder of its own"))
    raise_problems(problems)
    points = {name: sum((test.points for test in tests if test.question == name), Decimal(0)) for name in names}
    notebook = f"{quiz.id}.ipynb"
    assignment = Assignment(
        id=quiz.id,
        title=quiz.title,
        course_root=folder,
        questions=tuple(Asked(one.id, one.id, QuestionKind.CODE, points[one.id], (), notebook) for one in questions),
        tests=tests,
        notebooks=(notebook,),
    )
    for link, real in ((assignment.hidden, hidden), (assignment.public, public)):
        link.parent.mkdir(parents=True)
        if real is not None and real.is_dir():
            link.symlink_to(real, target_is_directory=True)
    master = Master(quiz.path, tuple(_cell(one.id, one.starter or f"# {one.id}") for one in questions))
    release = make_release(assignment, notebook)
    template = Template.from_notebook(student_notebook(master, release))
    return QuizMaterial(assignment, (master,), (release,), (template,), root.resolve())


def _notebook(material: QuizMaterial, texts: Mapping[str, str]) -> bytes:
    cells = tuple(_cell(name, text) for name, text in texts.items())
    answered = apply_variant(material.masters[0], Variant(material.masters[0].path, (), cells))
    return to_bytes(submission_notebook(answered, material.releases[0]))


def _cell(question: str, source: str) -> MasterCell:
    return MasterCell(CellKind.CODE, source, 1, released=source, question=question, is_answer=True)
