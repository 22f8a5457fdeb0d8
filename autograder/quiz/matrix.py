"""A class's responses as the table that is analysed: first attempts, scored, students × questions.

A blank has its points, a missing row is NaN. Of questions that are void, or that nobody's points are decided of, no
number can be said: they are left out. A response that cannot be read counts as an answer that picks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from autograder.quiz.analysis import Answers
from autograder.quiz.distractors import Picked
from autograder.quiz.draws import Draws
from autograder.quiz.keys import Unfit, choice_ids, split_ids
from autograder.quiz.questions import MultipleQuestion, OpenQuestion, Policy, Question, Quiz, SingleQuestion
from autograder.quiz.ranks import Floats
from autograder.quiz.responses import Response
from autograder.quiz.scoring import Scorer


@dataclass(frozen=True, slots=True)
class Table:
    """What can be analysed of a class, and the ids of the questions that cannot."""

    answers: Answers
    left_out: tuple[str, ...]


def table_of(quiz: Quiz, responses: Iterable[Response], draws: Draws) -> Table:
    """The first attempts of everybody who has a row. CourseError where a variant cannot be drawn."""
    first: dict[str, dict[str, Response]] = {question.id: {} for question in quiz.questions}
    students: dict[str, int] = {}
    for response in responses:
        students.setdefault(response.student, len(students))
        known = first[response.question].get(response.student)
        if known is None or response.attempt < known.attempt:
            first[response.question][response.student] = response
    columns = [_column(question, first[question.id], students, draws) for question in quiz.questions]
    used = [column for column in columns if column.decided]
    points = np.column_stack([column.points for column in used]) if used else np.zeros((len(students), 0))
    answers = Answers(
        questions=tuple(column.question.id for column in used),
        points=points,
        maxima=np.array([float(column.question.points) for column in used]),
        picked={column.question.id: column.picked for column in used if column.picked is not None},
        blank=np.column_stack([column.blank for column in used]) if used else None,
        granted=frozenset(column.question.id for column in used if _is_granted(column.question)),
    )
    return Table(answers, tuple(column.question.id for column in columns if not column.decided))


@dataclass(frozen=True, slots=True)
class _Column:
    question: Question
    points: Floats
    blank: NDArray[np.bool_]
    picked: Picked | None

    @property
    def decided(self) -> bool:
        """Whether the question counts, and somebody's points are known."""
        question = self.question
        return question.policy is not Policy.VOID and question.points > 0 and not bool(np.isnan(self.points).all())


def _is_granted(question: Question) -> bool:
    """Whether the points do not depend on what was answered."""
    by_policy = question.policy in (Policy.FULL_CREDIT, Policy.FULL_CREDIT_IF_ANSWERED)
    return by_policy or (isinstance(question, OpenQuestion) and question.credit == "participation")


def _column(question: Question, rows: Mapping[str, Response], students: Mapping[str, int], draws: Draws) -> _Column:
    points = np.full(len(students), np.nan)
    blank = np.zeros(len(students), dtype=bool)
    scorers: dict[tuple[Fraction, ...], Scorer] = {}
    for student, response in rows.items():
        drawn = draws.of(question, student, response.attempt)
        key = tuple(drawn.values())
        scorer = scorers.get(key) or scorers.setdefault(key, Scorer(question, drawn))
        share = scorer(response.text, response.certainty).share
        if share is not None:
            points[students[student]] = float(share * Fraction(question.points))
        blank[students[student]] = not response.text.strip()
    return _Column(question, points, blank, _picked(question, rows, students))


def _picked(question: Question, rows: Mapping[str, Response], students: Mapping[str, int]) -> Picked | None:
    """Who picked what, where there is something to pick."""
    if not isinstance(question, SingleQuestion | MultipleQuestion):
        return None
    ids = choice_ids(question)
    place = {name: number for number, name in enumerate(ids)}
    table = np.zeros((len(students), len(ids)), dtype=bool)
    known: dict[str, tuple[int, ...]] = {}
    for student, response in rows.items():
        found = known.get(response.text)
        if found is None:
            found = known[response.text] = tuple(place[name] for name in _read(response.text, ids))
        for column in found:
            table[students[student], column] = True
    correct = frozenset(choice.id for choice in question.choices if choice.correct)
    return Picked(ids, correct, table)


def _read(text: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return split_ids(text, ids)
    except Unfit:
        return ()
