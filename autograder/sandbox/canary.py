"""What the fence really holds on this machine, found out by trying: a canary student tries what it must not manage.

    outside                                             inside, as cells of a notebook
    ──────────────────────────────────────────────────  ─────────────────────────────────────────────────────────
    plants a secret file, listens on two sockets        tries to read, to connect, to write, to fill, to allocate
    reads the canary's uid, rights and pids from proc   says what it sees of itself
    looks for what the canary should not have done      leaves processes behind that want to live on
    kills pid 1 and counts who is left

A `Finding` is ok only if both sides agree. The cells are ours, so what they print can be believed; the views from
outside guard against a fence that fools itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import InfrastructureError
from autograder.sandbox import libc
from autograder.sandbox.canary_cell import CELL, FILLING
from autograder.sandbox.cgroup import Bounds
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import descendants, started_at, status_of
from autograder.sandbox.process import PACKAGE_PATH
from autograder.sandbox.syscalls import NUMBERS

_SECONDS = 60.0
_MIB = 2**20
_SCRATCH = 16 * _MIB
_MEMORY = 96 * _MIB
_LIMITS = Limits(memory=_MEMORY, scratch=_SCRATCH, file_size=4 * _SCRATCH)
_CALLS = ("unshare", "setns", "mount", "ptrace", "bpf", "keyctl", "io_uring_setup", "perf_event_open", "userfaultfd")
_SAMPLE_ARGUMENTS = {"unshare": (0x10000000,), "io_uring_setup": (1,), "keyctl": (0, -3, 0), "ptrace": (0, 0, 0, 0)}
_FILTERED = "2"  # what proc says of a process with a filter of system calls
_LEFT_BEHIND = 3
_MOST_PIDS = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the fence must hold, whether it does, and what was seen."""

    name: str
    ok: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A fence that was built and tried. `soft_because`: why it has no control groups, where that is so."""

    tier: str
    rootless: bool
    soft_because: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)


def try_fence() -> Trial:
    """Build a fence and try it. Raises FenceError if it cannot be built, InfrastructureError if it does not answer."""
    with tempfile.TemporaryDirectory(prefix="autograder-canary-") as folder, _Listeners() as listeners:
        secret = Path(folder, "secret.txt")
        secret.write_text(secrets.token_hex())
        fence = Fence({}, (), (Path(folder),), limits=_LIMITS)
        try:
            student = fence.spawn(0, _LIMITS, 1, 1)
            try:
                student.wait_ready()
                return _examine(fence, student, secret, listeners)
            finally:
                _end(student)
        finally:
            fence.close()


def _examine(fence: Fence, student: Student, secret: Path, listeners: _Listeners) -> Trial:
    token = f"autograder-canary-{secrets.token_hex(8)}"
    package = Path(PACKAGE_PATH, "autograder")
    question = {
        "port": listeners.port,
        "name": listeners.name,
        "token": token,
        "system": ["/", "/usr", "/etc", "/dev", sys.prefix],
        "hidden": [str(secret), str(package / "results.py")],
        "scratch": 2 * _SCRATCH,
        "memory": 2 * _MEMORY,
        "calls": {name: (NUMBERS[platform.machine()][name], *_SAMPLE_ARGUMENTS.get(name, ())) for name in _CALLS},
        "left_behind": _LEFT_BEHIND,
    }
    inside = _ask(student, CELL.replace("QUESTION", repr(json.dumps(question))))
    outside = status_of(student.pid)
    findings = (
        _user(inside, outside),
        Finding("own processes only", len(inside["pids"]) <= _MOST_PIDS, f"{len(inside['pids'])} in sight"),
        _network(inside, listeners),
        _system(inside, token),
        _scratch(inside, token),
        Finding("memory capped", not inside["allocated"], f"{2 * _MEMORY // _MIB} MiB {_refused(inside['allocated'])}"),
        _together(fence),
        _calls(inside, outside),
        _hidden(inside),
        _shared(inside),
        _ends(student),
    )
    return Trial(fence.tier, fence.rootless, fence.soft_because, findings)


def _user(inside: Mapping[str, Any], outside: Mapping[str, str]) -> Finding:
    uids = set(outside.get("Uid", "").split())
    rights = [inside["CapEff"], outside.get("CapEff", "0")]
    none = all(int(one, 16) == 0 for one in rights)
    ok = 0 not in inside["uids"] and "0" not in uids and none and inside["NoNewPrivs"] == "1"
    seen = f"uid {inside['uids'][0]} inside, {', '.join(sorted(uids)) or '?'} outside; "
    return Finding("unprivileged user", ok, seen + ("no capabilities" if none else f"capabilities {rights}"))


def _network(inside: Mapping[str, Any], listeners: _Listeners) -> Finding:
    reached = [*inside["reached"], *listeners.reached()]
    interfaces = [name for name in inside["interfaces"] if name != "lo"]
    seen = f"reached {', '.join(reached)}" if reached else "nothing reached"
    seen += f"; interfaces {', '.join(interfaces)}" if interfaces else ""
    return Finding("no network", not reached and not interfaces, seen)


def _system(inside: Mapping[str, Any], token: str) -> Finding:
    appeared = [folder for folder in ("/", "/usr", "/etc", sys.prefix) if Path(folder, token).exists()]
    written = sorted({*inside["written"], *appeared})
    return Finding("read-only system", not written, f"written: {', '.join(written)}" if written else "nothing written")


def _scratch(inside: Mapping[str, Any], token: str) -> Finding:
    filled = int(inside["filled"])
    escaped = Path(tempfile.gettempdir(), token).exists() or Path("/tmp", token).exists()
    ok = 0 < filled <= _SCRATCH and not escaped
    seen = f"{filled / _MIB:.1f} of {_SCRATCH // _MIB} MiB could be written"
    return Finding("scratch, capped", ok, seen + (", on the host" if escaped else ""))


def _together(fence: Fence) -> Finding:
    """Memory that no limit of a single process counts: a control group ends it, or it cannot be had at all."""
    student = fence.spawn(1, _LIMITS, 1, 1)
    bound = Bounds.of(_LIMITS).memory
    try:
        student.wait_ready()
        answer = _ask(student, FILLING.replace("QUESTION", repr(json.dumps({"together": 2 * bound}))))
    except InfrastructureError:
        ended = student.starved()
        seen = f"ended at {bound // _MIB} MiB" if ended else "it did not answer"
        return Finding("memory capped in all", ended, seen)
    finally:
        _end(student)
    return Finding("memory capped in all", answer["refused"], "memory files " + _refused(not answer["refused"]))


def _calls(inside: Mapping[str, Any], outside: Mapping[str, str]) -> Finding:
    allowed = list(inside["allowed"])
    filtered = outside.get("Seccomp") == _FILTERED
    seen = f"allowed: {', '.join(allowed)}" if allowed else "refused: what reaches for the kernel or the network"
    return Finding("system calls filtered", filtered and not allowed, seen)


def _hidden(inside: Mapping[str, Any]) -> Finding:
    seen = f"readable: {', '.join(inside['readable'])}" if inside["readable"] else "no secret found"
    return Finding("grader and secrets hidden", not inside["readable"], seen)


def _shared(inside: Mapping[str, Any]) -> Finding:
    odd = [target for target in inside["descriptors"] if not target.startswith("pipe:") and target != "/dev/null"]
    odd += [f"{inside['shared']} shared memory maps"] if inside["shared"] else []
    return Finding("nothing shared", not odd, ", ".join(odd) if odd else "own pipes only")


def _ends(student: Student) -> Finding:
    """Kill pid 1 and see that everything that it had started is gone, too."""
    tree = descendants(student.pid)
    gone = _end(student)
    left = [pid for pid, started in tree.items() if started_at(pid) == started]
    complete = len(tree) >= _LEFT_BEHIND + 2  # pid 1, the runner and what the last cell left
    seen = f"{len(tree)} processes ended" if not left else f"{len(left)} of {len(tree)} processes still there"
    return Finding("ends whole", gone and complete and not left, seen)


def _end(student: Student) -> bool:
    """Kill the tree and wait until it is gone; whether it is. Harmless when it was done before."""
    pidfd = student.kill()
    if pidfd is None:
        return True
    gone = libc.ends_within(pidfd, _SECONDS)
    os.close(pidfd)
    return gone


def _ask(student: Student, source: str) -> dict[str, Any]:
    """Run one cell and return the JSON object that it prints. Raises InfrastructureError."""
    deadline = time.monotonic() + _SECONDS
    try:
        student.runner.send(("run", 0, source), deadline)
        while (message := student.runner.receive(deadline))[0] != "done":
            pass
    except (ChannelClosed, ChannelTimeout, ProtocolFault) as error:
        raise InfrastructureError(f"the canary did not answer ({error})") from error
    _, _, outputs, fault, _ = message
    if fault is not None:
        raise InfrastructureError(f"the canary failed: {fault['name']}: {fault['message']}")
    answer: dict[str, Any] = json.loads("".join(one["text"] for one in outputs if one["output_type"] == "stream"))
    return answer


def _refused(allocated: bool) -> str:
    return "allocated" if allocated else "refused"


class _Listeners:
    """Sockets of the host that the canary must not reach: one on the loopback, one by an abstract name."""

    def __init__(self) -> None:
        self.name = f"autograder-canary-{secrets.token_hex(8)}"
        self._sockets = {
            "the host's loopback": socket.socket(socket.AF_INET),
            "an abstract socket of the host": socket.socket(socket.AF_UNIX),
        }
        tcp, unix = self._sockets.values()
        tcp.bind(("127.0.0.1", 0))
        unix.bind("\0" + self.name)
        for each in (tcp, unix):
            each.listen(8)
            each.setblocking(False)
        self.port: int = tcp.getsockname()[1]

    def __enter__(self) -> _Listeners:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets.values():
            each.close()

    def reached(self) -> list[str]:
        """Which of them somebody has connected to."""
        found = []
        for name, each in self._sockets.items():
            with contextlib.suppress(BlockingIOError):
                each.accept()[0].close()
                found.append(name)
        return found
