"""Slots: the places for students that one controller grades at a time, and the user that each of them is.

Where the controller is root, every slot has a uid of its own, and every controller a block of uids that no other one on
the machine has: a signal to all that a user may signal, the kernel's count of a user's processes and the owner of a
file stay within one class. The block is held by a lock that ends with its controller, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from autograder.errors import FenceError, InfrastructureError
from autograder.sandbox import libc

FIRST_UID = 64_000_000
"""Far above the uids of people."""
BLOCK = 1024
BLOCKS = 900
_PLACE = Path("/run/autograder")
_GONE_SECONDS = 60.0


class Uids:
    """A block of uids, one for each slot, until it is closed."""

    def __init__(self, place: Path = _PLACE) -> None:
        """`place` holds a file a block and belongs to root alone. Raises FenceError when no block can be had."""
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            self._lock, self.first = _claim(place)
        except OSError as error:
            raise FenceError(f"no uids for students: {place} must be a folder of root's ({error.strerror})") from error

    def of(self, slot: int) -> int:
        """The uid of a slot. Raises FenceError beyond the end of the block."""
        if not 0 <= slot < BLOCK:
            raise FenceError(f"slot {slot} has no uid: a controller has {BLOCK}")
        return self.first + slot

    def close(self) -> None:
        """Let another controller have the block."""
        os.close(self._lock)


def _claim(place: Path) -> tuple[int, int]:
    """The lock of the first free block and the block's first uid."""
    for block in range(BLOCKS):
        lock = os.open(place / f"uids-{block}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return lock, FIRST_UID + block * BLOCK
    raise FenceError(f"all {BLOCKS} blocks of uids in {place} are taken: that many batches run on this machine")


class Slots:
    """Which slots are free; one is free again only when the tree that had it is gone."""

    def __init__(self, count: int) -> None:
        self._free: list[tuple[int, int | None]] = [(slot, None) for slot in range(count)]

    def take(self) -> int:
        """The slot that has been free for longest. Raises InfrastructureError when its last tree will not die."""
        slot, pidfd = self._free.pop(0)
        if pidfd is not None:
            if not libc.ends_within(pidfd, _GONE_SECONDS):
                self._free.append((slot, pidfd))
                raise InfrastructureError("processes of an earlier student could not be ended")
            os.close(pidfd)
        return slot

    def give(self, slot: int, pidfd: int | None) -> None:
        """Return a slot together with the pidfd of the tree that is being killed."""
        self._free.append((slot, pidfd))
