"""The fence of machines where namespaces cannot be had; used only where the operator asks for it.

    zygote → branch → init     one per student, outside of what holds the student: makes the working folder, reaps,
                               ends everybody, removes what they left
                    → runner   another uid where we are root; limits, no rights, Landlock, two filters of system calls
                    → snapshot one per test

What namespaces do elsewhere is done here by

    mounts         Landlock: the system, the interpreter and its packages without this one can be read, the student's
                   folder and a few devices written, all else neither; the host's proc is closed but for a few files
                   about the machine
    network, IPC   `narrow`: no socket but a pair, no System V object, no queue
    processes      init is a subreaper, so that nobody gets out of its tree, and ends the tree by one kill(-1), which
                   the kernel does in one step, so that no fork slips through. It reaches nobody else: where we are root
                   init's user is the student's and a number that nobody else has; and Landlock (Linux 6.12) confines
                   init's own signals to what it has forked. That is tried before it is relied on. Students can send
                   no signal to init, by the same two means.

Init ends the tree on SIGTERM, which the controller sends, and which the kernel sends when the branch ends. The same
status pipe as in `fence` says what happens.

What it does not hold: the size of scratch and, without control groups, memory over all processes together; that other
processes, users and files exist can be seen, if not looked into. Where we are not root, students have the operator's
uid: one budget of processes with everything else of theirs, no shared memory (and so no multiprocessing), and one
student at a time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import shutil
import signal
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.errors import FenceError
from autograder.sandbox import fence, image, landlock, libc, seccomp
from autograder.sandbox.ground import SHARED_MEMORY, Ground, around, dismantle, entered_by_all
from autograder.sandbox.narrow import assemble_narrow
from autograder.sandbox.rules import Rule

_INIT_UID = 1_000_000
"""Added to a student's uid: the user of its init, whom the student cannot signal."""
_HEARD = (signal.SIGTERM, signal.SIGCHLD)
_WRITABLE_DEVICES = ("/dev/null", "/dev/full")
_READABLE = (
    image.CPU,
    *("/dev/zero", "/dev/random", "/dev/urandom"),
    *(f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "vmstat", "loadavg", "uptime", "version")),
    *(f"/proc/{name}" for name in ("filesystems", "sys/vm/overcommit_memory", "sys/kernel/cap_last_cap")),
    *(f"/sys/fs/cgroup/{name}" for name in ("cpu.max", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")),
)
_MOST_WANTED = 1000
"""What Linux's out-of-memory killer ends first."""


@dataclass(slots=True)
class Yard:
    """Where the students of one zygote live. `narrow` is the second filter, `owner` the zygote's number."""

    place: Path
    rootless: bool
    readable: tuple[str, ...]
    listable: tuple[str, ...]
    narrow: bytes
    owner: int
    ground: Ground | None = None

    def spawn(self, program: fence.Program, uid: int, policy: fence.Policy) -> None:
        """Fork a student whose uid is `uid`; returns in the branch only."""
        try:
            if self.ground is None:
                self.ground = self._open_ground(uid)
            init = libc.fork()
            if init == 0:
                _Init(self, self.ground, program, uid, policy).be()
            fence.tell(program.status, {"init": init})
        except OSError as error:
            fence.tell(program.status, {"fault": str(error)})

    def _open_ground(self, uid: int) -> Ground:
        folder = Path(tempfile.mkdtemp(dir=self.place))
        for path in (folder / "work", folder / "tmp", folder):
            path.mkdir(mode=0o700, exist_ok=True)
            if not self.rootless:
                os.chown(path, uid, uid)
        shared = [] if self.rootless else [SHARED_MEMORY]
        writable = [*_WRITABLE_DEVICES, *shared, str(folder / "work"), str(folder / "tmp")]
        return Ground(folder, landlock.open_rules(self.readable, writable, self.listable))

    def close(self) -> None:
        """In the zygote: wait until all branches and inits have ended, and remove the place."""
        if os.getpid() == self.owner:
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)
            dismantle(self.place)


def open_yard(place: Path, plan: image.ImagePlan, rules: frozenset[Rule], *, privileged: bool) -> Yard:
    """Prepare `place` for students. Raises FenceError where they could not be held."""
    rootless = os.geteuid() != 0
    if not rootless and not privileged:
        raise FenceError(
            "as root without the right to change users, student code would run as root: use another account"
        )
    _check_landlock(rootless)
    if not rootless:
        os.setgroups([])
        _check_interpreter()
    os.umask(0o022)
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)  # so that `close` can wait for the inits of branches that have ended
    (place / "course").mkdir()
    for name, source in plan.files:
        target = place / "course" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    readable, listable = around(plan.binds, plan.covers)
    readable += [*_READABLE, *(f"/etc/{name}" for name in image.ETC)]
    filtered = Rule.SYSTEM_CALLS in rules
    narrow = assemble_narrow(platform.machine(), shared_uid=rootless) if filtered else b""
    return Yard(place, rootless, tuple(readable), tuple(listable), narrow, os.getpid())


def _check_landlock(rootless: bool) -> None:
    try:
        known = landlock.version()
    except OSError as error:
        raise FenceError(f"the reduced fence needs Landlock, Linux 5.13 or newer ({error})") from error
    if rootless and known < landlock.SIGNALS_SINCE:
        raise FenceError(
            "the reduced fence of an ordinary user needs Linux 6.12 or newer: "
            "before, nothing keeps student code from ending your other processes"
        )


def _check_interpreter() -> None:
    for name in ("stdlib", "purelib", "platlib"):
        folder = sysconfig.get_path(name)
        if not entered_by_all(Path(folder).resolve()):
            raise FenceError(
                f"the reduced fence gives students users of their own, who cannot read {folder}: install Python where "
                "every user can, or grade as an ordinary user"
            )


def pass_tensors_by_value() -> None:
    """Have torch's tensors cross between processes of a student by value: by reference it takes sockets."""
    if "torch" in sys.modules:
        from multiprocessing.reduction import ForkingPickler

        reducers: dict[type, object] = ForkingPickler._extra_reducers  # type: ignore[attr-defined]
        for kind in [kind for kind in reducers if kind.__module__.partition(".")[0] == "torch"]:
            del reducers[kind]


@dataclass(frozen=True, slots=True)
class _Init:
    """The process that keeps one student."""

    yard: Yard
    ground: Ground
    program: fence.Program
    uid: int
    policy: fence.Policy

    def be(self) -> NoReturn:
        status = self.program.status
        try:
            self._stand_apart()
            self.ground.clear(self._leaver)
            self._provide()
            settled, settle = os.pipe()
            runner = os.fork()
        except Exception as error:  # the edge of the process
            fence.fault(status, error)
        if runner == 0:
            self._become_runner(settled, settle)
            self.program.run()
            os._exit(0)
        try:
            fence.hide()
            os.close(settle)
            stands = os.read(settled, 1) == b"+" and os.read(settled, 1) == b""  # it holds its pipes and nothing else
            for descriptor in (settled, self.ground.rules, *self.program.pipes):
                os.close(descriptor)
            if stands:
                fence.tell(self.program.status, {"ready": True})
                self._keep(runner)
        finally:
            try:
                end_all()
                self.ground.clear(self._leaver)
            finally:
                os._exit(0)

    @property
    def _leaver(self) -> int | None:
        return None if self.yard.rootless else self.uid

    def _stand_apart(self) -> None:
        """Be somebody whom the student cannot signal and who can signal nobody else; end what an earlier init left."""
        branch = os.getppid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        self.program.let_go()
        libc.name_process("ag-init")
        os.setsid()
        if not self.yard.rootless:
            with contextlib.suppress(PermissionError):  # no_new_privs makes them useless anyway
                libc.drop_bounding_set()
            own = self.uid + _INIT_UID
            os.setresgid(self.uid, self.uid, self.uid)
            os.setresuid(own, self.uid, own)
        libc.keep_capabilities(0)
        if not self.yard.rootless:
            prove_refused(branch)
            end_all()
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGTERM)  # a change of uid clears it
        if os.getppid() != branch:
            os._exit(0)
        if self.yard.rootless or landlock.version() >= landlock.SIGNALS_SINCE:
            landlock.scope_signals()
        prove_refused(branch)

    def _provide(self) -> None:
        """The files that a student starts with, in its working folder."""
        fence.renew_files(self.program.files)
        shutil.copytree(self.yard.place / "course", self.ground.work, dirs_exist_ok=True, copy_function=shutil.copyfile)

    def _become_runner(self, settled: int, settle: int) -> None:
        """Give up everything that the student must not have; say on `settle` that it is done."""
        try:
            init = os.getppid()
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            if not self.yard.rootless:
                os.setresuid(self.uid, self.uid, self.uid)
            libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
            libc.prctl(libc.PR_SET_DUMPABLE, 1)  # until the controller has looked
            Path("/proc/self/oom_score_adj").write_text(str(_MOST_WANTED))
            self._settle_in()
            self._confine(init)
        except Exception as error:  # the edge of the process
            fence.fault(self.program.status, error)
        for descriptor in (settled, self.program.status):
            os.close(descriptor)
        os.write(settle, b"+")
        os.close(settle)

    def _settle_in(self) -> None:
        os.chdir(self.ground.work)
        scratch = str(self.ground.scratch)
        os.environ.update(
            HOME=str(self.ground.work),
            TMPDIR=scratch,
            MPLCONFIGDIR=f"{scratch}/matplotlib",
            USER="student",
            LOGNAME="student",
        )
        tempfile.tempdir = None  # it remembers the zygote's

    def _confine(self, init: int) -> None:
        rules = self.policy.rules
        fence.set_limits(self.program.limits, rules)
        if Rule.CAPABILITIES in rules:
            libc.prctl(libc.PR_CAP_AMBIENT, libc.PR_CAP_AMBIENT_CLEAR_ALL)
            libc.keep_capabilities(0)
        if Rule.READ_ONLY in rules and Rule.COVERS in rules:
            landlock.enter(self.ground.rules)
            prove_closed("/")
            prove_refused(init)
        os.close(self.ground.rules)
        if Rule.SYSTEM_CALLS in rules:
            seccomp.install(self.policy.filter)
            seccomp.install(self.yard.narrow)

    def _keep(self, runner: int) -> None:
        """Reap until nobody is left, or until somebody outside wants an end of it; say when the runner is gone."""
        with contextlib.suppress(ChildProcessError):
            while signal.sigwait(_HEARD) == signal.SIGCHLD:
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    if ended[0] == runner:
                        fence.tell(self.program.status, {"runner": ended[1]})
                        os.close(self.program.status)


def end_all() -> None:
    """Kill all whom the calling process may signal, and wait for those below it. Only after `prove_refused`."""
    with contextlib.suppress(ChildProcessError):
        while True:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1, signal.SIGKILL)
            os.waitpid(-1, 0)


def prove_refused(pid: int) -> None:
    """Raises OSError unless the kernel refuses a signal to this process."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return
    raise OSError(errno.ENOTSUP, "the kernel lets signals out of the fence")


def prove_closed(path: str) -> None:
    """Raises OSError unless the kernel refuses to open this path."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except PermissionError:
        return
    raise OSError(errno.ENOTSUP, f"the kernel lets {path} be read")
