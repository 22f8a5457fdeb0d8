"""The fence as it looks from outside, read from the host's proc before a student's first byte is sent.

What the fence does to itself can fail without an error: a mount that is not there, a right that is kept. So the
controller looks once more, at a process that has not run a line of the student's, and closes the fence for good where
anything is not as it must be. It reads only what the kernel says; nothing that comes from inside is believed. What a
container has done to us counts for nothing: a filter of its own, a limit that is there anyway.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import FenceError
from autograder.sandbox.cgroup import Pen
from autograder.sandbox.limits import MEMORY_SHARES, Limits
from autograder.sandbox.proc import read, status_of
from autograder.sandbox.rules import Rule

_NAMESPACES = {
    None: ("user", "uts", "cgroup"),
    Rule.MOUNTS: ("mnt",),
    Rule.PROCESSES: ("pid",),
    Rule.NETWORK: ("net",),
    Rule.IPC: ("ipc",),
}
_CAPABILITY_SETS = ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd")  # the last takes a right to empty
_CAPPED = frozenset({"/scratch", "/tmp", "/dev/shm"})
_WRITABLE = _CAPPED | {"/proc"}
_OWN_MOUNTS = _WRITABLE | {"/"}
_DEVICES = "/dev/"
_NEAR = 64
_FILTERED = "2"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be true of a student's runner: its uid out here, what it may hold open (pipes by inode), its group,
    its limits, what is hidden from it. `reduced`: it has no namespaces, and its init is a user of its own."""

    rules: frozenset[Rule]
    uid: int
    pipes: frozenset[int]
    files: frozenset[str]
    pen: Pen | None
    limits: Limits
    covers: frozenset[str]
    reduced: bool = False


def attest(init: int, expected: Expected) -> None:
    """Look at pid 1 and the runner of a fence that says it stands. Raises FenceError with all that is wrong."""
    wrong: list[str] = []
    try:
        wrong += dict.fromkeys(_wrong(init, expected))  # what is wrong of both is told once
    except (OSError, ValueError, LookupError) as error:
        wrong.append(f"it could not be looked at ({error})")
    if wrong:
        raise FenceError(f"the fence does not hold: {'; '.join(wrong)}")


def _wrong(init: int, expected: Expected) -> Iterator[str]:
    runner = only_child(init)
    if runner is None:
        yield "pid 1 has no runner"
        return
    above, inside = status_of(init), status_of(runner)
    if not expected.reduced:
        yield from _rights(above, expected)
    yield from _rights(inside, expected)
    yield from _places(runner, expected, int(above["PPid"]))
    limited = inside if expected.reduced else above  # who set the limits
    yield from _limits(runner, expected, int(limited["VmPeak"].split()[0]) * 1024)
    yield from _descriptors(runner, expected)
    if Rule.MOUNTS in expected.rules:
        yield from _mounts(read(f"/proc/{runner}/mountinfo"), expected)


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
        return int(read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    except OSError:  # it may go between the two
        return None


def _rights(status: Mapping[str, str], expected: Expected) -> Iterator[str]:
    shared = expected.uid == os.getuid()  # without root all students have the operator's user, with his groups
    gid = os.getgid() if shared else expected.uid
    if set(status.get("Uid", "").split()) != {str(expected.uid)}:
        yield f"its user is {status.get('Uid')}"
    if set(status.get("Gid", "").split()) != {str(gid)}:
        yield f"its group is {status.get('Gid')}"
    if not shared and status.get("Groups") != "":
        yield f"it is in groups {status.get('Groups')}"
    if Rule.CAPABILITIES in expected.rules:
        sets = _CAPABILITY_SETS[: -1 if expected.reduced else None]
        kept = [name for name in sets if int(status.get(name, "1"), 16)]
        if kept:
            yield f"it keeps capabilities ({', '.join(kept)})"
    if Rule.NO_NEW_PRIVILEGES in expected.rules and status.get("NoNewPrivs") != "1":
        yield "it can gain privileges"
    if Rule.SYSTEM_CALLS in expected.rules and not _filtered(status):
        yield "no filter of system calls is on"
    if Rule.PROCESSES in expected.rules and len(status.get("NSpid", "").split()) < 2:
        yield "it has no pid namespace"


def _filtered(status: Mapping[str, str]) -> bool:
    """Whether it is under one filter more than we are. Kernels before 5.9 do not count them."""
    count = "Seccomp_filters"
    more = count not in status or int(status[count]) > int(status_of(os.getpid())[count])
    return status.get("Seccomp") == _FILTERED and more


def _places(pid: int, expected: Expected, zygote: int) -> Iterator[str]:
    """The zygote has the host's namespaces, or such as would be shared by all students: its mounts, without root its
    user namespace."""
    for rule, names in _NAMESPACES.items():
        if rule in expected.rules or (rule is None and not expected.reduced):
            for name in names:
                if _namespace(pid, name) == _namespace(zygote, name):
                    yield f"it shares the zygote's {name} namespace"
    if expected.pen is not None and not expected.pen.name_in(read(f"/proc/{pid}/cgroup")):
        yield "it is outside its control group"


def _namespace(pid: int, name: str) -> int:
    return os.stat(f"/proc/{pid}/ns/{name}").st_ino  # noqa: PTH116 - see `proc.read`


def _limits(pid: int, expected: Expected, mapped: int) -> Iterator[str]:
    """`mapped`: the most bytes that who set the limits had mapped, to which a budget was added."""
    lines = read(f"/proc/{pid}/limits").splitlines()
    hard = {line[:26].strip(): line[26:].split()[1] for line in lines[1:]}
    limits = expected.limits
    for rule, name, ceiling in (
        (Rule.MEMORY, "data size" if limits.card else "address space", mapped + MEMORY_SHARES * limits.memory),
        (Rule.COUNT, "processes", limits.processes),
        (Rule.DESCRIPTORS, "open files", limits.descriptors),
        (Rule.FILE_SIZE, "file size", limits.file_size),
        (Rule.CPU, "cpu time", int(limits.longest) + 2),
        (None, "core file size", 0),
        (None, "locked memory", 0),
    ):
        if rule is None or rule in expected.rules:
            value = hard[f"Max {name}"]
            if value == "unlimited" or int(value) > ceiling:
                yield f"{name}: {value} instead of {ceiling}"


def _descriptors(pid: int, expected: Expected) -> Iterator[str]:
    own = {"/dev/null", *expected.files, *(f"pipe:[{inode}]" for inode in expected.pipes)}
    with os.scandir(f"/proc/{pid}/fd") as entries:
        held = {os.readlink(entry.path) for entry in entries}  # noqa: PTH115 - see `proc.read`
    yield from (f"it holds {target}" for target in sorted(held - own))


@dataclass(frozen=True, slots=True)
class _Mount:
    parent: str
    device: str
    place: str
    flags: frozenset[str]
    options: str

    @classmethod
    def parse(cls, fields: list[str]) -> _Mount:
        """From a line of `/proc/<pid>/mountinfo`."""
        place = re.sub(r"\\([0-7]{3})", lambda escaped: chr(int(escaped[1], 8)), fields[4])
        return cls(fields[1], fields[2], place, frozenset(fields[5].split(",")), fields[-1])


def _in_sight(listing: str) -> Iterator[_Mount]:
    """The mounts that a path can lead to: none that another one covers, as a student's /proc covers the host's."""
    lines = [line.split() for line in listing.splitlines()]
    mounts = {fields[0]: _Mount.parse(fields) for fields in lines}
    children: dict[str, list[str]] = {}
    for number, mount in mounts.items():
        children.setdefault(mount.parent, []).append(number)
    queue = [number for number, mount in mounts.items() if mount.parent not in mounts]
    while queue:
        number = queue.pop()
        below = children.get(number, [])
        on_top = [child for child in below if mounts[child].place == mounts[number].place]
        if on_top:
            queue += on_top
            continue
        yield mounts[number]
        places = {mounts[child].place for child in below}
        queue += [child for child in below if not _is_below(mounts[child].place, places)]


def _is_below(place: str, others: Set[str]) -> bool:
    while place:
        place = place.rpartition("/")[0]
        if place in others:
            return True
    return False


def _mounts(listing: str, expected: Expected) -> Iterator[str]:
    seen = list(_in_sight(listing))
    for mount in seen:
        if Rule.PROCESSES not in expected.rules and f"{mount.place}/".startswith("/proc/"):
            continue  # the host's own
        if Rule.READ_ONLY in expected.rules and "ro" not in mount.flags and mount.place not in _WRITABLE:
            yield f"{mount.place} is writable"
        if "nosuid" not in mount.flags:
            yield f"{mount.place} honours set-user-id programs"
        if "nodev" not in mount.flags and not mount.place.startswith(_DEVICES):
            yield f"{mount.place} honours devices"
        capped = all(f"{cap}=" in mount.options for cap in ("size", "nr_inodes"))
        if Rule.SCRATCH in expected.rules and mount.place in _CAPPED and not capped:
            yield f"{mount.place} is not capped"
        if mount.place == "/proc" and mount.device == _device("/proc"):
            yield "it sees the host's processes"
    places = {mount.place for mount in seen}
    yield from (f"{place} is no mount of its own" for place in sorted(_OWN_MOUNTS - places))
    if Rule.COVERS in expected.rules:
        yield from (f"{place} is not covered" for place in sorted(expected.covers - places))


def _device(place: str) -> str:
    """As mountinfo writes it."""
    number = Path(place).stat().st_dev
    return f"{os.major(number)}:{os.minor(number)}"
