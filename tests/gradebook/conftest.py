"""A gradebook of its own for each test, and gradings to put into it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.gradebook import Gradebook
from autograder.results import (
    CellError,
    Evidence,
    Grading,
    Outcome,
    QuestionResult,
    Report,
    TestResult,
    Verdict,
    Visibility,
)

THIRD = Decimal(1) / 3  # no float holds it
FINGERPRINTS = {"test_a": "fa", "test_b": "fb"}


def make_grading(
    student: str = "ada",
    *,
    submission: str = "sha256:1",
    outcome: Outcome = Outcome.GRADED,
    points: str = "0.3",
    **more,
) -> Grading:
    """A grading of two tests, the second undecided where the outcome is."""
    decided = outcome is Outcome.GRADED
    tests = (
        TestResult("test_a", Verdict.PASSED, THIRD, THIRD, Visibility.HIDDEN),
        TestResult(
            "test_b",
            Verdict.FAILED if decided else Verdict.UNDECIDED,
            Decimal(0) if decided else None,
            Decimal("0.10"),
            Visibility.PUBLIC,
            "Why? \ud800\0é",
        ),
    )
    total = Decimal(points) if decided else None
    report = Report(
        assignment=more.pop("assignment", "cosine"),
        student=student,
        members=more.pop("members", (student,)),
        submission=submission,
        outcome=outcome,
        max_points=Decimal("2.50"),
        points=total,
        questions=(QuestionResult("q", total, Decimal("2.50"), tests),),
        seed=7,
        seconds=0.123456,
        **more,
    )
    evidence = Evidence(
        details={"test_b": "expected 1, got \0\ud800"},
        seconds={"test_a": 0.1, "test_b": 0.2},
        errors=(CellError("a.ipynb", 3, "q", "ValueError", "no", 2, "x = 1"),),
        written={"design": "Because …"},
        executed={"a.ipynb": {"nbformat": 4, "cells": [{"outputs": ["é"]}]}},
        peak=180 * 2**20,
    )
    return Grading(report, evidence)


def put(book: Gradebook, grading: Grading, key: str = "k", answers: str = "a1", **more) -> int:
    """Record `grading` with the key, answers and fingerprints that these tests use."""
    environment = more.pop("environment", "env")
    fingerprints = more.pop("fingerprints", FINGERPRINTS)
    return book.record(grading, key=key, answers=answers, environment=environment, fingerprints=fingerprints, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the gradebook of the test lies."""
    return tmp_path / "course" / ".autograder" / "gradebook.db"


@pytest.fixture
def book(path: Path) -> Iterator[Gradebook]:
    """An empty gradebook."""
    with Gradebook.open(path) as book:
        yield book


@pytest.fixture
def grading() -> Callable[..., Grading]:
    """`make_grading`, for tests that name what they need."""
    return make_grading


@pytest.fixture
def record(book: Gradebook) -> Callable[..., int]:
    """Record a grading in `book` with the usual key: `record(grading, key=…)`."""
    return lambda one, **more: put(book, one, **more)
