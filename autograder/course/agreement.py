"""Whether questions, rubrics and tests agree: unique ids, known questions, points that add up.

Works on what could be read: entries of assignment.yml that are right by themselves, even if others are not, so that an
author sees all disagreements in the first run. What depends on something unreadable is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from autograder.course.assignment import QuestionEntry
from autograder.course.problems import closest, listed
from autograder.course.testscan import Scan, TestSpec
from autograder.course.yamlfile import KeyPath, YamlFile
from autograder.errors import Problem


@dataclass(frozen=True, slots=True)
class Placed:
    """A question that is right by itself, and its place in the file."""

    place: KeyPath
    entry: QuestionEntry


def check_questions(file: YamlFile, questions: Sequence[Placed], notebooks: Sequence[str]) -> Iterator[Problem]:
    """Ids are unique, rubrics belong to written questions and add up, notebooks are listed."""
    seen: dict[str, int | None] = {}
    for question in questions:
        place, entry = question.place, question.entry
        if entry.id in seen:
            wrong = f"the question `{entry.id}` is here twice, first on line {seen[entry.id]}"
            yield file.problem((*place, "id"), wrong, "give every question of the assignment an id of its own")
        seen.setdefault(entry.id, file.line((*place, "id")))
        if entry.notebook is not None and entry.notebook not in notebooks:
            wrong = f"the notebook {entry.notebook} is not one of this assignment's notebooks"
            yield file.problem(
                (*place, "notebook"), wrong, f"write one of {listed(notebooks)}, or add it to `notebooks:`"
            )
        if entry.rubric:
            yield from _check_rubric(file, question)


def _check_rubric(file: YamlFile, question: Placed) -> Iterator[Problem]:
    place, entry = (*question.place, "rubric"), question.entry
    if entry.kind != "written":
        wrong = f"the code question `{entry.id}` has a rubric"
        yield file.problem(place, wrong, "remove it, or make the question `kind: written`")
        return
    names = [item.id for item in entry.rubric]
    for number, name in enumerate(names):
        if name in names[:number]:
            wrong = f"the rubric of `{entry.id}` has the item `{name}` twice"
            yield file.problem((*place, number, "id"), wrong, "give every item of a rubric an id of its own")
    total = sum((item.points for item in entry.rubric), Decimal(0))
    if total != entry.points:
        wrong = f"the rubric of `{entry.id}` adds up to {_plain(total)} points, the question has {_plain(entry.points)}"
        remedy = f"change the rubric, or write `points: {_plain(total)}`"
        yield file.problem((*question.place, "points"), wrong, remedy)


def check_tests(
    file: YamlFile, questions: Sequence[Placed], broken: Iterable[str], scans: Sequence[Scan], hidden: Path
) -> Iterator[Problem]:
    """Tests have unique names and known code questions, whose points they add up to.

    `broken`: ids of questions that are in the file but not right by themselves. `hidden`: where new tests would go.
    """
    tests = [test for scan in scans for test in scan.tests]
    unsure = {*broken}.union(*(scan.unsure for scan in scans))
    by_id: dict[str, Placed] = {}
    for question in questions:
        by_id.setdefault(question.entry.id, question)
    yield from _check_names(tests)
    for test in tests:
        known = by_id.get(test.question)
        if known is None and test.question not in unsure:
            match = closest(test.question, by_id)
            unsure.update([match] if match else [])  # its points are probably these
            wrong = f"the test is for the question `{test.question}`, which is not in assignment.yml"
            code = [name for name, each in by_id.items() if each.entry.kind == "code"]
            otherwise = f"add it there, or name one of {listed(code, 'its questions')}"
            remedy = f"did you mean `{match}`?" if match else otherwise
            yield Problem(test.file, test.line, test.id, wrong, remedy)
        elif known is not None and known.entry.kind == "written":
            wrong = f"the test is for the written question `{test.question}`, which a person grades"
            yield Problem(test.file, test.line, test.id, wrong, "name a code question, or make it `kind: code`")
    if all(scan.complete for scan in scans):
        yield from _check_sums(file, [each for each in by_id.values() if each.entry.id not in unsure], tests, hidden)


def _check_names(tests: Sequence[TestSpec]) -> Iterator[Problem]:
    seen: dict[str, TestSpec] = {}
    for test in tests:
        first = seen.setdefault(test.id, test)
        if first is not test:
            wrong = f"another test has this name: {first.file.parent.name}/{first.file.name}, line {first.line}"
            remedy = "rename one: names of tests are unique over all public and hidden tests of an assignment"
            yield Problem(test.file, test.line, test.id, wrong, remedy)


def _check_sums(
    file: YamlFile, questions: Sequence[Placed], tests: Sequence[TestSpec], hidden: Path
) -> Iterator[Problem]:
    for question in questions:
        entry = question.entry
        amounts = [test.points for test in tests if test.question == entry.id]
        if entry.kind != "code":
            continue
        if not amounts:
            mark = f'@pytest.mark.question("{entry.id}", points={_plain(entry.points)})'
            remedy = f"write one in {hidden.as_posix()}/test_*.py, with {mark}"
            yield file.problem((*question.place, "id"), f"the code question `{entry.id}` has no test", remedy)
        elif (total := sum(amounts, Decimal(0))) != entry.points:
            wrong = (
                f"the tests of `{entry.id}` add up to {_plain(total)} points, the question has {_plain(entry.points)}"
            )
            remedy = f"change the tests ({' + '.join(map(_plain, amounts))}), or write `points: {_plain(total)}`"
            yield file.problem((*question.place, "points"), wrong, remedy)


def _plain(amount: Decimal) -> str:
    """An amount without trailing zeros and without an exponent."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
