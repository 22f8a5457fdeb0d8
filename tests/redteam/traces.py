"""What an attack could leave behind, as the host sees it: processes, mounts, control groups, files, descriptors."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.sandbox.proc import descendants
from autograder.sandbox.slots import FIRST_UID

if TYPE_CHECKING:
    from autograder.grading.handing import Readers

    from .ground import Ground

_MOST_LOOKS = 100
_HARMLESS: set[tuple[str, int]] = set()  # what was looked at before, by path and inode
_SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run", tempfile.gettempdir(), str(Path.home()), str(Path.cwd()))


@dataclass(frozen=True)
class Traces:
    """The state of the host, as far as an attack could have changed it."""

    processes: frozenset[tuple[int, int]]  # ours and their children: number, time of start
    mounts: frozenset[str]
    groups: frozenset[str]  # control groups below ours, each with its number of processes
    files: frozenset[tuple[str, int, int]]  # of the course and of our folders: path, size, time of change
    strays: frozenset[str]  # in folders that all share: a student's, or with an attack's mark in the name
    descriptors: frozenset[tuple[Any, ...]]  # of every process of ours: number of each kind

    @classmethod
    def take(cls, ground: Ground, strays: frozenset[str] = frozenset()) -> Traces:
        """What there is now, with strays that were looked for before: in a folder of thousands that takes time."""
        _intake(ground).dismiss()  # its forks outlive a submission
        processes = descendants(os.getpid())
        return cls(
            frozenset(processes.items()),
            frozenset(line for pid in _ours(ground) for line in _mounts(pid)),
            frozenset(_groups(ground)),
            frozenset(entry for folder in (ground.folder, ground.workshop._folder) for entry in _files(folder)),
            strays,
            frozenset((pid, *sorted(_descriptors(pid).items())) for pid in processes),
        )

    @classmethod
    def still(cls, ground: Ground) -> Traces:
        """What there is once nothing changes any more: an earlier student may still be going."""
        there = strays()
        now = cls.take(ground, there)
        for _ in range(_MOST_LOOKS):
            time.sleep(0.05)
            before, now = now, cls.take(ground, there)
            if before == now:
                break
        return now

    @classmethod
    def settle(cls, ground: Ground, before: Traces, seconds: float) -> list[str]:
        """What is different from `before`, once it has had time to go away."""
        there = strays()
        deadline = time.monotonic() + seconds
        while (left := before.changed(cls.take(ground, there))) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    def changed(self, after: Traces) -> list[str]:
        """What is there now and was not, or the other way round, in words."""
        found = []
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(after, one.name)
            found += [f"left behind: {one.name}: {thing}" for thing in sorted(theirs - mine)]
            found += [f"gone: {one.name}: {thing}" for thing in sorted(mine - theirs)]
        return found


def _ours(ground: Ground) -> list[int]:
    crew = ground.workshop._crew
    assert crew is not None
    return [os.getpid(), crew.fence.pid, crew.examiner.pid, _intake(ground).pid]


def _intake(ground: Ground) -> Readers:
    intake = ground.workshop._intake
    assert intake is not None
    return intake


def _mounts(pid: int) -> list[str]:
    return [f"{pid}: {line}" for line in _read(Path(f"/proc/{pid}/mountinfo")).splitlines()]


def _groups(ground: Ground) -> list[str]:
    crew = ground.workshop._crew
    assert crew is not None
    pens = crew.fence._pens
    folders = {folder for pen in pens._pens.values() for folder in pen.folders} if pens is not None else set()
    found = []
    for folder in folders:
        for place in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            found.append(f"{place}: {len(_read(place / 'cgroup.procs').split())}")
    return found


def _files(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    for path in folder.rglob("*"):
        try:
            facts = path.lstat()
        except OSError:
            continue
        found.append((str(path), facts.st_size, facts.st_mtime_ns))
    return found


def strays() -> frozenset[str]:
    """What lies in folders that all share and is a student's, or has an attack's mark in its name."""
    from .ground import MARK

    found = []
    for folder in set(_SHARED):
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if MARK in entry.name or ((entry.path, entry.inode()) not in _HARMLESS and _is_students(entry)):
                found.append(entry.path)
            else:
                _HARMLESS.add((entry.path, entry.inode()))
    return frozenset(found)


def _is_students(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("autograder-"):
        return False  # another grader's, who may be at work on this machine
    try:
        return entry.stat(follow_symlinks=False).st_uid >= FIRST_UID
    except OSError:
        return False  # it is gone


def _descriptors(pid: int) -> Counter[str]:
    kinds: Counter[str] = Counter()
    try:
        entries = list(os.scandir(f"/proc/{pid}/fd"))
    except OSError:
        return kinds
    for entry in entries:
        try:
            kinds[re.sub(r"\[?\d+\]?$", "", str(Path(entry.path).readlink()))] += 1
        except OSError:
            continue  # it was closed meanwhile
    return kinds


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
