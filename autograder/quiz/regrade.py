"""A changed key: who would gain and who would lose, and then the same, written.

    stored responses, as they came ──▶ ids of today (remapping.py) ──▶ scored by today's quiz ──▶ Plan ──▶ commit

`plan` writes nothing. Only responses that the gradebook has are scored, so a plan does not depend on any file but the
quiz and its tests. A second plan after the commit has nothing to write. Code is run again where the caller can; points
that a person gave are kept, and those of tests where they cannot be run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any, Final

from autograder.course.problems import raise_problems
from autograder.errors import AutograderError, Problem
from autograder.gradebook import (
    QuestionScore,
    QuizBook,
    QuizScore,
    QuizVersion,
    Replacement,
    StaleRegrade,
    StoredScore,
)
from autograder.quiz.draws import Draws
from autograder.quiz.questions import Policy, Quiz
from autograder.quiz.recording import to_stored, version_of
from autograder.quiz.remapping import Moves, Remapping, remapping
from autograder.quiz.responses import Response
from autograder.quiz.scoring import as_decimal
from autograder.quiz.sheet import Outside, score_class

RunCode = Callable[[Sequence[Response]], Outside]

_PAGE: Final = 500  # students scored at a time
_BY_POLICY: Final = (Policy.FULL_CREDIT, Policy.FULL_CREDIT_IF_ANSWERED, Policy.VOID)


class RegradeRefused(AutograderError):
    """The regrade cannot be committed; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """A student whose result would differ: points and most points before and after, and the questions behind it."""

    student: str
    before: Decimal
    after: Decimal
    most_before: Decimal
    most_after: Decimal
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a regrade would do. `replacements` are to be written: changed scores, and equal ones under a new key.

    `total_before` and `total_after` are the points of the whole class.
    """

    version: QuizVersion
    students: int
    total_before: Decimal
    total_after: Decimal
    changes: tuple[Change, ...]
    replacements: tuple[Replacement, ...]
    mappings: Mapping[str, Mapping[str, Any]]

    @property
    def gain(self) -> tuple[Change, ...]:
        """Who would have more points."""
        return tuple(change for change in self.changes if change.after > change.before)

    @property
    def lose(self) -> tuple[Change, ...]:
        """Who would have fewer points."""
        return tuple(change for change in self.changes if change.after < change.before)


def plan(
    quiz: Quiz,
    book: QuizBook,
    draws: Draws,
    given: Mapping[str, Moves] | None = None,
    run_code: RunCode | None = None,
) -> Plan:
    """What scoring the stored responses by today's quiz would change. CourseError where their choices are unclear.

    `given`: by question, what became of its choices. `run_code` gives the shares of code; without it they stay.
    """
    version = version_of(quiz)
    remap = _remapping(quiz, book, given or {})
    outside = _outside(quiz, book, remap, run_code)
    changes: list[Change] = []
    replacements: list[Replacement] = []
    students, before, after = 0, Decimal(0), Decimal(0)
    stored = book.current(quiz.id)
    while page := list(islice(stored, _PAGE)):
        students += len(page)
        for old, new in zip(page, _scored(quiz, book, page, draws, remap, outside), strict=True):
            before, after = before + old.score.points, after + new.points
            change = _change(old, new)
            if change is not None:
                changes.append(change)
            if old.version != version.version or old.score != new:
                differs = old.score.points != new.points
                replacements.append(Replacement(old.sheet.student, old.score_id, old.sheet_id, differs, new))
    return Plan(version, students, before, after, tuple(changes), tuple(replacements), remap.record)


def commit(book: QuizBook, planned: Plan, *, reason: str, author: str) -> int | None:
    """Write a plan with its reason and author; the regrade's number, or None if there was nothing to write.

    RegradeRefused without a reason or an author, or if scores were recorded since the plan.
    """
    if not reason.strip() or not author.strip():
        raise RegradeRefused("A regrade needs a reason and an author: they stand in its history.")
    if not planned.replacements:
        return None
    try:
        return book.regrade(
            planned.version,
            planned.replacements,
            reason=reason.strip(),
            author=author.strip(),
            mappings=planned.mappings,
        )
    except StaleRegrade as error:
        raise RegradeRefused("Scores were recorded since this was worked out: run it again.") from error


def _remapping(quiz: Quiz, book: QuizBook, given: Mapping[str, Moves]) -> Remapping:
    outlines = {version: book.outline(quiz.id, version) or {} for version in book.answered(quiz.id)}
    problems: list[Problem] = []
    found = remapping(quiz, outlines, given, book.regrades(quiz.id), problems)
    raise_problems(problems)
    return found


def _outside(quiz: Quiz, book: QuizBook, remap: Remapping, run_code: RunCode | None) -> Outside:
    """What tests give the stored code, all of it in one run."""
    code = {question.id for question in quiz.questions if question.kind == "code"}
    if not code or run_code is None:
        return {}
    return run_code([each for each in _responses(book.current(quiz.id), remap) if each.question in code])


def _scored(
    quiz: Quiz, book: QuizBook, page: Sequence[StoredScore], draws: Draws, remap: Remapping, outside: Outside
) -> Iterator[QuizScore]:
    """The scores of these students by today's quiz, in their order."""
    scores = score_class(quiz, _responses(page, remap), draws, outside)
    outlines = {version: book.outline(quiz.id, version) or {} for version in {one.version for one in page}}
    for old, new in zip(page, scores, strict=True):
        yield _kept(to_stored(new), old, outlines[old.version])


def _responses(page: Iterable[StoredScore], remap: Remapping) -> Iterator[Response]:
    for one in page:
        for row in one.sheet.responses:
            text = remap.response(one.answered, row.question, row.response)
            yield Response(one.sheet.student, row.question, text, row.attempt, row.time, row.certainty)


def _kept(new: QuizScore, old: StoredScore, outline: Mapping[str, Any]) -> QuizScore:
    """The new score with the points that tests or a person gave, where scoring alone leaves a question open."""
    given = {
        each.id: each.share
        for each in old.score.questions
        if each.share is not None and outline.get(each.id, {}).get("policy") not in _BY_POLICY
    }
    if not any(each.share is None and each.id in given for each in new.questions):
        return new
    questions = tuple(
        _decided(each, given[each.id]) if each.share is None and each.id in given else each for each in new.questions
    )
    earned = sum((each.share * Fraction(each.max_points) for each in questions if each.share is not None), Fraction(0))
    pending = sum((each.max_points for each in questions if each.share is None), Decimal(0))
    return QuizScore(as_decimal(max(earned, Fraction(0))), new.max_points, pending, questions)


def _decided(question: QuestionScore, share: Fraction) -> QuestionScore:
    points = as_decimal(share * Fraction(question.max_points))
    return QuestionScore(question.id, share, points, question.max_points, share >= 1)


def _change(old: StoredScore, new: QuizScore) -> Change | None:
    before = old.score
    if (before.points, before.max_points, before.pending) == (new.points, new.max_points, new.pending):
        return None
    was = {each.id: (each.points, each.max_points) for each in before.questions}
    different = tuple(each.id for each in new.questions if was.get(each.id) != (each.points, each.max_points))
    return Change(old.sheet.student, before.points, new.points, before.max_points, new.max_points, different)
