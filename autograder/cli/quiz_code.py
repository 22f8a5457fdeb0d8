"""What `quiz score` does with code questions: their tests, behind the fence. Imported only where there is code."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import click

from autograder.course import Course
from autograder.dispatch.quizcode import Key, grade_code
from autograder.errors import FenceError
from autograder.quiz.questions import Quiz
from autograder.quiz.responses import Response
from autograder.quiz.variants import Stream

_SEEDS = 2**31


def shares_of_code(
    course: Course, quiz: Quiz, rows: Sequence[Response], secret: bytes, jobs: int
) -> dict[Key, Fraction]:
    """What the tests give each response to a code question; nothing, and a sentence, where there is no fence."""
    seed = Stream(secret, quiz.id, "seed of the tests").below(_SEEDS)
    try:
        return grade_code(quiz, course.root, rows, jobs=jobs, seed=seed)
    except FenceError as error:
        click.echo(f"Code questions stay open, because no fence could be had: {error}", err=True)
        click.echo("Run `autograder doctor` to see what is missing.", err=True)
        return {}
