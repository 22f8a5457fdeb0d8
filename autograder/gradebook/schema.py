"""Keeps the schema of the database at the version that this code knows.

Opening looks at alembic's own version table directly. Only where the version is an older one, or none, alembic is
imported (0.2 s) and run: in one writing transaction, after looking again. On SQLite that transaction is the lock
against another process that opens at the same time; on PostgreSQL an advisory lock is taken in it. A killed upgrade
is undone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, column, func, inspect, select, table

from autograder.errors import CourseError, Problem

REVISIONS: Final = ("0001", "0002")  # oldest first; a new one is a module in migrations/versions
HEAD: Final = REVISIONS[-1]

_VERSION: Final = table("alembic_version", column("version_num"))
_LOCK: Final = 5_961_020  # any number of our own: the name of the advisory lock


def ensure_schema(engine: Engine, name: str) -> None:
    """Bring the database `name` to HEAD, or refuse it if a newer version of this program wrote it (CourseError)."""
    with engine.connect() as connection:
        if _version(connection, name) == HEAD:
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        if _version(connection, name) != HEAD:
            _upgrade(connection)


def _version(connection: Connection, name: str) -> str | None:
    inspector = inspect(connection)
    if not inspector.has_table(_VERSION.name):
        return None
    version = connection.execute(select(_VERSION.c.version_num)).scalar()
    if version is not None and version not in REVISIONS:
        message = f"the gradebook has schema {version}, this program knows {REVISIONS[0]} to {HEAD}"
        raise CourseError([Problem(name, None, "schema", message, "a newer autograder wrote it: install that version")])
    return version


def alembic_config() -> Any:
    """alembic's configuration for the migrations in this package."""
    from alembic.config import Config  # costs 0.2 s, and is needed only for an upgrade

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command  # as above

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
