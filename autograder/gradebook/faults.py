"""Database errors as faults of the machine, each with what the operator can do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from autograder.errors import InfrastructureError

# primary name of SQLite's error code → remedy; extended codes (SQLITE_IOERR_WRITE) start with one of these
_REMEDIES: Final = {
    "SQLITE_FULL": "the disk is full: free some space",
    "SQLITE_BUSY": "another process holds it: wait for that one or end it",
    "SQLITE_LOCKED": "another process holds it: wait for that one or end it",
    "SQLITE_READONLY": "it may not be written: give this account the right to write the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened: does the folder exist, and may this account write there?",
    "SQLITE_PERM": "it cannot be opened: does the folder exist, and may this account write there?",
    "SQLITE_CORRUPT": "the file is damaged: put a backup in its place",
    "SQLITE_NOTADB": "the file is no database: move it away or name another one",
    "SQLITE_IOERR": "the disk fails or lies on a network share: move the gradebook to a local disk",
}
_KEPT: Final = "What was recorded before is kept; run the command again."


@contextmanager
def database_faults(name: str) -> Iterator[None]:
    """Turn what the database raises into an InfrastructureError that names the gradebook `name` and the remedy."""
    try:
        yield
    except DBAPIError as error:
        raise _fault(name, error.orig) from error
    except sqlite3.Error as error:  # from a connection that SQLAlchemy only lends
        raise _fault(name, error) from error
    except PoolTimeout as error:
        raise InfrastructureError(f"The gradebook {name} failed: too many threads use it at once. {_KEPT}") from error


def _fault(name: str, error: BaseException | None) -> InfrastructureError:
    code = str(getattr(error, "sqlite_errorname", ""))
    remedy = next(
        (remedy for start, remedy in _REMEDIES.items() if code.startswith(start)), "see the database's message"
    )
    return InfrastructureError(f"The gradebook {name} failed: {remedy}. {_KEPT} ({error})")
