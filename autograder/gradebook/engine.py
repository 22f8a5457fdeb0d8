"""Connections to the gradebook's database: SQLite in one file by default, PostgreSQL by URL.

SQLite is used with a write-ahead log (readers never wait for the writer), `synchronous=FULL` (a commit survives a power
cut) and foreign keys. A transaction that will write starts with BEGIN IMMEDIATE: it waits for its turn before it reads,
so that what it read still holds when it writes. The module sqlite3 would begin transactions by itself, and too late.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from autograder.errors import CourseError, Problem
from autograder.gradebook.faults import database_faults

_PATIENCE: Final = 60.0  # seconds to wait for another writer
_POOL: Final = 32  # connections at most: more threads than a batch has


def parse_url(url: str | Path) -> URL:
    """The database that `url` names: a path is a SQLite file, `postgresql://` is spoken through psycopg 3."""
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise CourseError([_unusable("the gradebook's URL", str(error))]) from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _unusable(name: str, message: str) -> Problem:
    remedy = "give a path, sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
    return Problem(name, None, "database", message, remedy)


def connect(url: URL) -> Engine:
    """An engine for `url`; a SQLite file and its folder are made if they are missing."""
    name = url.render_as_string(hide_password=True)
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise CourseError([_unusable(name, f"{backend} is not supported")])
    if backend == "sqlite":
        return _sqlite(url)
    try:
        return create_engine(url, pool_pre_ping=True, max_overflow=_POOL)
    except ImportError as error:
        remedy = "in the project's folder: pip install -e '.[postgres]'"
        problem = Problem(name, None, "database", f"the driver is missing ({error})", remedy)
        raise CourseError([problem]) from error


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise CourseError([_unusable(str(url), "a gradebook in memory is lost when the command ends")])
    try:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError([_unusable(str(url.database), f"its folder cannot be made ({error.strerror})")]) from error
    engine = create_engine(url, max_overflow=_POOL, connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with database_faults(str(url.database)):
            _use_write_ahead_log(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, in `_begin`
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_write_ahead_log(engine: Engine) -> None:
    """Switch the file to its log; unlike other statements the switch does not wait for a busy file by itself."""
    deadline = time.monotonic() + _PATIENCE
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                cursor.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        cursor.close()
    finally:
        raw.close()
