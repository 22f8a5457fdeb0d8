"""What the grader and the intake give up before they meet anything of a student's. They run our code and the author's
tests, but on a stranger's bytes.

    network       a network namespace of its own, without any interface
    files         Landlock: the system, the interpreter, this package and one folder of its own are all there is; no
                  uploads, no gradebook, no home
    rights        no capabilities, and none can be gained; root may still read what others own
    limits        memory, file size, descriptors; no core dumps

All of it costs milliseconds, once: forks inherit it. What a machine refuses is named, and grading goes on without
it: student code never runs here. `autograder doctor` tries it out with `try_seclusion`.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from autograder.sandbox import image, landlock, libc
from autograder.sandbox.descriptors import receive_message, send_message
from autograder.sandbox.heap import Heap
from autograder.sandbox.lifeline import hold_on
from autograder.sandbox.process import PACKAGE_PATH, Process

_SYSTEM = ("/proc", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random", "/dev/zero")
_ETC = ("passwd", "group", "nsswitch.conf", "localtime", "timezone", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
        "alternatives", "fonts", "mime.types", "ssl", "os-release")  # fmt: skip
_DEVICES = ("/dev/null", "/dev/full")
_MEMORY = 16 * 2**30
_FILE_SIZE = 2**30
_DESCRIPTORS = 1 << 16
_SECONDS = 2.0
_KEPT = 1 << 2  # CAP_DAC_READ_SEARCH: root's interpreter may lie in somebody's closed home


def seclude(folder: str | None) -> tuple[str, ...]:
    """Give up everything that is not needed, keeping `folder`; what this machine would not take, in words.

    The calling process must have one thread.
    """
    refused = []
    try:
        _leave_network()
    except OSError as error:
        refused.append(f"network: {error}")
    try:
        landlock.confine(_readable(), [*_DEVICES, *([folder] if folder is not None else [])])
    except OSError as error:
        refused.append(f"files: {error}")
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.keep_capabilities(_KEPT if os.geteuid() == 0 else 0)
    _limit()
    return tuple(refused)


def _leave_network() -> None:
    if os.geteuid() == 0:
        libc.unshare(libc.CLONE_NEWNET)
        return
    uid, gid = os.getuid(), os.getgid()
    libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _readable() -> list[str]:
    """Where Python's modules come from, and what the C library and torch look up on the way."""
    found = [*image.plan_image({}, ()).binds, *_SYSTEM, *(f"/etc/{name}" for name in _ETC)]
    found += [str(Path(PACKAGE_PATH, "autograder"))]
    found += [entry for entry in sys.path if entry not in ("", PACKAGE_PATH)]
    for name, module in list(sys.modules.items()):  # packages that are installed as editable
        if name.startswith("__editable__"):
            found += getattr(module, "MAPPING", {}).values()
    return found


def _limit() -> None:
    for name, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, _MEMORY),
        (resource.RLIMIT_FSIZE, _FILE_SIZE),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
    ):
        hard = resource.getrlimit(name)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (ceiling, ceiling))


def try_seclusion() -> tuple[str, ...]:
    """What this machine does not take from the grader, found out by a process that gives it up and then tries.

    Raises InfrastructureError when it does not answer.
    """
    with (
        tempfile.TemporaryDirectory(prefix="autograder-seclusion-") as folder,
        tempfile.NamedTemporaryFile() as secret,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        process = Process("autograder.grading.seclusion", folder=Path(folder), home=folder)
        try:
            process.send({"folder": folder, "secret": secret.name, "port": listener.getsockname()[1]})
            return tuple(process.receive()["refused"])
        finally:
            process.close()


def main(heap: Heap) -> None:
    """Entry point of the process that tries."""
    control = socket.socket(fileno=int(sys.argv[1]))
    hold_on(int(sys.argv[2]))
    received = receive_message(control)
    if received is None:
        return
    question: dict[str, Any] = received[0]
    refused = list(seclude(question["folder"]))
    try:
        socket.create_connection(("127.0.0.1", question["port"]), _SECONDS).close()
        refused.append("network: the host's loopback can be reached")
    except OSError:
        pass
    if os.access(question["secret"], os.R_OK) and _opens(question["secret"]):
        refused.append("files: a file outside can be read")
    send_message(control, {"refused": refused})


def _opens(path: str) -> bool:
    try:
        Path(path).open("rb").close()
    except OSError:
        return False
    return True
