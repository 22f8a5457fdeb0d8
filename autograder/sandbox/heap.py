"""The heap of a process that will be forked for every submission, laid out so that its forks share what they can.

A fork costs by pages: each small page (4 KiB) that it inherits takes about 0.2 µs to hand on and as much to let go, and
each that it writes to takes 3 µs more to copy. So, before and after everything else is imported:

    reserve   Python's arenas (1 MiB each) are made first and side by side. Made one by one while libraries are mapped,
              they fill the gaps between those, where no huge page (2 MiB) fits around them
    settle    garbage is collected, the holes that it leaves are filled, and the memory goes on huge pages. Without
              holes, what a fork allocates comes from pages that it has to itself, many objects on each; with them,
              nearly every new object copies an inherited page

Both are speed-ups, and nothing depends on their success.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox import libc

PLAIN_MEBIBYTES = 24
"""What Python's small objects take at most where torch is not imported."""
_TORCH_MEBIBYTES = 64
"""The same with torch: 52 MiB for torch 2.13."""

_ARENA = 2**20
_POOL = 2**14
_CLASSES = range(32, 513, 16)
"""The sizes in bytes that Python's allocator keeps apart (Objects/obmalloc.c); larger objects are the C library's."""
_MOST_HOLES = 1 << 16
_HEADER = b"".__sizeof__()


def mebibytes_for(modules: Sequence[str]) -> int:
    """How much to reserve for a process that will import these."""
    return _TORCH_MEBIBYTES if "torch" in modules else PLAIN_MEBIBYTES


@dataclass(slots=True)
class Heap:
    """Keeps alive what holds the layout."""

    _kept: list[Any] = field(default_factory=list)

    @classmethod
    def reserve(cls, mebibytes: int) -> Heap:
        """Have Python's allocator make arenas now: one small object stays in each, so that none is given back."""
        size = _CLASSES[-1]
        per_arena = _ARENA // size
        blocks: list[Any] = [None] * (mebibytes * per_arena)  # at its full length: growing it would map, too
        for place in range(len(blocks)):
            blocks[place] = _block(size)
        return cls([blocks[:: per_arena // 2]])

    def settle(self) -> None:
        """Call once, when all is imported and warm, before the first fork."""
        gc.collect()
        self._fill_holes()
        gc.freeze()
        libc.collapse_memory()

    def _fill_holes(self) -> None:
        """Take every free block of the pools in use, size by size, until blocks come one after the other: then they
        come from a pool that was empty."""
        for size in _CLASSES:
            enough = _POOL // size * 3 // 4
            run, last = 0, 0
            for _ in range(_MOST_HOLES):
                block = _block(size)
                self._kept.append(block)
                run = run + 1 if id(block) - last == size else 0
                last = id(block)
                if run >= enough:
                    break


def _block(size: int) -> bytes | float:
    """A new object that takes a block of this size."""
    return bytes(size - _HEADER) if size > _HEADER + 1 else float(size) + 0.5
