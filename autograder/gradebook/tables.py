"""The tables of the gradebook, in plain SQL types that SQLite and PostgreSQL share.

    contents ──< submissions ──< reports ──  evidence
                                    └──────  current      (one row per assignment and student)
    seeds                                                  (one row per assignment)

    quiz_sheets ──< quiz_scores ── quiz_current            (one row per quiz and student)
    quiz_versions         └──────> quiz_regrades           (who changed a key, when and why)

A report is written once and never changed: a regrade adds one, and `current` points at the one that counts. A sheet is
all that a student answered in a quiz, as it came: it is never changed either, other answers make another sheet. A
score belongs to a sheet and to a version of the quiz (questions, keys, rules), whose outline is kept.
Amounts of points are text, because a float would round them; times are ISO 8601 text in UTC, except `submitted_at`,
which is kept as it came. JSON is text in ASCII with escapes, so that a NUL or a lone surrogate out of a notebook can be
stored everywhere. Large JSON is compressed with zlib.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: Final = MetaData(naming_convention=NAMING)

seeds: Final = Table(
    "seeds",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("seed", BigInteger, nullable=False),
)

contents: Final = Table(
    "contents",
    metadata,
    Column("digest", Text, primary_key=True),  # "sha256:<hex>" of the submitted bytes
    Column("data", LargeBinary, nullable=False),  # those bytes, zlib
)

submissions: Final = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),  # rises in the order of receipt
    Column("assignment", Text, nullable=False),
    Column("student", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("file_name", Text),
    Column("submitted_at", Text),
    Column("received_at", Text, nullable=False),
    UniqueConstraint("assignment", "student", "digest"),
)

reports: Final = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", Integer, ForeignKey("submissions.id"), nullable=False),
    Column("key", Text, nullable=False),  # all that the report depends on beside the submission
    Column("attempt", Integer, nullable=False),  # 1, then more where the same key was graded anew
    Column("answers", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("points", Text),
    Column("max_points", Text, nullable=False),
    Column("pending", Text, nullable=False),  # points that a human has still to give
    Column("members", Text, nullable=False),  # JSON
    Column("submitted_at", Text),
    Column("report", Text, nullable=False),  # JSON
    Column("fingerprints", Text, nullable=False),  # JSON: test id → fingerprint
    Column("recorded_at", Text, nullable=False),
    UniqueConstraint("submission_id", "key", "attempt"),
    Index(None, "answers", "environment"),
)

evidence: Final = Table(
    "evidence",
    metadata,
    Column("report_id", Integer, ForeignKey("reports.id"), primary_key=True),
    Column("facts", LargeBinary, nullable=False),  # zlib JSON: what staff see, and seconds
    Column("executed", LargeBinary),  # zlib JSON: the notebooks as run
)

current: Final = Table(
    "current",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("student", Text, primary_key=True),
    Column("report_id", Integer, ForeignKey("reports.id"), nullable=False),
)

quiz_versions: Final = Table(
    "quiz_versions",
    metadata,
    Column("quiz", Text, primary_key=True),
    Column("version", Text, primary_key=True),  # stands for all that scores depend on beside the responses
    Column("outline", Text, nullable=False),  # JSON: what a later version is compared with
    Column("recorded_at", Text, nullable=False),
)

quiz_sheets: Final = Table(
    "quiz_sheets",
    metadata,
    Column("id", Integer, primary_key=True),  # rises in the order of receipt
    Column("quiz", Text, nullable=False),
    Column("student", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of the responses
    Column("version", Text, nullable=False),  # of the quiz that was answered
    Column("responses", Text, nullable=False),  # JSON, as they came
    Column("received_at", Text, nullable=False),
    UniqueConstraint("quiz", "student", "digest"),
)

quiz_regrades: Final = Table(
    "quiz_regrades",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quiz", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("changed", Integer, nullable=False),  # students whose points changed
    Column("mappings", Text, nullable=False),  # JSON: what became of which choice, where the choices changed
    Column("recorded_at", Text, nullable=False),
    Index(None, "quiz"),
)

quiz_scores: Final = Table(
    "quiz_scores",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sheet_id", Integer, ForeignKey("quiz_sheets.id"), nullable=False),
    Column("version", Text, nullable=False),
    Column("regrade_id", Integer, ForeignKey("quiz_regrades.id")),  # none: scored when the responses came
    Column("points", Text, nullable=False),
    Column("max_points", Text, nullable=False),
    Column("pending", Text, nullable=False),  # points that a human has still to give
    Column("questions", Text, nullable=False),  # JSON
    Column("recorded_at", Text, nullable=False),
    Index(None, "sheet_id"),
)

quiz_current: Final = Table(
    "quiz_current",
    metadata,
    Column("quiz", Text, primary_key=True),
    Column("student", Text, primary_key=True),
    Column("score_id", Integer, ForeignKey("quiz_scores.id"), nullable=False),
)
