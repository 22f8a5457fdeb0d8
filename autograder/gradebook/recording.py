"""The statements that write: each function is part of a transaction that its caller holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from autograder.gradebook import queries
from autograder.gradebook.codec import compress
from autograder.gradebook.tables import contents, current, evidence, reports, submissions

# Built once, like the questions in `queries`.
_ADD_SUBMISSION = insert(submissions)
_ADD_CONTENT = insert(contents)
_ADD_REPORT = insert(reports)
_ADD_EVIDENCE = insert(evidence)
_ADD_CURRENT = insert(current)
_MOVE_CURRENT = (
    update(current)
    .where(current.c.assignment == bindparam("of_assignment"), current.c.student == bindparam("of_student"))
    .values(report_id=bindparam("number"))
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One submission as it came in."""

    assignment: str
    student: str
    digest: str
    file_name: str | None = None
    submitted_at: str | None = None
    data: bytes | None = None  # the submitted bytes, where they are kept


def now() -> str:
    """The time as it is stored: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def receive(connection: Connection, receipt: Receipt) -> int:
    """Note a submission once, with its bytes if given, and return its number; on PostgreSQL its row stays locked."""
    if receipt.data is not None:
        _keep_content(connection, receipt.digest, receipt.data)
    place = {"assignment": receipt.assignment, "student": receipt.student, "digest": receipt.digest}
    known = connection.execute(queries.SUBMISSION, place).scalar()
    if known is not None:
        return int(known)
    row = {
        **place,
        "file_name": receipt.file_name,
        "submitted_at": receipt.submitted_at,
        "received_at": now(),
    }
    return _inserted(connection.execute(_ADD_SUBMISSION, row))


def _keep_content(connection: Connection, digest: str, data: bytes) -> None:
    if connection.execute(queries.HAS_CONTENT, {"digest": digest}).scalar() is None:
        connection.execute(_ADD_CONTENT, {"digest": digest, "data": compress(data)})


def _inserted(result: Any) -> int:
    return int(result.inserted_primary_key[0])


def decided(connection: Connection, submission: int, key: str) -> int | None:
    """The newest report on this submission and key that is not undecided."""
    return connection.execute(queries.DECIDED, {"submission": submission, "key": key}).scalar()


def add_report(connection: Connection, row: dict[str, Any], facts: bytes, executed: bytes | None) -> int:
    """Insert a report (all columns but `attempt`) with its evidence, and return its number."""
    same = {"submission": row["submission_id"], "key": row["key"]}
    attempts = connection.execute(queries.ATTEMPTS, same).scalar()
    number = _inserted(connection.execute(_ADD_REPORT, {**row, "attempt": (attempts or 0) + 1}))
    connection.execute(_ADD_EVIDENCE, {"report_id": number, "facts": facts, "executed": executed})
    return number


def make_current(connection: Connection, assignment: str, student: str, report_id: int) -> None:
    """Let `report_id` be the report that counts for the student."""
    place = {"of_assignment": assignment, "of_student": student, "number": report_id}
    if not connection.execute(_MOVE_CURRENT, place).rowcount:
        connection.execute(_ADD_CURRENT, {"assignment": assignment, "student": student, "report_id": report_id})
