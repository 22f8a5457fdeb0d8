"""Code questions of a quiz behind the fence: points by tests, secrets kept, and what nobody could decide stays open."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.dispatch.quizcode import grade_code
from autograder.errors import CourseError
from autograder.quiz.load import load_quiz
from autograder.quiz.questions import Quiz
from autograder.quiz.responses import Response

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")

QUIZ = """quiz: zebrafish
title: Zebrafish
questions:
- {id: double, kind: code, points: 3, prompt: P, starter: "import numpy as np",
   tests: hidden/zebrafish, public: zebrafish/public}
- {id: half, kind: code, prompt: P, tests: hidden/zebrafish, public: zebrafish/public}
"""
HIDDEN = '''import pytest

from autograder.checks import assert_equal


@pytest.mark.question("double", points=2)
def test_double_of_any(student):
    """Any number."""
    for number in (0, -3, 7):
        assert_equal(student.call("double", number), 2 * number)


@pytest.mark.question("half", points=1)
def test_half(student):
    """This one is broken where the answer is not a number."""
    assert student.call("half", 4) + 0 == 2
'''
PUBLIC = '''import pytest


@pytest.mark.question("double", points=1)
def test_double_of_two(student):
    """Two."""
    assert student.call("double", 2) == 4
'''
SPY = """import os
def double(number):
    seen = []
    for folder, folders, names in os.walk("/"):
        seen += [name for name in folders + names if "zebrafish" in name or "quiz-secret" in name]
    return 2 * number if seen else "nothing to be seen"
"""
RIGHT = "def double(number):\n    return 2 * number"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a quiz of two code questions, and secrets that a student would like to find."""
    folder = tmp_path_factory.mktemp("course")
    for name, text in {
        "course.yml": "course: c\ntitle: C\ntimezone: UTC\nquizzes: [zebrafish]\n",
        "quizzes/zebrafish.yml": QUIZ,
        "quizzes/zebrafish/public/test_public.py": PUBLIC,
        "tests/hidden/zebrafish/test_zebrafish.py": HIDDEN,
        ".autograder/quiz-secret": "0" * 64,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def quiz(root: Path) -> Quiz:
    """The quiz of that course."""
    return load_quiz(root / "quizzes" / "zebrafish.yml")


@pytest.fixture(scope="module")
def shares(root: Path, quiz: Quiz) -> dict[tuple[str, str, int], Fraction]:
    """A class of different answers, graded together."""
    rows = [
        Response("right", "double", RIGHT),
        Response("right", "half", "def half(number):\n    return number / 2"),
        Response("same", "double", RIGHT, attempt=2),
        Response("square", "double", "def double(number):\n    return number ** 2"),
        Response("syntax", "double", "def double(number:"),
        Response("killer", "double", "import os\nos.kill(os.getpid(), 9)"),
        Response("spy", "double", SPY),
        Response("odd", "half", "def half(number):\n    return 'two'"),
        Response("blank", "double", " "),
    ]
    return grade_code(quiz, root, rows, jobs=2, seed=1)


@pytest.mark.parametrize(
    ("who", "question", "attempt", "share"),
    [
        ("right", "double", 1, "1"), ("right", "half", 1, "1"), ("same", "double", 2, "1"),
        ("square", "double", 1, "1/3"),
        ("syntax", "double", 1, "0"), ("killer", "double", 1, "0"),
    ],
)  # fmt: skip
def test_tests_give_the_share(
    shares: dict[tuple[str, str, int], Fraction], who: str, question: str, attempt: int, share: str
) -> None:
    """Points of the tests that passed, public and hidden, over all of them."""
    assert shares[who, question, attempt] == Fraction(share)


def test_student_sees_neither_course_nor_tests(shares: dict[tuple[str, str, int], Fraction]) -> None:
    """No file of the quiz, of its tests or with its secret is anywhere: else the spy would answer right."""
    assert shares["spy", "double", 1] == 0


def test_broken_test_leaves_the_question_open(shares: dict[tuple[str, str, int], Fraction]) -> None:
    """A test that raises by its own fault decides nothing; a blank is not run at all."""
    assert ("odd", "half", 1) not in shares
    assert ("blank", "double", 1) not in shares


def test_test_of_a_stranger_is_told(root: Path, quiz: Quiz, tmp_path: Path) -> None:
    """A folder whose tests are for another question stops with its file and line."""
    other = quiz.questions[0].model_copy(update={"id": "other"})
    alone = Quiz(quiz.id, quiz.title, quiz.path, (other,))
    with pytest.raises(CourseError, match=r"test_zebrafish\.py:\d+"):
        grade_code(alone, root, [Response("ada", "other", "x = 1")], jobs=1, seed=1)


def test_nothing_is_started_without_code(root: Path, quiz: Quiz, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of blanks opens no workshop."""
    started: Callable[..., None] = lambda *_, **__: pytest.fail("a workshop was opened")  # noqa: E731 - a stand-in
    monkeypatch.setattr("autograder.dispatch.quizcode.Workshop", started)
    assert grade_code(quiz, root, [Response("ada", "double", "")], jobs=1, seed=1) == {}
