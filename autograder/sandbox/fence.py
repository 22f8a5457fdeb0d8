"""The fence around one student: from a fork of the zygote to the process that runs the cells.

    zygote → init     pid 1 of namespaces of its own; mounts proc and scratch, sets limits, drops every right, goes
                      under the filter of system calls; then only reaps
           → runner   runs the cells; never pid 1, which would survive its own SIGKILL and adopt strangers
           → snapshot one per test

Whoever ends init ends all of them. Each step is one function below, in the order in which it happens; what each takes
away has a name in `rules`. Whatever fails is reported on the status pipe as ours ("the fence failed"), before any byte
of the student's has been sent, and the controller looks at the result from outside (`attest`). The status pipe carries
lines of JSON: {"init": host pid}, {"ready": true} or {"fault": text}, at last {"runner": wait status}.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.errors import FenceError
from autograder.sandbox import image, libc, seccomp
from autograder.sandbox.limits import MEMORY_SHARES, Limits
from autograder.sandbox.rules import Rule

_NAMESPACES = {
    Rule.MOUNTS: libc.CLONE_NEWNS,
    Rule.PROCESSES: libc.CLONE_NEWPID,
    Rule.NETWORK: libc.CLONE_NEWNET,
    Rule.IPC: libc.CLONE_NEWIPC,
}
_INSIDE_USER = 1000
_STATM = {resource.RLIMIT_AS: 0, resource.RLIMIT_DATA: 5}
"""Where proc's statm has what a limit on memory counts: all addresses; private memory that can be written."""
_KILLED_FIRST, _KILLED_NEXT = b"1000", b"500"  # where memory is full: the student's, then pid 1, never the zygote


@dataclass(frozen=True, slots=True)
class Policy:
    """What is enforced: the rules, and the filter of system calls, assembled."""

    rules: frozenset[Rule]
    filter: bytes


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that a library keeps open in the zygote: its descriptor, path and position in bytes."""

    descriptor: int
    path: str
    position: int


@dataclass(frozen=True, slots=True)
class Program:
    """What is to run inside: `let_go` closes what is the zygote's own, `run` serves `pipes` until they close."""

    limits: Limits
    files: tuple[OpenFile, ...]
    status: int
    pipes: tuple[int, ...]
    let_go: Callable[[], None]
    run: Callable[[], None]


def spawn(program: Program, uid: int, policy: Policy) -> None:
    """Fork a student whose uid out here is `uid`; returns in the zygote only."""
    admitted, admit = os.pipe()
    try:
        init = fork_init(policy.rules)
        if init == 0:
            os.close(admit)
            _be_init(program, admitted, policy)
        tell(program.status, {"init": init})
        map_user(init, uid)
    except OSError as error:
        tell(program.status, {"fault": str(error)})
    finally:
        os.close(admitted)
        os.close(admit)  # init goes on


def fork_init(rules: frozenset[Rule]) -> int:
    """Fork into user, mount, pid, network, IPC, host name and cgroup namespaces of its own."""
    flags = libc.CLONE_NEWUSER | libc.CLONE_NEWUTS | libc.CLONE_NEWCGROUP
    for rule in rules & _NAMESPACES.keys():
        flags |= _NAMESPACES[rule]
    return libc.fork(flags)


def map_user(init: int, uid: int) -> None:
    """Give the new namespace its one user, who is `uid` out here: with host uid 0 RLIMIT_NPROC would do nothing."""
    gid = uid if os.getuid() != uid else os.getgid()
    _write(f"/proc/{init}/setgroups", "deny")
    _write(f"/proc/{init}/uid_map", f"{_INSIDE_USER} {uid} 1")
    _write(f"/proc/{init}/gid_map", f"{_INSIDE_USER} {gid} 1")


def spawn_trusted(program: Program, base: str, files: tuple[tuple[str, str], ...]) -> None:
    """Run it without any fence, in a new folder below `base`: for code that its operator answers for."""
    if os.fork() > 0:
        return
    program.let_go()
    libc.name_process("ag-trusted")
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    folder = Path(tempfile.mkdtemp(dir=base))
    runner = os.fork()
    if runner == 0:
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.close(program.status)
        os.chdir(folder)
        for name, source in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
        program.run()
        os._exit(0)
    for descriptor in program.pipes:
        os.close(descriptor)
    tell(program.status, {"init": os.getpid()})
    tell(program.status, {"ready": True})
    tell(program.status, {"runner": os.waitpid(runner, 0)[1]})
    os._exit(0)


def become_user(admitted: int) -> None:
    """Wait until the zygote has written the maps, and be the namespace's only user."""
    os.read(admitted, 1)
    os.close(admitted)
    os.setresgid(_INSIDE_USER, _INSIDE_USER, _INSIDE_USER)
    os.setresuid(_INSIDE_USER, _INSIDE_USER, _INSIDE_USER)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of uid clears it


def renew_files(files: tuple[OpenFile, ...]) -> None:
    """Open the zygote's files anew: an inherited one has one position for all, by which students could signal."""
    for file in files:
        own = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        os.lseek(own, file.position, os.SEEK_SET)
        os.dup2(own, file.descriptor, inheritable=False)
        os.close(own)


def files_kept_open(known: set[int]) -> tuple[OpenFile, ...]:
    """What this process holds open beside `known`. Raises FenceError for anything that cannot be opened anew."""
    found = []
    for entry in sorted(Path("/proc/self/fd").iterdir()):
        number = int(entry.name)
        if number > 2 and number not in known and entry.is_symlink():  # the listing's own descriptor is gone by now
            path = str(entry.readlink())
            try:
                found.append(OpenFile(number, path, os.lseek(number, 0, os.SEEK_CUR)))
            except OSError as error:
                raise FenceError(f"a preloaded library keeps {path} open") from error
    return tuple(found)


def mount_private(limits: Limits, rules: frozenset[Rule]) -> None:
    """A proc that shows only this student, and one capped tmpfs that is scratch, /tmp and shared memory together."""
    flags = libc.MS_NOSUID | libc.MS_NODEV
    if Rule.PROCESSES in rules:
        libc.mount("proc", "/proc", "proc", flags | libc.MS_NOEXEC)
    options = f"size={limits.scratch},nr_inodes={limits.files},mode=0755"
    if Rule.SCRATCH not in rules:
        options = "mode=0755"
    libc.mount("tmpfs", image.SCRATCH, "tmpfs", flags, options)
    for name in ("work", "tmp", "shm"):
        os.mkdir(f"{image.SCRATCH}/{name}")  # noqa: PTH102 - see `_write`
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


def set_limits(limits: Limits, rules: frozenset[Rule]) -> None:
    """Limits of every process of the student. The CPU limit's hard end leaves room for the longest phase.

    CUDA reserves far more addresses than there is memory: on a card what can be written is counted instead.
    """
    kind = resource.RLIMIT_DATA if limits.card else resource.RLIMIT_AS
    for rule, name, value in (
        (Rule.MEMORY, kind, _mapped(kind) + MEMORY_SHARES * limits.memory),
        (Rule.COUNT, resource.RLIMIT_NPROC, limits.processes),
        (Rule.DESCRIPTORS, resource.RLIMIT_NOFILE, limits.descriptors),
        (Rule.FILE_SIZE, resource.RLIMIT_FSIZE, limits.file_size),
        (Rule.CPU, resource.RLIMIT_CPU, int(limits.longest) + 2),
        (None, resource.RLIMIT_CORE, 0),
        (None, resource.RLIMIT_MEMLOCK, 0),
    ):
        if rule is None or rule in rules:
            hard = resource.getrlimit(name)[1]
            ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(name, (ceiling, ceiling))
    if Rule.MEMORY in rules:
        limit_memory(limits)


def limit_memory(limits: Limits) -> None:
    """Let the calling process map its budget of bytes above what it has: what a cell left must not starve the tests.

    The hard limit above stays: notebook and test together get two budgets, shared freely where proc is closed.
    """
    kind = resource.RLIMIT_DATA if limits.card else resource.RLIMIT_AS
    hard = resource.getrlimit(kind)[1]
    try:
        wanted = _mapped(kind) + limits.memory
    except PermissionError:
        wanted = hard
    resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def limit_cpu(seconds: float, *, last: bool = False) -> None:
    """Let the calling process use `seconds` of CPU from its start, rounded up; then SIGXCPU ends it.

    With `last`, for a process from which none is forked that may need more, ignoring the signal wins one second.
    """
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = max(1, -int(-seconds // 1))
    soft = min(wanted, hard) if hard > 0 else wanted
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 1 if last and (hard < 0 or soft < hard) else hard))


def drop_rights(rules: frozenset[Rule]) -> None:
    """Give up every capability for good, and any way to regain one."""
    if Rule.CAPABILITIES in rules:
        libc.drop_capabilities()
    if Rule.NO_NEW_PRIVILEGES in rules:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)


def hide() -> None:
    """Close the calling process's memory, descriptors and links in proc to other processes of its user."""
    libc.prctl(libc.PR_SET_DUMPABLE, 0)


def _be_init(program: Program, admitted: int, policy: Policy) -> NoReturn:
    rules = policy.rules
    try:
        program.let_go()
        libc.name_process("ag-init")
        importance = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
        os.write(importance, _KILLED_FIRST)
        become_user(admitted)
        os.setsid()
        renew_files(program.files)
        if Rule.MOUNTS in rules:
            mount_private(program.limits, rules)
        copy_course_files()
        set_limits(program.limits, rules)
        drop_rights(rules)
        if Rule.SYSTEM_CALLS in rules:
            seccomp.install(policy.filter)
        settled, settle = os.pipe()
        runner = os.fork()
    except OSError as error:
        fault(program.status, error)
    if runner == 0:
        for descriptor in (program.status, importance, settled, settle):
            os.close(descriptor)
        program.run()  # it hides when it has been looked at
        os._exit(0)
    hide()
    os.write(importance, _KILLED_NEXT)
    os.close(importance)
    os.close(settle)
    os.read(settled, 1)  # the runner holds its pipes and nothing else
    os.close(settled)
    for descriptor in program.pipes:
        os.close(descriptor)
    tell(program.status, {"ready": True})
    _reap(runner, program.status)


def _reap(runner: int, status: int) -> NoReturn:
    """Wait for every process of the student; say when the runner is gone; end when none is left."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        try:
            pid, result = os.waitpid(-1, 0)
        except ChildProcessError:
            os._exit(0)
        if pid == runner:
            tell(status, {"runner": result})
            os.close(status)


def _write(path: str, text: str) -> None:
    """Write to a file of proc's: in a fork, `pathlib` would touch, and so copy, a hundred pages more."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def tell(status: int, message: dict[str, Any]) -> None:
    """Write one line to the status pipe, if anybody listens: the controller may have given this student up."""
    with contextlib.suppress(BrokenPipeError):
        os.write(status, json.dumps(message).encode() + b"\n")


def fault(status: int, error: Exception) -> NoReturn:
    """Say that the fence failed, and end."""
    tell(status, {"fault": str(error)})
    os._exit(1)


def _mapped(kind: int) -> int:
    """Bytes that the calling process has mapped, as the limit `kind` counts them."""
    statm = os.open("/proc/self/statm", os.O_RDONLY)  # in every snapshot: without `pathlib`, see `_write`
    pages = int(os.read(statm, 96).split()[_STATM[kind]])
    os.close(statm)
    return pages * resource.getpagesize()
