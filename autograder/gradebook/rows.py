"""Between reports and rows: names that a database can hold, columns out of a report, answers out of a row."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from autograder.gradebook.codec import amount, encode_report, to_text
from autograder.gradebook.entries import Grade, StoredVerdict
from autograder.gradebook.recording import now
from autograder.results import Outcome, Report, Verdict


def storable(name: str) -> str:
    """`name` if it can be an id in every database; ValueError if it is empty or holds a NUL or a lone surrogate."""
    if not name or "\0" in name or any("\ud800" <= character <= "\udfff" for character in name):
        raise ValueError(f"{name!r} is not text that can be stored")
    return name


def printable(file_name: str | None) -> str | None:
    """A file name for people to read: what is not text in it is escaped."""
    return None if file_name is None else file_name.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def report_row(report: Report) -> dict[str, Any]:
    """The columns of a report that follow from the report itself."""
    return {
        "seed": report.seed,
        "outcome": report.outcome.value,
        "points": amount(report.points),
        "max_points": amount(report.max_points),
        "pending": amount(report.manual_points_pending),
        "members": to_text(list(report.members)),
        "submitted_at": report.submitted_at,
        "report": encode_report(report),
        "recorded_at": now(),
    }


def to_grade(assignment: str, row: Row[Any]) -> Grade:
    """What counts, out of a row of `current` joined with `reports`."""
    return Grade(
        assignment=assignment,
        student=row.student,
        members=tuple(json.loads(row.members)),
        outcome=Outcome(row.outcome),
        points=None if row.points is None else Decimal(row.points),
        max_points=Decimal(row.max_points),
        pending=Decimal(row.pending),
        submitted_at=row.submitted_at,
        report_id=row.id,
    )


def decided_verdicts(report: Report, facts: dict[str, Any], wanted: set[str]) -> dict[str, StoredVerdict]:
    """The verdicts of the tests `wanted` that were decided, with what lay behind them."""
    return {
        test.id: StoredVerdict(test, facts["details"].get(test.id), facts["seconds"].get(test.id, 0.0))
        for question in report.questions
        for test in question.tests
        if test.id in wanted and test.verdict is not Verdict.UNDECIDED
    }
