"""A made-up class, for tests and for pictures of the pages: `python classroom.py DIR` writes its reports."""

from __future__ import annotations

import base64
import random
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from autograder.reports import AssignmentInfo, Kind, QuestionInfo, write_reports
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

HIDDEN, PUBLIC = Visibility.HIDDEN, Visibility.PUBLIC

# id, question, points, visibility, chance to pass, hint, first sentence of the docstring
TESTS: tuple[tuple[str, str, str, Visibility, float, str | None, str], ...] = (
    ("test_known_angle", "cosine", "1", PUBLIC, 0.97, None, "Two arrows at 60 degrees have cosine 0.5."),
    ("test_ignores_scale", "cosine", "2", HIDDEN, 0.84, "What happens for arrows of different lengths?",
     "Cosine does not change when a vector is scaled."),
    ("test_zero_vector", "cosine", "1", HIDDEN, 0.42, "An arrow of length zero has no direction. What do you return?",
     "A zero vector gives 0 and not nan."),
    ("test_matrix_shape", "pairwise", "1.5", PUBLIC, 0.93, None, "n films give an n × n matrix."),
    ("test_matrix_values", "pairwise", "2.5", HIDDEN, 0.78, "Try it on three films by hand, then compare.",
     "Every entry is the cosine of its two rows."),
    ("test_no_python_loop", "pairwise", "1", HIDDEN, 0.55, "Which single product of matrices holds all dot products?",
     "4,000 rows are done within the time of one matrix product."),
    ("test_top_three", "recommend", "3", PUBLIC, 0.88, None, "The three nearest films come back in order."),
    ("test_leaves_out_itself", "recommend", "2", HIDDEN, 0.71, "Which film is always nearest to a film?",
     "A film is never recommended for itself."),
    ("test_ties_by_title", "recommend", "3", HIDDEN, 0.36, "Read the sentence about films that are equally near again.",
     "Films at the same distance come in the order of their titles."),
)  # fmt: skip

INFO = AssignmentInfo(
    id="cosine-similarity",
    title="Cosine similarity and content-based recommendation",
    course_title="EEP 596 · LLMs: From Transformers to GPT",
    max_points=Decimal(20),
    questions=(
        QuestionInfo("cosine", "Cosine of two vectors", Kind.CODE, Decimal(4)),
        QuestionInfo("pairwise", "All pairs at once", Kind.CODE, Decimal(5)),
        QuestionInfo("recommend", "Recommend three films", Kind.CODE, Decimal(8)),
        QuestionInfo(
            "design",
            "Which film, and why",
            Kind.WRITTEN,
            Decimal(3),
            ("2: Argues from the angle and not from the length", "1: Names one case where cosine misleads"),
        ),
    ),
    tests={test[0]: test[6] for test in TESTS},
)

NAMES = """
ada grace alan barbara edsger katherine donald margaret john radia ken fei-fei yann shafi geoffrey frances
yoshua lynn judea daphne claude annie john-b cynthia marvin anita herbert hedy dennis joan tony karen niklaus
mary seymour dorothy leslie evelyn robin sister-kenneth ivan elizabeth raj lotfi timnit
"""

SAW = """    def test_top_three(student):
        films = {"Alien": [9, 1, 0], "Aliens": [8, 3, 0], "Amélie": [0, 1, 9], "Arrival": [7, 2, 3]}
>       assert student.call("recommend", "Alien", films) == ["Aliens", "Arrival", "Amélie"]
E       AssertionError: got ['Alien', 'Aliens', 'Arrival'], expected ['Aliens', 'Arrival', 'Amélie']"""

ANSWER = """I would recommend Arrival. Its arrow points the same way as Alien's (cosine 0.96), though it is shorter.

Cosine misleads when two films share only one tag each: then every angle is 0 or 90 degrees."""


@cache
def png(width: int = 240, height: int = 120) -> str:
    """A small picture (two soft curves) as the base64 text of a notebook output."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            first, second = height - x * x * height / width / width, height * 0.75 - x * height * 0.5 / width
            near = min(abs(y - first), abs(y - second))
            rows += bytes((40, 90, 150)) if near < 1.5 else b"\xff\xff\xff"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    drawn = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + drawn).decode("ascii")


def notebook() -> dict[str, Any]:
    """An executed notebook with one output of each kind."""
    code = "def cosine_similarity(u, v):\n    return u @ v / (norm(u) * norm(v))"
    traceback = ["\x1b[0;31mZeroDivisionError\x1b[0m: division by zero"]
    return {
        "nbformat": 4,
        "cells": [
            {"cell_type": "markdown", "source": "# Cosine similarity"},
            {"cell_type": "code", "source": code, "outputs": []},
            {
                "cell_type": "code",
                "source": "print(cosine_similarity(u, v))\nplot(history)",
                "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["0.9659\n", "\x1b[32mdone\x1b[0m\n"]},
                    {"output_type": "display_data", "data": {"image/png": png(), "text/plain": "<Figure>"}},
                    {"output_type": "execute_result", "data": {"text/html": "<b>table</b>"}},
                ],
            },
            {
                "cell_type": "code",
                "source": "1 / 0",
                "outputs": [{"output_type": "error", "ename": "E", "evalue": "x", "traceback": traceback}],
            },
        ],
    }


def grading(name: str, chance: random.Random, skill: float) -> Grading:
    """One graded submission of a student who passes the more tests the higher `skill` (about 1) is."""
    questions, details, seconds = [], {}, {}
    for question in INFO.questions:
        results = []
        for id, of, points, visibility, ease, hint, _ in TESTS:
            if of != question.id:
                continue
            passed = chance.random() < ease ** (1 / skill)
            verdict = Verdict.PASSED if passed else Verdict.FAILED
            seconds[id] = round(chance.lognormvariate(-3.6, 0.5), 4)
            if not passed:
                details[id] = SAW if id == "test_top_three" else f"AssertionError: {id} saw something else"
            earned = Decimal(points) if passed else Decimal(0)
            results.append(TestResult(id, verdict, earned, Decimal(points), visibility, None if passed else hint))
        total = sum((result.points or Decimal(0) for result in results), Decimal(0)) if results else None
        questions.append(QuestionResult(question.id, total, question.points, tuple(results)))
    points = sum((question.points or Decimal(0) for question in questions), Decimal(0))
    report = Report(
        assignment=INFO.id,
        student=name,
        members=(name,),
        submission="sha256:" + "".join(chance.choice("0123456789abcdef") for _ in range(64)),
        outcome=Outcome.GRADED,
        max_points=INFO.max_points,
        submitted_at=f"2025-02-0{chance.randint(1, 3)}T{chance.randint(10, 23)}:{chance.randint(10, 59)}:00-08:00",
        points=points,
        manual_points_pending=Decimal(3),
        questions=tuple(questions),
        isolation="full",
        seed=20250203,
        seconds=round(sum(seconds.values()) + chance.uniform(0.02, 0.2), 3),
    )
    evidence = Evidence(details, seconds, (), {"design": ANSWER}, {"cosine-similarity.ipynb": notebook()})
    return Grading(report, evidence)


def with_error(done: Grading) -> Grading:
    """The same submission with a cell that fails, a repair and a flag."""
    error = CellError(
        "cosine-similarity.ipynb",
        11,
        "recommend",
        "KeyError",
        "'Allien'",
        2,
        'recommend("Allien", films)',
    )
    report = replace(
        done.report,
        repairs=("Question “Recommend three films”: the cell had lost its id and was found by the name it defines.",),
        flags=("imports sklearn, which this assignment does without",),
    )
    return Grading(report, replace(done.evidence, errors=(error,)))


def rejected(name: str, reason: str) -> Grading:
    """A submission that cannot be graded."""
    report = Report(INFO.id, name, (name,), "sha256:" + "0" * 64, Outcome.REJECTED, INFO.max_points, reason=reason)
    return Grading(report)


def undecided(done: Grading, test: str, reason: str) -> Grading:
    """The same submission with one test that could not decide."""

    def spoilt(result: TestResult) -> TestResult:
        return replace(result, verdict=Verdict.UNDECIDED, points=None) if result.id == test else result

    questions = []
    for question in done.report.questions:
        tests = tuple(map(spoilt, question.tests))
        questions.append(replace(question, tests=tests, points=None if tests != question.tests else question.points))
    report = replace(done.report, outcome=Outcome.UNDECIDED, reason=reason, points=None, questions=tuple(questions))
    return Grading(report, replace(done.evidence, details={**done.evidence.details, test: reason}))


def classroom(size: int = 45, seed: int = 7) -> Iterator[Grading]:
    """A class as it comes: most do well, some fail hard, two files are broken, one test cannot decide."""
    chance, names = random.Random(seed), NAMES.split()
    for place in range(size):
        name = names[place % len(names)] + ("" if place < len(names) else f"-{place // len(names) + 1}")
        done = grading(name, chance, skill=max(0.25, chance.gauss(1.6, 0.9)))
        if place == 11:
            yield rejected(name, "This is not a notebook: the file holds a web page. Download the .ipynb file itself.")
        elif place == 30:
            yield rejected(name, "The notebook is of another assignment (parameter-counting). Hand in this one.")
        elif place in (5, 23):
            yield undecided(
                done, "test_ties_by_title", "test_ties_by_title: KeyError 'title' in the hidden test itself"
            )
        elif place == 17:
            yield undecided(done, "test_no_python_loop", "The machine ran out of memory three times in this test.")
        else:
            yield with_error(done) if place % 9 == 3 else done


if __name__ == "__main__":
    print(write_reports(Path(sys.argv[1]), classroom(), INFO, generated_at=datetime(2025, 2, 4, 9, 30, tzinfo=UTC)))
