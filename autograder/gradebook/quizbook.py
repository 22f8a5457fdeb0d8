"""The quizzes in a gradebook: what was answered, what it earned under which version of the key, who changed that.

`record` is for responses that come in, `regrade` for keys that change. Responses are only ever added; a score that a
person has seen changes by `regrade` alone, with a reason. Each is one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from autograder.gradebook.codec import to_text
from autograder.gradebook.quiz_entries import (
    QuizScore,
    QuizSheet,
    QuizVersion,
    Recorded,
    Regrade,
    Replacement,
    ScoreEntry,
    StoredScore,
    digest_of,
)
from autograder.gradebook.quiz_rows import score_row, to_regrade, to_score, to_stored
from autograder.gradebook.recording import now
from autograder.gradebook.rows import storable
from autograder.gradebook.tables import quiz_current, quiz_regrades, quiz_scores, quiz_sheets, quiz_versions

T = TypeVar("T")
_PAGE: Final = 500  # students in memory at a time

_COUNTING: Final = quiz_current.join(quiz_scores, quiz_current.c.score_id == quiz_scores.c.id).join(
    quiz_sheets, quiz_scores.c.sheet_id == quiz_sheets.c.id
)


class _Writer(Protocol):
    def __call__(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class _Counting:
    """What a student's score that counts was made from, and what it says."""

    digest: str
    version: str
    score_id: int
    points: Decimal
    pending: Decimal


class StaleRegrade(Exception):
    """Scores were recorded since the dry run: look at it again."""


class QuizBook:
    """The quizzes of one gradebook; `Gradebook.quizzes` makes it."""

    def __init__(self, read: Callable[[], AbstractContextManager[Connection]], write: _Writer) -> None:
        self._read = read
        self._write = write

    # -- writing --------------------------------------------------------------------------------------------------

    def record(self, version: QuizVersion, scored: Iterable[tuple[QuizSheet, QuizScore]]) -> Recorded:
        """Store sheets with their scores, and let them count. Recording the same twice changes nothing.

        A known sheet gets another score only where that decides what was open. A score under another version of the
        quiz, or with other points, is left as it is and its student named as waiting: that is a regrade.
        """
        pairs = [(storable(sheet.student), sheet.encoded(), score) for sheet, score in scored]

        def store(connection: Connection) -> Recorded:
            _keep_version(connection, version)
            counting = _counting(connection, version.quiz)
            new: dict[str, tuple[str, QuizScore]] = {}
            known, waiting = [], []
            for student, encoded, score in pairs:
                old = counting.get(student)
                if old is None or old.digest != digest_of(encoded) or _completes(score, old, version):
                    new[student] = encoded, score
                elif old.version == version.version and old.points == score.points:
                    known.append(student)
                else:
                    waiting.append(student)
            sheets = _keep_sheets(connection, version, {student: encoded for student, (encoded, _) in new.items()})
            scores = {student: (sheets[student], score) for student, (_, score) in new.items()}
            _let_count(connection, version, scores, counting.keys(), None)
            return Recorded(tuple(new), tuple(known), tuple(waiting))

        return self._write(store)

    def regrade(
        self,
        version: QuizVersion,
        replacements: Sequence[Replacement],
        *,
        reason: str,
        author: str,
        mappings: Mapping[str, Mapping[str, Any]],
    ) -> int:
        """Let the new scores count, beside the old ones, and return the regrade's number.

        StaleRegrade if what counts is no longer what they were made from; nothing is written then.
        """
        row = {
            "quiz": version.quiz,
            "version": version.version,
            "reason": reason,
            "author": author,
            "changed": sum(each.changed for each in replacements),
            "mappings": to_text({question: dict(each) for question, each in mappings.items()}),
            "recorded_at": now(),
        }

        def store(connection: Connection) -> int:
            _keep_version(connection, version)
            counting = _counting(connection, version.quiz)
            numbers = {student: old.score_id for student, old in counting.items()}
            if any(numbers.get(each.student) != each.score_id for each in replacements):
                raise StaleRegrade
            result: Any = connection.execute(insert(quiz_regrades), row)
            number = int(result.inserted_primary_key[0])
            scores = {each.student: (each.sheet_id, each.score) for each in replacements}
            _let_count(connection, version, scores, counting.keys(), number)
            return number

        return self._write(store)

    # -- reading --------------------------------------------------------------------------------------------------

    def quizzes(self) -> list[str]:
        """The ids of all quizzes with a score, sorted."""
        with self._read() as connection:
            return sorted(connection.execute(select(quiz_current.c.quiz).distinct()).scalars())

    def current(self, quiz: str) -> Iterator[StoredScore]:
        """What counts for each student, by student; read in pages."""
        columns = (
            select(quiz_scores, quiz_sheets.c.student, quiz_sheets.c.responses, quiz_sheets.c.version.label("answered"))
            .select_from(_COUNTING)
            .where(quiz_current.c.quiz == quiz)
            .order_by(quiz_current.c.student)
            .limit(_PAGE)
        )
        last, page = "", list[Row[Any]]()
        while not last or len(page) == _PAGE:
            with self._read() as connection:
                page = list(connection.execute(columns.where(quiz_current.c.student > last)).all())
            yield from map(to_stored, page)
            if not page:
                return
            last = page[-1].student

    def outline(self, quiz: str, version: str) -> dict[str, Any] | None:
        """The outline of a version that was recorded, or None."""
        query = select(quiz_versions.c.outline).where(quiz_versions.c.quiz == quiz, quiz_versions.c.version == version)
        with self._read() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else dict(json.loads(found))

    def answered(self, quiz: str) -> list[str]:
        """The versions that the responses which count were given to, sorted."""
        query = select(quiz_sheets.c.version).select_from(_COUNTING).where(quiz_current.c.quiz == quiz).distinct()
        with self._read() as connection:
            return sorted(connection.execute(query).scalars())

    def regrades(self, quiz: str) -> list[Regrade]:
        """Every regrade of a quiz, oldest first."""
        query = select(quiz_regrades).where(quiz_regrades.c.quiz == quiz).order_by(quiz_regrades.c.id)
        with self._read() as connection:
            return [to_regrade(row) for row in connection.execute(query)]

    def history(self, quiz: str, student: str) -> list[ScoreEntry]:
        """Every score that a student ever had in a quiz, oldest first."""
        query = (
            select(quiz_scores, quiz_current.c.score_id)
            .select_from(
                quiz_scores.join(quiz_sheets, quiz_scores.c.sheet_id == quiz_sheets.c.id).outerjoin(
                    quiz_current, quiz_current.c.score_id == quiz_scores.c.id
                )
            )
            .where(quiz_sheets.c.quiz == quiz, quiz_sheets.c.student == student)
            .order_by(quiz_scores.c.id)
        )
        with self._read() as connection:
            return [
                ScoreEntry(row.version, row.regrade_id, row.score_id is not None, row.recorded_at, to_score(row))
                for row in connection.execute(query)
            ]

    def sheets(self, quiz: str, student: str) -> list[str]:
        """The stored responses of a student, as they came, oldest first."""
        query = (
            select(quiz_sheets.c.responses)
            .where(quiz_sheets.c.quiz == quiz, quiz_sheets.c.student == student)
            .order_by(quiz_sheets.c.id)
        )
        with self._read() as connection:
            return list(connection.execute(query).scalars())


def _keep_version(connection: Connection, version: QuizVersion) -> None:
    place = {"quiz": version.quiz, "version": version.version}
    known = select(quiz_versions.c.version).where(
        quiz_versions.c.quiz == version.quiz, quiz_versions.c.version == version.version
    )
    if connection.execute(known).scalar() is None:
        row = {**place, "outline": to_text(dict(version.outline)), "recorded_at": now()}
        connection.execute(insert(quiz_versions), row)


def _counting(connection: Connection, quiz: str) -> dict[str, _Counting]:
    """What counts by student; on PostgreSQL these rows stay locked until the transaction ends."""
    query = (
        select(
            quiz_current.c.student,
            quiz_sheets.c.digest,
            quiz_scores.c.version,
            quiz_scores.c.id,
            quiz_scores.c.points,
            quiz_scores.c.pending,
        )
        .select_from(_COUNTING)
        .where(quiz_current.c.quiz == quiz)
        .with_for_update(of=quiz_current)
    )
    return {
        row.student: _Counting(row.digest, row.version, row.id, Decimal(row.points), Decimal(row.pending))
        for row in connection.execute(query)
    }


def _completes(score: QuizScore, old: _Counting, version: QuizVersion) -> bool:
    """Whether the score is the old one with more of it decided: tests that were run, answers that were read."""
    return old.version == version.version and score.pending < old.pending


def _keep_sheets(connection: Connection, version: QuizVersion, encoded: Mapping[str, str]) -> dict[str, int]:
    """The numbers of the sheets, each stored if it is not yet."""
    wanted = {(student, digest_of(text)): text for student, text in encoded.items()}
    known = _sheets(connection, version.quiz)
    rows = [
        {
            "quiz": version.quiz,
            "student": student,
            "digest": digest,
            "version": version.version,
            "responses": text,
            "received_at": now(),
        }
        for (student, digest), text in wanted.items()
        if (student, digest) not in known
    ]
    if rows:
        connection.execute(insert(quiz_sheets), rows)
        known = _sheets(connection, version.quiz)
    return {student: known[student, digest] for student, digest in wanted}


def _sheets(connection: Connection, quiz: str) -> dict[tuple[str, str], int]:
    query = select(quiz_sheets.c.student, quiz_sheets.c.digest, quiz_sheets.c.id).where(quiz_sheets.c.quiz == quiz)
    return {(student, digest): number for student, digest, number in connection.execute(query)}


def _let_count(
    connection: Connection,
    version: QuizVersion,
    scores: Mapping[str, tuple[int, QuizScore]],
    counting: Iterable[str],
    regrade: int | None,
) -> None:
    """Add the scores (by student: the sheet's number, the score) and make them the ones that count."""
    if not scores:
        return
    rows = [score_row(version.version, sheet, score, regrade) for sheet, score in scores.values()]
    last = connection.execute(select(quiz_scores.c.id).order_by(quiz_scores.c.id.desc()).limit(1)).scalar() or 0
    connection.execute(insert(quiz_scores), rows)
    query = select(quiz_scores.c.sheet_id, quiz_scores.c.id).where(quiz_scores.c.id > last)
    numbers = {row.sheet_id: row.id for row in connection.execute(query)}
    have = set(counting)
    old = [{"who": student, "number": numbers[sheet]} for student, (sheet, _) in scores.items() if student in have]
    new = [
        {"quiz": version.quiz, "student": student, "score_id": numbers[sheet]}
        for student, (sheet, _) in scores.items()
        if student not in have
    ]
    if old:
        place = (quiz_current.c.quiz == version.quiz, quiz_current.c.student == bindparam("who"))
        connection.execute(update(quiz_current).where(*place).values(score_id=bindparam("number")), old)
    if new:
        connection.execute(insert(quiz_current), new)
