"""A class scored: sums, pools, attempts, and that shuffled rows or students change nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.quiz.draws import Draws
from autograder.quiz.load import load_quiz
from autograder.quiz.questions import Quiz
from autograder.quiz.responses import Response
from autograder.quiz.sheet import StudentScore, score_class

Write = Callable[[str], Path]
SINGLE = (
    "kind: single, prompt: P, penalty: guessing, choices: [{text: x, correct: true}, {text: y}, {text: z}, {text: w}]"
)
FILE = f"""quiz: q
title: Q
pools: [{{id: p, pick: 2, questions: [b, c, d]}}]
attempts: {{keep: best, most: 3, credit: [100, 50]}}
questions:
- {{id: a, points: 0.3, {SINGLE}}}
- {{id: b, {SINGLE}}}
- {{id: c, {SINGLE}}}
- {{id: d, {SINGLE}}}
- {{id: e, policy: void, points: 7, {SINGLE}}}
"""


@pytest.fixture
def quiz(quiz_file: Write) -> Quiz:
    """Five questions: a pool of three of which two are picked, one void."""
    return load_quiz(quiz_file(FILE))


def scored(quiz: Quiz, *rows: Response) -> list[StudentScore]:
    """The class."""
    return list(score_class(quiz, rows, Draws(quiz, None)))


def test_sums_are_exact_and_void_counts_nowhere(quiz: Quiz) -> None:
    """0.3 + 1 is 1.3; a void question is in neither sum; the pool is worth what it picks."""
    (one,) = scored(quiz, Response("ada", "a", "A"), Response("ada", "c", "A"), Response("ada", "e", "A"))
    assert (one.points, one.max_points) == (Decimal("1.3"), Decimal("2.3"))
    assert [each.id for each in one.questions] == ["a", "b", "c", "e"]
    assert quiz.max_points == one.max_points


def test_sum_is_never_below_zero(quiz: Quiz) -> None:
    """Penalties take points of other questions, not of other quizzes."""
    (one,) = scored(quiz, Response("ada", "b", "B"), Response("ada", "c", "B"))
    assert one.points == 0
    (other,) = scored(quiz, Response("ada", "b", "B"), Response("ada", "c", "A"))
    assert other.points == Decimal("0.6666666667")


def test_more_rows_than_a_pool_picks_are_refused(quiz: Quiz) -> None:
    """It cannot be known which of them were shown."""
    rows = [Response("ada", name, "A", line=number) for number, name in enumerate("bcd", 2)]
    with pytest.raises(CourseError, match="picks 2"):
        scored(quiz, *rows)


def test_attempts_count_as_the_quiz_says(quiz: Quiz) -> None:
    """The second attempt is worth half; a fourth is refused."""
    rows = [Response("ada", "b", "B"), Response("ada", "b", "A", attempt=2)]
    assert scored(quiz, *rows)[0].points == Decimal("0.5")
    with pytest.raises(CourseError, match="allows 3"):
        scored(quiz, Response("ada", "b", "A", attempt=4))


def test_order_of_rows_changes_nothing(quiz: Quiz) -> None:
    """The same responses in any order give every student the same."""
    generator = random.Random(0)
    rows = [
        Response(f"s{number}", name, generator.choice("ABCD"), attempt)
        for number in range(30)
        for name in "abc"
        for attempt in (1, 2)
    ]
    base = {each.student: each for each in scored(quiz, *rows)}
    generator.shuffle(rows)
    assert {each.student: each for each in scored(quiz, *rows)} == base
