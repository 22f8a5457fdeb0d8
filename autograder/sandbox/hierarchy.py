"""Where groups with bounds may be made, and how such groups go away again.

Our folder lies below the group returned by `open_base`, once per hierarchy that is needed. It is locked as long as the
controller lives: what has lost its lock was left behind by one that was killed, whoever has its number by now, and the
next one removes it.

Version 1 has one hierarchy a controller: pens lie below our own group. Version 2 has a single one, in which a group can
have processes, or groups with bounds below it, but not both; only the machine's top one can:

    root on a machine      pens at the top
    root in a container    its top is a group like any other, and treated like it:
    an ordinary user       our own group, if it was handed over and is ours alone (`systemd-run --user --scope
                           -p Delegate=yes autograder …`): we leave it for one below it, and it gets bounded groups
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from autograder.sandbox.locked import left_behind, make_locked
from autograder.sandbox.proc import descendants

_PREFIX = "autograder-pens-"
_SELF = "autograder-itself"
_REMOVE_SECONDS = 10.0
_MOVES = 16
CONTROLLERS = ("memory", "pids")


@dataclass(slots=True)
class Base:
    """Where one controller's groups lie: a folder in every hierarchy that is needed, and the descriptor of its lock."""

    version: int
    locks: dict[Path, int] = field(default_factory=dict)

    def close(self) -> None:
        """Remove the folders, if they are empty, and let go of the locks."""
        while self.locks:
            folder, lock = self.locks.popitem()
            with contextlib.suppress(OSError):
                folder.rmdir()
            os.close(lock)


def open_base(root: Path) -> Base:
    """A fresh folder of our own in each hierarchy that is mounted below `root`. Raises OSError."""
    own = _own_groups()
    separate = all(name in own and (root / name / "cgroup.procs").exists() for name in CONTROLLERS)
    base = Base(1 if separate else 2)
    parents = [_group(root / name, own[name]) for name in CONTROLLERS] if separate else [_unified(root, own)]
    try:
        for parent in parents:
            sweep(parent)
            folder, lock = make_locked(partial(_make, parent))
            base.locks[folder] = lock
            if base.version == 2:
                _hand_down(folder)
    except BaseException:
        base.close()
        raise
    return base


def _make(parent: Path) -> Path:
    folder = parent / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"  # another name in each hierarchy
    folder.mkdir()
    return folder


def _hand_down(group: Path) -> None:
    """Let groups below this one have bounds."""
    (group / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in CONTROLLERS))


def _own_groups() -> dict[str, str]:
    """Controller → our group in its hierarchy; the unified hierarchy's name is empty."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, place = line.split(":", 2)
        for name in names.split(","):
            own[name] = place
    return own


def _group(mount: Path, place: str) -> Path:
    """Our group in a mounted hierarchy; its top where a container was given a part of it and its name from outside."""
    group = mount / place.lstrip("/")
    return group if ".." not in group.parts and group.is_dir() else mount


def _unified(root: Path, own: dict[str, str]) -> Path:
    """A group of the unified hierarchy that may have bounded groups below it: the top one for root, else our own."""
    top = root if (root / "cgroup.controllers").exists() else root / "unified"
    group = top if os.geteuid() == 0 else _group(top, own.get("", "/"))
    if group.name == _SELF:
        group = group.parent  # an earlier fence of ours has moved us
    missing = [name for name in CONTROLLERS if name not in _words(group / "cgroup.controllers")]
    if missing:
        raise OSError(errno.ENOENT, f"the kernel offers no {' and no '.join(missing)} controller at {group}")
    if not set(CONTROLLERS) <= set(_words(group / "cgroup.subtree_control")):
        if (group / "cgroup.type").exists():  # all but the machine's top one have it
            _move_down(group)
        _hand_down(group)
    return group


def _move_down(group: Path) -> None:
    """Leave our group for one below it, if nobody else lives there: others are not ours to move."""
    for _ in range(_MOVES):  # a process that another thread starts meanwhile is born in the group we leave
        inside = set(map(int, _words(group / "cgroup.procs")))
        if not inside:
            return
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
    for folder in left_behind(parent.glob(f"{_PREFIX}*")):
        with contextlib.suppress(OSError):
            remove(folder.glob("slot-*"))
            folder.rmdir()


def remove(folders: Iterable[Path]) -> None:
    """End the processes of groups and remove them. A process that will not end leaves its group for the next sweep."""
    deadline = time.monotonic() + _REMOVE_SECONDS
    groups = tuple(folders)
    for folder in groups:
        _forbid_forks(folder)
    for folder in groups:
        while folder.exists() and time.monotonic() < deadline:
            try:
                folder.rmdir()
            except OSError:
                _end_all(folder)
                time.sleep(0.005)


def _forbid_forks(folder: Path) -> None:
    with contextlib.suppress(OSError):
        if (folder / "pids.max").exists():
            (folder / "pids.max").write_text("0")


def _end_all(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in map(int, _words(folder / "cgroup.procs")):
            if pid > 0:  # version 2 says 0 of a process in a pid namespace that is not below ours
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _words(path: Path) -> list[str]:
    return path.read_text().split()
