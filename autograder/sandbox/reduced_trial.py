"""The fence without namespaces, tried out as `canary` tries the other one: a student of ours that tries to get out.

It says whether `--reduced-fence` could be used here, and is never used to grade.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.sandbox.canary import Finding, _ask, _end, _Listeners
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import descendants, started_at, status_of
from autograder.sandbox.process import PACKAGE_PATH

_MEMORY = 512 * 2**20
_LEFT_BEHIND = 3

_CELL = r"""
import json, os, socket, time

question = json.loads(QUESTION)
answer = {}


def through(attempts):
    names = []
    for name, action in attempts.items():
        try:
            action()
        except Exception:
            continue
        names.append(name)
    return names


def connect(family, address):
    with socket.socket(family) as one:
        one.settimeout(2)
        one.connect(address)


def write(folder):
    with open(os.path.join(folder, question["token"]), "w") as file:
        file.write("x")


answer["reached"] = through({
    "the host's loopback": lambda: connect(socket.AF_INET, ("127.0.0.1", question["port"])),
    "an abstract socket of the host": lambda: connect(socket.AF_UNIX, "\0" + question["name"]),
    "a socket file of the host": lambda: connect(socket.AF_UNIX, question["socket"]),
})
answer["readable"] = through({path: lambda path=path: open(path).read(1) for path in question["hidden"]})
answer["readable"] += through({path: lambda path=path: os.listdir(path) for path in question["closed"]})
answer["written"] = through({path: lambda path=path: write(path) for path in question["system"]})
answer["signalled"] = through({str(pid): lambda pid=pid: os.kill(pid, 0) for pid in question["pids"]})
answer["allocated"] = through({"memory": lambda: bytearray(question["memory"])})
write(".")
for _ in range(question["left_behind"]):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(1000)
        os._exit(0)
    os.wait()
print(json.dumps(answer))
"""


def try_reduced() -> tuple[Finding, ...]:
    """Build the reduced fence and try it; it could be used if all findings are ok. Raises FenceError if it cannot be
    built, InfrastructureError if it does not answer."""
    with tempfile.TemporaryDirectory(prefix="autograder-canary-") as folder, _Listeners() as listeners:
        secret, path = Path(folder, "secret.txt"), str(Path(folder, "socket"))
        secret.write_text(secrets.token_hex())
        fence = Fence({}, (), (Path(folder),), reduced=True)
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen()
                for each in (Path(folder), secret, Path(path)):
                    each.chmod(0o777)  # so that the modes alone keep nobody out
                student = fence.spawn(0, Limits(memory=_MEMORY), 1, 1)
                try:
                    student.wait_ready()
                    return _examine(fence, student, secret, path, listeners)
                finally:
                    _end(student)
        finally:
            fence.close()


def _examine(fence: Fence, student: Student, secret: Path, path: str, listeners: _Listeners) -> tuple[Finding, ...]:
    token = f"autograder-canary-{secrets.token_hex(8)}"
    closed = ["/", "/etc", "/proc", "/tmp", "/var/tmp", str(secret.parent)]
    system = [*closed, sys.prefix]
    others = [f"/proc/{pid}/environ" for pid in (os.getpid(), fence.pid, student.pid)]
    question = {
        "port": listeners.port,
        "name": listeners.name,
        "socket": path,
        "token": token,
        "closed": closed,
        "system": system,
        "hidden": [str(secret), str(Path(PACKAGE_PATH, "autograder", "results.py")), "/etc/passwd", *others],
        "pids": [1, os.getpid(), fence.pid, student.pid],
        "memory": 2 * _MEMORY,
        "left_behind": _LEFT_BEHIND,
    }
    inside = _ask(student, _CELL.replace("QUESTION", repr(json.dumps(question))))
    written = sorted({*inside["written"], *(folder for folder in system if Path(folder, token).exists())})
    return (
        _user(student),
        _none("no network", [*inside["reached"], *listeners.reached()], "reached"),
        _none("files outside closed", inside["readable"], "readable"),
        _none("read-only system", written, "written"),
        _none("no signals outwards", inside["signalled"], "signalled"),
        _none("memory capped for each process", inside["allocated"], "allocated"),
        _ends(student),
    )


def _none(name: str, found: list[str], verb: str) -> Finding:
    return Finding(name, not found, f"{verb}: {', '.join(found)}" if found else f"nothing {verb}")


def _user(student: Student) -> Finding:
    runner = [status_of(pid) for pid in descendants(student.pid) if pid != student.pid]
    ok = bool(runner) and all(_unprivileged(one) for one in runner)
    uids = sorted({one.get("Uid", "?").split()[0] for one in runner})
    return Finding("unprivileged user", ok, f"uid {', '.join(uids)}; {'no' if ok else 'some'} capabilities")


def _unprivileged(status: Mapping[str, Any]) -> bool:
    uids = set(status.get("Uid", "0").split())
    return "0" not in uids and int(status.get("CapEff", "1"), 16) == 0 and status.get("NoNewPrivs") == "1"


def _ends(student: Student) -> Finding:
    """End the student and see that everything that it had started is gone, too."""
    tree = descendants(student.pid)
    gone = _end(student)
    left = [pid for pid, started in tree.items() if started_at(pid) == started]
    complete = len(tree) >= _LEFT_BEHIND + 2  # init, the runner and what the cell left
    seen = f"{len(tree)} processes ended" if not left else f"{len(left)} of {len(tree)} processes still there"
    return Finding("ends whole", gone and complete and not left, seen)
