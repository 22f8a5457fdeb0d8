"""The working folder of a batch, and the removal of those that a kill -9 or a power cut left behind.

Each folder holds a lock file that its owner keeps locked; the kernel lets go of the lock when the owner ends, however
it ends. Whoever makes a folder first removes those whose lock can be had.

    owner     make the folder → open the lock → lock it → is it still the file of that name? else begin again
    sweeper   open the lock without making it → lock it, without waiting → remove the folder
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "autograder-batch-"
_LOCK = ".lock"


class WorkFolder:
    """A folder of our own below the temporary one, until `close`."""

    def __init__(self) -> None:
        sweep(Path(tempfile.gettempdir()))
        self.path, self._lock = _make()

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _make() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(lock), (path / _LOCK).stat()):
                return path, lock
        except FileNotFoundError:  # a sweeper came between the making and the locking
            pass
        os.close(lock)


def sweep(temporary: Path) -> None:
    """Remove the working folders whose owner has ended. What cannot be removed is left alone."""
    for folder in temporary.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another account's, or another sweeper was faster
            _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        return
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
