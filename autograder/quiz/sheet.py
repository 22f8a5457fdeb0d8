"""A class scored: responses of all students → one line of results for each, as the contract has it.

A question that a student has no row for is a blank. Of a pool a student has the questions with a row, filled up with
blanks to as many as the pool picks: all are worth the same. The sum of a quiz is never below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograder.course.problems import raise_problems
from autograder.errors import CourseError, Problem
from autograder.quiz.attempts import combined
from autograder.quiz.draws import Draws
from autograder.quiz.evaluate import Undefined
from autograder.quiz.questions import Question, Quiz
from autograder.quiz.responses import Response
from autograder.quiz.scoring import Score, Scorer, as_decimal
from autograder.results import number

Outside = Mapping[tuple[str, str, int], Fraction]
"""(student, question, attempt) → the share that tests or a person gave."""


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """What a student earned at one question; `points` is None while undecided. `share`: exact, None as well."""

    id: str
    share: Fraction | None
    points: Decimal | None
    max_points: Decimal
    correct: bool | None
    messages: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "points": number(self.points),
            "max_points": number(self.max_points),
            "correct": self.correct,
        }


@dataclass(frozen=True, slots=True)
class StudentScore:
    """What a student earned: `points` of what is decided, `max_points` of all questions."""

    quiz: str
    student: str
    points: Decimal
    max_points: Decimal
    questions: tuple[QuestionScore, ...]

    @property
    def pending(self) -> Decimal:
        """The points of questions that tests or a person have to decide."""
        return sum((each.max_points for each in self.questions if each.points is None), Decimal(0))

    def to_json(self) -> dict[str, Any]:
        return {
            "quiz": self.quiz,
            "student": self.student,
            "points": number(self.points),
            "max_points": number(self.max_points),
            "questions": [each.to_json() for each in self.questions],
        }


def score_class(
    quiz: Quiz, responses: Iterable[Response], draws: Draws, outside: Outside | None = None
) -> Iterator[StudentScore]:
    """Every student who has a row, in the order of the first one. CourseError for rows that the quiz does not allow."""
    by_student: dict[str, dict[str, list[Response]]] = {}
    problems: list[Problem] = []
    for response in responses:
        if quiz.attempts.most is not None and response.attempt > quiz.attempts.most:
            wrong = f"attempt {response.attempt} of {response.student}, and the quiz allows {quiz.attempts.most}"
            problems.append(Problem("responses", response.line, "attempt", wrong, "correct `attempts: {most: …}`"))
        by_student.setdefault(response.student, {}).setdefault(response.question, []).append(response)
    for student, rows in by_student.items():
        problems.extend(_pool_problems(quiz, student, rows))
    raise_problems(problems)
    marker = _Marker(quiz, draws, outside or {})
    for student, rows in by_student.items():
        yield marker.student(student, rows)


def _pool_problems(quiz: Quiz, student: str, rows: Mapping[str, Sequence[Response]]) -> Iterator[Problem]:
    for pool in quiz.pools:
        answered = [name for name in pool.questions if name in rows]
        if len(answered) > pool.pick:
            wrong = f"{student} has rows for {len(answered)} questions of the pool `{pool.id}`, which picks {pool.pick}"
            line = rows[answered[-1]][0].line
            yield Problem("responses", line, "question", wrong, "keep the rows of the questions that were shown")


class _Marker:
    """Scores students one by one; what is the same for many is made once."""

    def __init__(self, quiz: Quiz, draws: Draws, outside: Outside) -> None:
        self._quiz, self._draws, self._outside = quiz, draws, outside
        self._scorers: dict[tuple[str, tuple[tuple[str, Fraction], ...]], Scorer] = {}
        self._pooled = {name for pool in quiz.pools for name in pool.questions}
        self._amounts: dict[tuple[Decimal, Fraction], Decimal] = {}

    def student(self, student: str, rows: Mapping[str, Sequence[Response]]) -> StudentScore:
        scores = tuple(self._question(question, student, rows) for question in self._asked(rows))
        total = sum(
            (each.share * Fraction(each.max_points) for each in scores if each.share is not None and each.max_points),
            Fraction(0),
        )
        most = sum((each.max_points for each in scores), Decimal(0))
        return StudentScore(self._quiz.id, student, as_decimal(max(total, Fraction(0))), most, scores)

    def _asked(self, rows: Mapping[str, Sequence[Response]]) -> Iterator[Question]:
        """The questions of a student in the order of the file."""
        chosen: set[str] = set()
        for pool in self._quiz.pools:
            answered = [name for name in pool.questions if name in rows]
            blank = [name for name in pool.questions if name not in rows]
            chosen.update([*answered, *blank][: pool.pick])
        yield from (each for each in self._quiz.questions if each.id not in self._pooled or each.id in chosen)

    def _question(self, question: Question, student: str, rows: Mapping[str, Sequence[Response]]) -> QuestionScore:
        given = rows.get(question.id) or (Response(student, question.id, ""),)
        scores = [(each.attempt, self._score(question, each)) for each in given]
        messages = tuple(score.message for _, score in scores if score.message)
        if not scores[0][1].counted:
            return QuestionScore(question.id, Fraction(0), Decimal(0), Decimal(0), None, messages)
        first = scores[0]
        if len(scores) == 1 and first[0] == 1 and not self._quiz.attempts.credit:
            share = first[1].share
        else:
            share = combined([(attempt, score.share) for attempt, score in scores], self._quiz.attempts)
        if share is None:
            return QuestionScore(question.id, None, None, question.points, None, messages)
        return QuestionScore(
            question.id, share, self._points(question.points, share), question.points, share >= 1, messages
        )

    def _score(self, question: Question, response: Response) -> Score:
        try:
            return self._scored(question, response)
        except Undefined as error:  # the author's fault, whatever the response was
            wrong = f"the variant of {response.student} has no right answer: {error}"
            remedy = f"run `autograder quiz check {self._quiz.id}`, and change the ranges or the formula"
            raise CourseError([Problem(self._quiz.path, None, question.id, wrong, remedy)]) from error

    def _scored(self, question: Question, response: Response) -> Score:
        blank = not response.text.strip()  # scored without its variant, which need not have been drawn
        drawn = {} if blank else self._draws.of(question, response.student, response.attempt)
        key = (question.id, tuple(drawn.items()))
        scorer = self._scorers.get(key)
        if scorer is None:
            scorer = self._scorers[key] = Scorer(question, drawn)
        outside = self._outside.get((response.student, response.question, response.attempt))
        return scorer(response.text, response.certainty, outside)

    def _points(self, points: Decimal, share: Fraction) -> Decimal:
        known = self._amounts.get((points, share))
        if known is None:
            known = self._amounts[points, share] = as_decimal(share * Fraction(points))
        return known
