"""The fence around one student: from a fork of the zygote to the process that runs the cells.

    zygote → middle   drops the uid, takes namespaces of its own; keeps no pipe; outlives pid 1 so that its death is pid
    1's
           → init     pid 1: mounts proc and scratch, sets limits, drops every right; then only reaps
           → runner   runs the cells; never pid 1, which would survive its own SIGKILL and adopt strangers
           → snapshot one per test

Whoever ends init ends all of them. Each step is one function below, in the order in which it happens; whatever fails is
reported on the status pipe as ours ("the fence failed"), before any byte of the student's has been sent. The status
pipe carries lines of JSON: {"init": host pid}, {"ready": true} or {"fault": text}, at last {"runner": wait status}.

The seccomp filter, the cgroups and the attestation from outside belong between `drop_rights` and the runner's first
message; until they are there a report says `isolation: namespaces`.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox import image, libc
from autograder.sandbox.limits import Limits

TIER = "namespaces"
UNFENCED = "none"
"""What a report says of code that ran without a fence; such results are never exported as grades."""
_NAMESPACES = (
    libc.CLONE_NEWUSER
    | libc.CLONE_NEWNS
    | libc.CLONE_NEWPID
    | libc.CLONE_NEWNET
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWCGROUP
)
_INSIDE_USER = 1000
_MEMORY_SHARES = 2  # the notebook's and a test's
FIRST_UID = 64_000_000
"""Slots' uids where the zygote is root: far above those of people."""


def enter(uid: int | None, limits: Limits, status: int, pipes: list[int], run: Callable[[], None]) -> NoReturn:
    """Become the middle process and never return. `uid` is the slot's host uid, None where the zygote is no root."""
    try:
        libc.name_process("ag-middle")
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        change_user(uid)
        take_namespaces()
        init = os.fork()
    except OSError as error:
        _fault(status, error)
    if init == 0:
        _be_init(limits, status, pipes, run)
    _tell(status, {"init": init})
    for descriptor in (status, *pipes):
        os.close(descriptor)
    os.waitpid(init, 0)
    os._exit(0)


def enter_trusted(
    status: int, pipes: list[int], base: str, files: list[tuple[str, str]], run: Callable[[], None]
) -> NoReturn:
    """Become the runner without any fence, in a new folder below `base`: for code that its operator answers for."""
    libc.name_process("ag-trusted")
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    folder = Path(tempfile.mkdtemp(dir=base))
    runner = os.fork()
    if runner == 0:
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.close(status)
        os.chdir(folder)
        for name, source in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
        run()
        os._exit(0)
    for descriptor in pipes:
        os.close(descriptor)
    _tell(status, {"init": os.getpid()})
    _tell(status, {"ready": True})
    _tell(status, {"runner": os.waitpid(runner, 0)[1]})
    os._exit(0)


def change_user(uid: int | None) -> None:
    """Drop to the slot's uid: with host uid 0 RLIMIT_NPROC would do nothing."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of uid clears it
    libc.prctl(libc.PR_SET_DUMPABLE, 1)  # else the maps below belong to root and cannot be written


def take_namespaces() -> None:
    """Leave the host's user, mount, pid, network, IPC, host name and cgroup namespaces."""
    uid, gid = os.getuid(), os.getgid()
    libc.unshare(_NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_INSIDE_USER} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_INSIDE_USER} {gid} 1")


def mount_private(limits: Limits) -> None:
    """A proc that shows only this student, and one capped tmpfs that is scratch, /tmp and shared memory together."""
    flags = libc.MS_NOSUID | libc.MS_NODEV
    libc.mount("proc", "/proc", "proc", flags | libc.MS_NOEXEC)
    options = f"size={limits.scratch},nr_inodes={limits.files},mode=0755"
    libc.mount("tmpfs", image.SCRATCH, "tmpfs", flags, options)
    for name in ("work", "tmp", "shm"):
        Path(image.SCRATCH, name).mkdir()
    kept = [(source, os.open(source, os.O_PATH), target) for source, target in image.kept_places()]
    libc.mount(f"{image.SCRATCH}/tmp", "/tmp", None, libc.MS_BIND)
    libc.mount(f"{image.SCRATCH}/shm", "/dev/shm", None, libc.MS_BIND)
    for source, descriptor, target in kept:
        Path(target).mkdir(parents=True)
        libc.mount(source, target, None, libc.MS_BIND | libc.MS_REC)  # with the covers inside it
        os.close(descriptor)
    libc.set_host_name("student")


def copy_course_files() -> None:
    """Put the assignment's files into the working folder, where the student may change its own copy."""
    if any(Path(image.COURSE).iterdir()):
        shutil.copytree(image.COURSE, image.WORK, dirs_exist_ok=True, copy_function=shutil.copyfile)
    os.chdir(image.WORK)


def set_limits(limits: Limits) -> None:
    """Limits of every process of the student. The CPU limit's hard end leaves room for the longest phase."""
    hard_cpu = int(limits.longest) + 2
    for name, value in (
        (resource.RLIMIT_AS, _virtual_memory() + _MEMORY_SHARES * limits.memory),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_CPU, hard_cpu),
    ):
        hard = resource.getrlimit(name)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (ceiling, ceiling))
    limit_memory(limits.memory)


def limit_memory(budget: int) -> None:
    """Let the calling process map `budget` bytes more than now: what a cell left behind must not starve the tests.

    The hard limit above stays: notebook and test together get two budgets.
    """
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = _virtual_memory() + budget
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def limit_cpu(seconds: float, *, last: bool = False) -> None:
    """Let the calling process use `seconds` of CPU from its start, rounded up; then SIGXCPU ends it.

    With `last`, for a process from which none is forked that may need more, ignoring the signal wins one second.
    """
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = max(1, -int(-seconds // 1))
    soft = min(wanted, hard) if hard > 0 else wanted
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 1 if last and (hard < 0 or soft < hard) else hard))


def drop_rights() -> None:
    """Give up every capability for good, and any way to regain one."""
    libc.drop_capabilities()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)


def _be_init(limits: Limits, status: int, pipes: list[int], run: Callable[[], None]) -> NoReturn:
    try:
        libc.name_process("ag-init")
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        mount_private(limits)
        copy_course_files()
        set_limits(limits)
        drop_rights()
        runner = os.fork()
    except OSError as error:
        _fault(status, error)
    if runner == 0:
        os.close(status)
        run()
        os._exit(0)
    for descriptor in pipes:
        os.close(descriptor)
    _tell(status, {"ready": True})
    _reap(runner, status)


def _reap(runner: int, status: int) -> NoReturn:
    """Wait for every process of the student; say when the runner is gone; end when none is left."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        try:
            pid, result = os.waitpid(-1, 0)
        except ChildProcessError:
            os._exit(0)
        if pid == runner:
            _tell(status, {"runner": result})
            os.close(status)


def _tell(status: int, message: dict[str, Any]) -> None:
    os.write(status, json.dumps(message).encode() + b"\n")


def _fault(status: int, error: OSError) -> NoReturn:
    _tell(status, {"fault": str(error)})
    os._exit(1)


def _virtual_memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
