"""Folders that their owner keeps locked: what has lost its lock was left behind by an owner that was killed.

    owner     make the folder → lock it → is it still there? else begin again
    sweeper   lock a folder of that kind, without waiting → remove it

The kernel lets go of the lock when the owner ends, however it ends. The folder itself is locked, not a file in it: at
no moment can a folder be left behind that nobody could tell from one in use.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def make_locked(make: Callable[[], Path]) -> tuple[Path, int]:
    """A fresh folder, made by `make` under another name each time, and the descriptor that holds its lock."""
    while True:
        folder = make()
        with contextlib.suppress(FileNotFoundError):  # somebody's sweep was quicker
            lock = try_lock(folder)
            if lock is not None and folder.exists():
                return folder, lock
            if lock is not None:
                os.close(lock)


def left_behind(folders: Iterable[Path]) -> Iterator[Path]:
    """Those of these folders whose owner has ended; each is locked until the next one is asked for."""
    for folder in folders:
        with contextlib.suppress(OSError):  # another sweep was quicker, or it is another user's
            lock = try_lock(folder)
            if lock is not None:
                try:
                    yield folder
                finally:
                    os.close(lock)


def try_lock(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where somebody has it. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor
