"""The fence as it looks from outside, read from the host's proc before a student's first byte is sent.

What the fence does to itself can fail without an error: a mount that is not there, a right that is kept. So the
controller looks once more, at a process that has not run a line of the student's, and closes the fence for good where
anything is not as it must be. It reads only what the kernel says; nothing that comes from inside is believed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import FenceError
from autograder.sandbox.cgroup import Pen
from autograder.sandbox.proc import status_of
from autograder.sandbox.rules import Rule

_NAMESPACES = {
    None: ("user", "uts", "cgroup"),
    Rule.MOUNTS: ("mnt",),
    Rule.PROCESSES: ("pid",),
    Rule.NETWORK: ("net",),
    Rule.IPC: ("ipc",),
}
_CAPABILITY_SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
_LIMITS = {
    Rule.MEMORY: "Max address space",
    Rule.COUNT: "Max processes",
    Rule.DESCRIPTORS: "Max open files",
    Rule.FILE_SIZE: "Max file size",
    Rule.CPU: "Max cpu time",
}
_WRITABLE = ("/scratch", "/tmp", "/dev/shm", "/proc")
_DEVICES = "/dev/"
_NEAR = 64
_NO_FILTER, _FILTER = "0", "2"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be true of a student's runner: its uid out here, what it may hold open (pipes by inode), its group."""

    rules: frozenset[Rule]
    uid: int
    pipes: frozenset[int]
    files: frozenset[str]
    pen: Pen | None


def attest(init: int, expected: Expected) -> None:
    """Look at pid 1 and the runner of a fence that says it stands. Raises FenceError with all that is wrong."""
    runner = only_child(init)
    if runner is None:
        raise FenceError("the fence does not hold: pid 1 has no runner")
    wrong = [*_rights(init, expected), *_rights(runner, expected)]
    try:
        wrong += [*_places(runner, expected), *_limits(runner, expected), *_descriptors(runner, expected)]
        wrong += _mounts(runner, expected)
    except OSError as error:
        wrong.append(f"it could not be looked at ({error})")
    if wrong:
        raise FenceError(f"the fence does not hold: {'; '.join(wrong)}")


def only_child(init: int) -> int | None:
    """The host's number of the one process that `init` has started. Numbers are given out in order: it is near."""
    near = (pid for pid in range(init + 1, init + _NEAR) if _parent(pid) == init)
    found = next(near, None)
    if found is not None:
        return found
    everybody = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return next((pid for pid in everybody if _parent(pid) == init), None)


def _parent(pid: int) -> int | None:
    try:
        stat = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(os.read(stat, 512).rpartition(b")")[2].split()[1])
    finally:
        os.close(stat)


def _rights(pid: int, expected: Expected) -> Iterator[str]:
    status = status_of(pid)
    if set(status.get("Uid", "").split()) != {str(expected.uid)}:
        yield f"its user is {status.get('Uid')}"
    if Rule.CAPABILITIES in expected.rules:
        kept = [name for name in _CAPABILITY_SETS if int(status.get(name, "1"), 16)]
        if kept:
            yield f"it keeps capabilities ({', '.join(kept)})"
    if Rule.NO_NEW_PRIVILEGES in expected.rules and status.get("NoNewPrivs") != "1":
        yield "it can gain privileges"
    if Rule.SYSTEM_CALLS in expected.rules and status.get("Seccomp") != _FILTER:
        yield "no filter of system calls is on"
    if Rule.PROCESSES in expected.rules and len(status.get("NSpid", "").split()) < 2:
        yield "it has no pid namespace"


def _places(pid: int, expected: Expected) -> Iterator[str]:
    for rule, names in _NAMESPACES.items():
        if rule is None or rule in expected.rules:
            for name in names:
                if _namespace(pid, name) == _namespace(os.getpid(), name):
                    yield f"it shares the host's {name} namespace"
    if expected.pen is not None and not expected.pen.name_in(Path(f"/proc/{pid}/cgroup").read_text()):
        yield "it is outside its control group"


def _namespace(pid: int, name: str) -> int:
    return Path(f"/proc/{pid}/ns/{name}").stat().st_ino


def _limits(pid: int, expected: Expected) -> Iterator[str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    hard = {line[:26].strip(): line[26:].split()[1] for line in lines[1:]}
    for rule, name in _LIMITS.items():
        if rule in expected.rules and hard.get(name, "unlimited") == "unlimited":
            yield f"{name.removeprefix('Max ')} is not limited"
    if hard.get("Max core file size") != "0":
        yield "it may dump core"


def _descriptors(pid: int, expected: Expected) -> Iterator[str]:
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        target = str(entry.readlink())
        pipe = re.fullmatch(r"pipe:\[(\d+)\]", target)
        own = int(pipe[1]) in expected.pipes if pipe else target == "/dev/null" or target in expected.files
        if not own:
            yield f"it holds {target}"


def _mounts(pid: int, expected: Expected) -> Iterator[str]:
    if Rule.MOUNTS not in expected.rules:
        return
    seen = {}
    for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
        place, options = line.split()[4:6]
        seen[place] = (set(options.split(",")), line)  # a later mount hides an earlier one
    for place, (flags, line) in seen.items():
        writable = place in _WRITABLE or place.startswith(_DEVICES)
        if Rule.READ_ONLY in expected.rules and "ro" not in flags and not writable:
            yield f"{place} is writable"
        if "nosuid" not in flags:
            yield f"{place} honours set-user-id programs"
        if place == "/scratch" and Rule.SCRATCH in expected.rules and "size=" not in line:
            yield "scratch has no size"
    missing = sorted({"/", "/proc", "/scratch", "/tmp", "/dev/shm"} - seen.keys())
    if missing:
        yield f"{', '.join(missing)} is no mount of its own"
