"""Control groups: a bound on the memory and the processes of all that a student's slot holds together.

    memory bound    every page, of tmpfs, memfd and pipes too, which no rlimit counts
    process bound   processes and threads, even those of a student who starts as another user

The controller makes one `Pen` per slot when it is first asked for; the slot's zygote enters it once, and every student
forked there is born inside: moving a process costs milliseconds, being born in a group nothing. Pens lie in a folder of
the controller's own and are removed with the fence; `hierarchy` says where, and what becomes of those that a killed
controller left behind.
"""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.hierarchy import open_base, remove
from autograder.sandbox.limits import MEMORY_SHARES, Limits

_SLACK = 128 * 2**20  # the slot's own zygote, page tables, pipes
_OWN_PROCESSES = 8  # zygote, init, runner, and snapshots that are just ending


class NoControlGroups(OSError):
    """Groups with bounds cannot be had here; `strerror` says why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one slot may hold at once: bytes of memory, processes and threads."""

    memory: int
    processes: int

    @classmethod
    def of(cls, limits: Limits) -> Bounds:
        """Bounds that a student meets only by what its rlimits do not count."""
        memory = MEMORY_SHARES * limits.memory + limits.scratch + _SLACK
        return cls(memory, limits.processes + _OWN_PROCESSES)


@dataclass(slots=True)
class Pen:
    """One slot's group: a folder per hierarchy (version 2 has one for all)."""

    folders: tuple[Path, ...]
    version: int
    _memory: int = 0  # its bound
    _counter: int = -1  # the descriptor that counts the peak

    def bind(self, bounds: Bounds) -> None:
        """Set the bounds, on swap too where the kernel counts it. Raises OSError where one cannot be set."""
        self._memory = bounds.memory
        for name, value in _bounds(self.version, bounds):
            holders = [folder / name for folder in self.folders if (folder / name).exists()]
            if not holders and name not in _OPTIONAL:
                raise FileNotFoundError(errno.ENOENT, "no such bound", str(self.folders[0] / name))
            for holder in holders:
                holder.write_text(str(value))

    def enter(self, pid: int) -> None:
        """Move a process in; what it forks from then on is born here."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def killed(self) -> int:
        """How many processes the kernel has ended here because the memory was full."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return sum(_entry(folder / name, "oom_kill") for folder in self.folders)

    def counts(self) -> tuple[int, int]:
        """How often its own bound on memory was met (version 1: whether, since `forget_peak`), and `killed`.

        The kernel also ends who is in here when the machine's memory is full, or that of the container around us, and
        then nobody in here is to blame. Version 1's own counter, `memory.failcnt`, stays at 0 in recent kernels.
        """
        if self.version == 2:
            met = sum(_entry(folder / "memory.events", "oom") for folder in self.folders)
        else:
            met = sum(_number(folder / _PEAK_1) > self._memory - _NEAR for folder in self.folders)
        return met, self.killed()

    def forget_peak(self) -> None:
        """Count the peak from now on: version 2 can since Linux 6.12, for a descriptor that says so."""
        self.close()
        name = "memory.peak" if self.version == 2 else _PEAK_1
        for folder in self.folders:
            with contextlib.suppress(OSError):
                counter = os.open(folder / name, os.O_RDWR | os.O_CLOEXEC)
                try:
                    os.write(counter, b"0")
                except OSError:
                    os.close(counter)
                else:
                    self._counter = counter

    def peak(self) -> int | None:
        """The most memory in bytes that was in use at once since `forget_peak`; None where nobody counts it."""
        return int(os.pread(self._counter, 32, 0)) if self._counter >= 0 else None

    def close(self) -> None:
        """Count the peak no more."""
        if self._counter >= 0:
            os.close(self._counter)
            self._counter = -1

    def members(self) -> set[int]:
        """The processes inside."""
        return {int(pid) for folder in self.folders for pid in (folder / "cgroup.procs").read_text().split()}

    def name_in(self, listing: str) -> bool:
        """Whether `/proc/<pid>/cgroup` says that its process is in here, in every hierarchy."""
        places = {line.split(":", 2)[2] for line in listing.splitlines()}
        tails = {"/".join(folder.parts[-2:]) for folder in self.folders}
        return all(any(place.endswith(f"/{tail}") for place in places) for tail in tails)


_OPTIONAL = frozenset({"memory.memsw.limit_in_bytes", "memory.swappiness", "memory.swap.max"})


_PEAK_1 = "memory.max_usage_in_bytes"
_NEAR = 4 * 2**20  # memory is counted in batches, and a huge page that no longer fits is not counted at all


def _bounds(version: int, bounds: Bounds) -> tuple[tuple[str, int], ...]:
    """What to write where, in this order: memory and swap together may not be bounded below memory."""
    memory = (
        (("memory.max", bounds.memory), ("memory.swap.max", 0))
        if version == 2
        else (
            ("memory.limit_in_bytes", bounds.memory),
            ("memory.memsw.limit_in_bytes", bounds.memory),
            ("memory.swappiness", 0),
        )
    )
    return (*memory, ("pids.max", bounds.processes))


class Pens:
    """All slots' groups of one controller."""

    def __init__(self, bounds: Bounds, *, root: Path = Path("/sys/fs/cgroup")) -> None:
        """`root` holds the mounted hierarchies; only tests give another. Raises NoControlGroups."""
        self._bounds = bounds
        self._pens: dict[int, Pen] = {}
        try:
            self._base = open_base(root)
            try:
                self.pen(0)  # whether groups can be made, and bound, is to be known now
            except OSError:
                self.close()
                raise
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            text = f"no control groups: {error.strerror}{where}"
            raise NoControlGroups(error.errno or errno.ENOSYS, text) from error

    def pen(self, slot: int) -> Pen:
        """The slot's group, made when it is first asked for. Raises OSError, as it does when all of them are gone."""
        if not self._base.locks:
            raise OSError(errno.ESHUTDOWN, "the control groups were removed")
        if slot not in self._pens:
            pen = Pen(tuple(folder / f"slot-{slot}" for folder in self._base.locks), self._base.version)
            try:
                for folder in pen.folders:
                    folder.mkdir()
                pen.bind(self._bounds)
            except OSError:
                remove(pen.folders)
                raise
            self._pens[slot] = pen
        return self._pens[slot]

    def close(self) -> None:
        """End whatever is left in the groups and remove them."""
        while self._pens:
            _, pen = self._pens.popitem()
            pen.close()
            remove(pen.folders)
        self._base.close()


def _entry(path: Path, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _number(path: Path) -> int:
    with contextlib.suppress(OSError):
        return int(path.read_text())
    return 0
