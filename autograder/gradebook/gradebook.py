"""The gradebook: every submission, every report ever made on it, and which report counts.

Every method is one short transaction (or, where it yields, one per page of rows) and may be called from any thread.
Processes may share a gradebook; a process that forks opens its own afterwards. Killed at any moment, the file
holds each report whole or not at all. A database that fails is an InfrastructureError with a remedy.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from autograder.gradebook import queries, recording
from autograder.gradebook.codec import (
    decode_evidence,
    decode_report,
    decompress,
    encode_evidence,
    to_text,
    unpack,
)
from autograder.gradebook.engine import connect, parse_url
from autograder.gradebook.entries import Current, Entry, Grade, StoredVerdict
from autograder.gradebook.faults import database_faults
from autograder.gradebook.quizbook import QuizBook
from autograder.gradebook.rows import decided_verdicts, printable, report_row, storable, to_grade
from autograder.gradebook.schema import ensure_schema
from autograder.gradebook.tables import current, reports, seeds
from autograder.results import Grading, Report

T = TypeVar("T")

_PAGE: Final = 200  # rows in memory at a time
_SEEDS: Final = 2**31  # numpy, torch and random all take a seed below this
_TRIES: Final = 3  # of a transaction that met another process's insert (PostgreSQL only)


class Gradebook:
    """One gradebook, open; use it as a context manager or call `close`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    @classmethod
    def open(cls, url: str | Path) -> Self:
        """The gradebook at `url` (a path, or a SQLAlchemy URL), made or brought to this version's schema if need be.

        CourseError if the URL is no good or a newer version wrote the database; InfrastructureError if it fails.
        """
        parsed = parse_url(url)
        name = parsed.database if parsed.get_backend_name() == "sqlite" else parsed.render_as_string(hide_password=True)
        engine = connect(parsed)
        book = cls(engine, str(name))
        try:
            with database_faults(book.name):
                ensure_schema(engine, book.name)
        except BaseException:
            book.close()
            raise
        return book

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def quizzes(self) -> QuizBook:
        """The quizzes in this gradebook."""
        return QuizBook(self._reading, self._write)

    # -- seeds ----------------------------------------------------------------------------------------------------

    def seed(self, assignment: str) -> int:
        """The assignment's seed, drawn on the first call and kept."""
        known = select(seeds.c.seed).where(seeds.c.assignment == assignment)
        with self._reading() as connection:
            found = connection.execute(known).scalar()

        def draw(connection: Connection) -> int:
            again = connection.execute(known).scalar()  # another process may have drawn meanwhile
            if again is not None:
                return int(again)
            drawn = secrets.randbelow(_SEEDS)
            connection.execute(insert(seeds), {"assignment": assignment, "seed": drawn})
            return drawn

        return int(found) if found is not None else self._write(draw)

    def set_seed(self, assignment: str, seed: int) -> None:
        """Give the assignment a seed; what was graded with another one keeps it in its report."""

        def store(connection: Connection) -> None:
            change = update(seeds).where(seeds.c.assignment == assignment).values(seed=seed)
            if not connection.execute(change).rowcount:
                connection.execute(insert(seeds), {"assignment": assignment, "seed": seed})

        self._write(store)

    # -- writing --------------------------------------------------------------------------------------------------

    def receive(
        self,
        assignment: str,
        student: str,
        submission: str,
        data: bytes | None = None,
        *,
        file_name: str | None = None,
        submitted_at: str | None = None,
    ) -> int:
        """Note a submission ("sha256:<hex>") before it is graded, with its bytes if given, and return its number."""
        receipt = recording.Receipt(
            storable(assignment), storable(student), submission, printable(file_name), submitted_at, data
        )
        return self._write(lambda connection: recording.receive(connection, receipt))

    def record(
        self,
        grading: Grading,
        *,
        key: str,
        answers: str,
        environment: str,
        fingerprints: Mapping[str, str],
        file_name: str | None = None,
        data: bytes | None = None,
        fresh: bool = False,
    ) -> int:
        """Store a grading with its submission in one transaction, make it current, and return the report's number.

        `key` stands for all that the report depends on beside the submission. Where a decided report of the same
        submission and key is stored, that one is kept, made current and returned, so that recording twice counts
        once; `fresh` adds the new one nevertheless.
        """
        report = grading.report
        assignment, student = storable(report.assignment), storable(report.student)
        receipt = recording.Receipt(
            assignment, student, report.submission, printable(file_name), report.submitted_at, data
        )
        row = {
            **report_row(report),
            "key": key,
            "answers": answers,
            "environment": environment,
            "fingerprints": to_text(dict(fingerprints)),
        }
        facts, executed = encode_evidence(grading.evidence)

        def store(connection: Connection) -> int:
            submission = recording.receive(connection, receipt)
            number = None if fresh else recording.decided(connection, submission, key)
            if number is None:
                number = recording.add_report(connection, {**row, "submission_id": submission}, facts, executed)
            recording.make_current(connection, assignment, student, number)
            return number

        return self._write(store)

    # -- what is known --------------------------------------------------------------------------------------------

    def current_keys(self, assignment: str) -> dict[str, Current]:
        """What every student's current, decided report was made from, in one query."""
        with self._reading() as connection:
            rows = connection.execute(queries.CURRENT_KEYS, {"assignment": assignment})
            return {student: Current(digest, key, number) for student, digest, key, number in rows}

    def current_ids(self, assignment: str) -> dict[str, int]:
        """The number of the report that counts for every student, decided or not."""
        query = select(current.c.student, current.c.report_id).where(current.c.assignment == assignment)
        with self._reading() as connection:
            return {row.student: row.report_id for row in connection.execute(query)}

    def find_current(self, assignment: str, student: str, submission: str, key: str) -> Grading | None:
        """The student's current grading, if it is decided and was made from this submission and key."""
        place = {"assignment": assignment, "student": student, "digest": submission, "key": key}
        row = self._first(queries.FIND_CURRENT, place)
        return None if row is None else _to_grading(row)

    def stored_verdicts(
        self, assignment: str, answers: str, environment: str, seed: int, fingerprints: Mapping[str, str]
    ) -> dict[str, StoredVerdict]:
        """Decided verdicts that still hold: by test id, where the answers, environment, seed and fingerprint agree."""
        same = {"answers": answers, "environment": environment, "seed": seed, "assignment": assignment}
        found: dict[str, StoredVerdict] = {}
        with self._reading() as connection:
            for report, stored, facts in connection.execute(queries.SAME_ANSWERS, same):
                wanted = {
                    test for test, fingerprint in json.loads(stored).items() if fingerprints.get(test) == fingerprint
                }
                if wanted - found.keys():
                    found = decided_verdicts(decode_report(report), unpack(facts), wanted) | found
                if found.keys() >= fingerprints.keys():
                    break
        return found

    def report(self, report_id: int) -> Report:
        """One report by its number; KeyError if there is none."""
        row = self._first(queries.REPORT, {"number": report_id})
        if row is None:
            raise KeyError(report_id)
        return decode_report(row.report)

    def grading(self, report_id: int) -> Grading:
        """One report with its evidence by its number; KeyError if there is none."""
        row = self._first(queries.GRADING, {"number": report_id})
        if row is None:
            raise KeyError(report_id)
        return _to_grading(row)

    def content(self, submission: str) -> bytes | None:
        """The bytes of a submission ("sha256:<hex>"), if they were kept."""
        row = self._first(queries.CONTENT, {"digest": submission})
        return None if row is None else decompress(row.data)

    # -- lists ----------------------------------------------------------------------------------------------------

    def assignments(self) -> list[str]:
        """The ids of all assignments with a report, sorted."""
        with self._reading() as connection:
            return sorted(connection.execute(select(current.c.assignment).distinct()).scalars())

    def latest(self, assignment: str) -> Iterator[Report]:
        """The report that counts of each student, by student; read in pages, so that memory stays flat."""
        columns = select(current.c.student, reports.c.report).select_from(queries.CURRENT_REPORTS)
        return (decode_report(row.report) for row in self._by_student(columns, assignment))

    def grades(self, assignment: str) -> Iterator[Grade]:
        """What counts for each student, by student, without verdicts; read in pages."""
        columns = select(
            current.c.student,
            reports.c.members,
            reports.c.outcome,
            reports.c.points,
            reports.c.max_points,
            reports.c.pending,
            reports.c.submitted_at,
            reports.c.id,
        ).select_from(queries.CURRENT_REPORTS)
        return (to_grade(assignment, row) for row in self._by_student(columns, assignment))

    def history(self, assignment: str, student: str) -> list[Entry]:
        """Every report on a student's submissions, oldest first."""
        place = {"assignment": assignment, "student": student}
        with self._reading() as connection:
            return [
                Entry(row.id, row.key, row.recorded_at, row.report_id is not None, decode_report(row.report))
                for row in connection.execute(queries.HISTORY, place)
            ]

    # -- transactions ---------------------------------------------------------------------------------------------

    def _by_student(self, columns: Select[Any], assignment: str) -> Iterator[Row[Any]]:
        last = ""
        query = columns.where(current.c.assignment == assignment).order_by(current.c.student).limit(_PAGE)
        while True:
            with self._reading() as connection:
                page = connection.execute(query.where(current.c.student > last)).all()
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1].student

    def _first(self, query: Select[Any], values: dict[str, Any]) -> Row[Any] | None:
        with self._reading() as connection:
            return connection.execute(query, values).first()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with database_faults(self.name), self._engine.connect() as connection:
            yield connection

    def _write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction that holds whole or not at all."""
        with database_faults(self.name):
            for left in reversed(range(_TRIES)):
                try:
                    with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                        return work(connection)
                except IntegrityError:
                    if not left:
                        raise
        raise AssertionError("unreachable: the last try returns or raises")


def _to_grading(row: Row[Any]) -> Grading:
    return Grading(decode_report(row.report), decode_evidence(row.facts, row.executed))
