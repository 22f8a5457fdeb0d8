"""What the gradebook answers with, beside reports and gradings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from autograder.results import Outcome, Report, TestResult


@dataclass(frozen=True, slots=True)
class Current:
    """What the report that counts for one student was made from: the same submission and key need no new one."""

    submission: str  # "sha256:<hex>"
    key: str
    report_id: int


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A decided verdict on the same answers, environment and seed, by a test with the same fingerprint."""

    result: TestResult
    detail: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One report in the history of a student's assignment."""

    report_id: int
    key: str
    recorded_at: str  # ISO 8601, UTC
    current: bool
    report: Report


@dataclass(frozen=True, slots=True)
class Grade:
    """What counts for one student in one assignment, without the verdicts behind it."""

    assignment: str
    student: str
    members: tuple[str, ...]
    outcome: Outcome
    points: Decimal | None
    max_points: Decimal
    pending: Decimal  # points that a human has still to give
    submitted_at: str | None
    report_id: int


def counting(grades: Sequence[Grade]) -> Grade:
    """Which of several reports on one person counts, alone or in groups: the last to be handed in, if a time is known
    for each, else the newest report. Which of two jobs was done first must not decide."""
    times = {grade.report_id: epoch(grade.submitted_at) for grade in grades}
    known = None not in times.values()
    return max(grades, key=lambda grade: ((times[grade.report_id] or 0.0) if known else 0.0, grade.report_id))


def epoch(text: str | None) -> float | None:
    """An ISO 8601 time as seconds, one without an offset as UTC; None if it is none."""
    try:
        time = datetime.fromisoformat(text or "")
        return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
