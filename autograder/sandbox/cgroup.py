"""Control groups: a bound on the memory and the processes of all that a student's slot holds together.

    memory bound    every page, of tmpfs, memfd and pipes too, which no rlimit counts
    process bound   processes and threads, even those of a student who starts as another user

The controller makes one `Pen` per slot when the fence is built; the slot's zygote enters it once, and every student
forked there is born inside: moving a process costs milliseconds, being born in a group nothing. Pens lie in a folder
named after the controller's process, below its own group, and are removed with the fence; what a killed controller
left behind is removed by the next one.

Version 1 has one hierarchy a controller, version 2 a single one, in which a group with processes in it can have no
groups with bounds below it: there root makes its pens at the top, and an ordinary user's controller, alone in a group
that was handed over to it (`systemd-run --user --scope -p Delegate=yes autograder …`), first moves one level down.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import descendants

_PREFIX = "autograder-"
_SELF = "controller"
_SLACK = 128 * 2**20  # the slot's own zygote, page tables, pipes
_MEMORY_SHARES = 2  # the notebook's and a test's
_OWN_PROCESSES = 8  # zygote, init, runner, and snapshots that are just ending
_REMOVE_SECONDS = 10.0
CONTROLLERS = ("memory", "pids")


class NoControlGroups(OSError):
    """Groups with bounds cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one slot may hold at once: bytes of memory, processes and threads."""

    memory: int
    processes: int

    @classmethod
    def of(cls, limits: Limits) -> Bounds:
        """Bounds that a student meets only by what its rlimits do not count."""
        memory = _MEMORY_SHARES * limits.memory + limits.scratch + _SLACK
        return cls(memory, limits.processes + _OWN_PROCESSES)


@dataclass(frozen=True, slots=True)
class Pen:
    """One slot's group: a folder per hierarchy (version 2 has one for all)."""

    folders: tuple[Path, ...]
    version: int

    def bind(self, bounds: Bounds) -> None:
        """Set the bounds; swap counts as memory where the kernel counts it."""
        for folder in self.folders:
            for name, value in _files(self.version, bounds):
                if (folder / name).exists():
                    (folder / name).write_text(str(value))

    def enter(self, pid: int) -> None:
        """Move a process in; what it forks from then on is born here."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def killed(self) -> int:
        """How many processes the kernel has ended here because the memory was full."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return sum(_entry(folder / name, "oom_kill") for folder in self.folders)

    def peak(self) -> int | None:
        """The most memory in bytes that was in use at once since `forget_peak`; None where nobody counts it."""
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        for folder in self.folders:
            with contextlib.suppress(OSError):
                return int((folder / name).read_text())
        return None

    def forget_peak(self) -> None:
        """Count the peak from now on. Version 2 keeps the highest of the slot's students."""
        if self.version == 1:
            for folder in self.folders:
                with contextlib.suppress(OSError):
                    (folder / "memory.max_usage_in_bytes").write_text("0")

    def members(self) -> set[int]:
        """The processes inside."""
        return {int(pid) for folder in self.folders for pid in (folder / "cgroup.procs").read_text().split()}

    def name_in(self, listing: str) -> bool:
        """Whether `/proc/<pid>/cgroup` says that its process is in here, in every hierarchy."""
        places = {line.split(":", 2)[2] for line in listing.splitlines()}
        tails = {"/".join(folder.parts[-2:]) for folder in self.folders}
        return all(any(place.endswith(f"/{tail}") for place in places) for tail in tails)


def _files(version: int, bounds: Bounds) -> Iterator[tuple[str, int]]:
    if version == 1:
        yield "memory.limit_in_bytes", bounds.memory
        yield "memory.memsw.limit_in_bytes", bounds.memory
    else:
        yield "memory.max", bounds.memory
        yield "memory.swap.max", 0
    yield "pids.max", bounds.processes


class Pens:
    """All slots' groups of one controller. Raises NoControlGroups where they cannot be had."""

    def __init__(self, bounds: Bounds, *, root: Path | None = None) -> None:
        """`root` holds the mounted hierarchies; only tests give one."""
        self._bounds = bounds
        self._base = open_base(root or Path("/sys/fs/cgroup"))
        self._pens: dict[int, Pen] = {}

    def pen(self, slot: int) -> Pen:
        """The slot's group, made when it is first asked for."""
        if slot not in self._pens:
            folders = tuple(folder / f"slot-{slot}" for folder in self._base.folders)
            for folder in folders:
                folder.mkdir()
            pen = Pen(folders, self._base.version)
            pen.bind(self._bounds)
            self._pens[slot] = pen
        return self._pens[slot]

    def close(self) -> None:
        """End whatever is left in the groups and remove them."""
        for pen in self._pens.values():
            remove(pen)
        self._pens.clear()
        for folder in self._base.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


@dataclass(frozen=True, slots=True)
class Base:
    """Where the controller's pens lie: a folder in every hierarchy that is needed."""

    folders: tuple[Path, ...]
    version: int


def open_base(root: Path) -> Base:
    """A fresh folder for our pens in each hierarchy. Raises NoControlGroups."""
    try:
        own = _own_groups()
        if all(name in own and (root / name / "cgroup.procs").exists() for name in CONTROLLERS):
            parents = [root / name / own[name].lstrip("/") for name in CONTROLLERS]
            version = 1
        else:
            parents, version = [_unified(root, own)], 2
        for parent in parents:
            sweep(parent)
        folders = tuple(parent / f"{_PREFIX}{os.getpid()}-{time.monotonic_ns() % 10**9}" for parent in parents)
        made: list[Path] = []
        try:
            for folder in folders:
                folder.mkdir()
                made.append(folder)
                if version == 2:
                    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in CONTROLLERS))
        except OSError:
            for folder in made:
                folder.rmdir()
            raise
    except OSError as error:
        raise NoControlGroups(error.errno or errno.ENOSYS, f"no control groups: {error}") from error
    return Base(folders, version)


def _own_groups() -> dict[str, str]:
    """Controller → our group in its hierarchy; the unified hierarchy's name is empty."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, place = line.split(":", 2)
        for name in names.split(","):
            own[name] = place
    return own


def _unified(root: Path, own: dict[str, str]) -> Path:
    """A group of the unified hierarchy that may have bounded groups below it: the top one for root, else our own."""
    top = root if (root / "cgroup.controllers").exists() else root / "unified"
    group = top if os.geteuid() == 0 else top / own.get("", "/").lstrip("/")
    if group.name == _SELF:
        group = group.parent  # an earlier command in this scope has moved us
    missing = [name for name in CONTROLLERS if name not in _words(group / "cgroup.controllers")]
    if missing:
        raise OSError(errno.ENOENT, f"the kernel offers no {' and no '.join(missing)} controller at {group}")
    if not set(CONTROLLERS) <= set(_words(group / "cgroup.subtree_control")):
        if group != top:
            _move_down(group)
        (group / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in CONTROLLERS))
    return group


def _move_down(group: Path) -> None:
    """Leave our group for one below it, if nobody else lives there: others are not ours to move."""
    inside = set(map(int, _words(group / "cgroup.procs")))
    strangers = inside - descendants(os.getpid()).keys()
    if strangers:
        raise OSError(errno.EBUSY, f"{group} is shared with {len(strangers)} other processes")
    below = group / _SELF
    below.mkdir(exist_ok=True)
    for pid in inside:
        with contextlib.suppress(ProcessLookupError):
            (below / "cgroup.procs").write_text(str(pid))


def sweep(parent: Path) -> None:
    """Remove the pens of controllers that are no more."""
    for folder in parent.glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            for slot in folder.glob("slot-*"):
                remove(Pen((slot,), 2 if (slot / "cgroup.events").exists() else 1))
            with contextlib.suppress(OSError):
                folder.rmdir()


def remove(pen: Pen) -> None:
    """End the processes of a group and remove it. A process that will not end leaves it for the next sweep."""
    deadline = time.monotonic() + _REMOVE_SECONDS
    for folder in pen.folders:
        while folder.exists():
            try:
                folder.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    return
                _end_all(folder)
                time.sleep(0.005)


def _end_all(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def _entry(path: Path, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _words(path: Path) -> list[str]:
    return path.read_text().split()
