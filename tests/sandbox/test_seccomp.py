"""The filter of system calls: its program, run by an interpreter of our own, and the real thing in the kernel.

Two sources beside our tables say which number is which call: libseccomp's, for both processors, and this kernel.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import json
import platform
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import libc
from autograder.sandbox.seccomp import ALLOW, KILL, NEW_NAMESPACES, UnknownMachine, assemble, refuse
from autograder.sandbox.syscalls import AUDIT_ARCH, LAST_KNOWN, NUMBERS, REFUSED, UNCOUNTED, X32_BIT

if sys.platform != "linux":
    pytest.skip("the filter needs Linux", allow_module_level=True)

EPERM, ENOSYS = refuse(errno.EPERM), refuse(errno.ENOSYS)
MACHINES = ("x86_64", "aarch64")
OTHER_CONVENTIONS = {"i386": 0x40000003, "arm": 0x40000028, "riscv64": 0xC00000F3}
NAMESPACES = {
    "mount": libc.CLONE_NEWNS,
    "cgroup": libc.CLONE_NEWCGROUP,
    "host name": libc.CLONE_NEWUTS,
    "ipc": libc.CLONE_NEWIPC,
    "user": libc.CLONE_NEWUSER,
    "pid": libc.CLONE_NEWPID,
    "network": libc.CLONE_NEWNET,
}
THREAD_FLAGS = 0x3D0F00  # what the C library passes for a thread
GARBAGE = 0xDEADBEEF << 32
TIOCSTI, TIOCLINUX, TCGETS, FIONREAD = 0x5412, 0x541C, 0x5401, 0x541B
NEW_TO_LIBSECCOMP = {"statmount", "listmount"}  # calls of Linux 6.8
ORDINARY = """
    read write open openat close stat fstat newfstatat lseek mmap mprotect munmap mremap madvise brk rt_sigaction
    rt_sigprocmask rt_sigreturn sigaltstack poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait
    eventfd2 signalfd4 timerfd_create pipe pipe2 dup dup2 dup3 fcntl flock fsync ftruncate fallocate getdents64 getcwd
    chdir rename renameat2 mkdir mkdirat unlink unlinkat rmdir link symlink readlink readlinkat chmod fchmod chown umask
    utimensat access faccessat faccessat2 statfs statx fork vfork execve execveat exit exit_group wait4 waitid kill
    tgkill getpid getppid gettid getuid geteuid getgid setuid setpgid setsid getrlimit setrlimit getrusage times uname
    sysinfo prctl arch_prctl futex set_robust_list rseq sched_yield sched_getaffinity sched_setaffinity nanosleep
    clock_gettime clock_nanosleep gettimeofday getrandom setitimer alarm timer_create pidfd_open pidfd_send_signal
    connect accept4 bind listen sendto recvfrom sendmsg recvmsg getsockopt setsockopt shutdown sendfile splice
    copy_file_range preadv pwritev mlock membarrier seccomp getcpu mbind get_mempolicy close_range
    landlock_restrict_self
"""


def interpret(program: bytes, number: int, convention: int, arguments: tuple[int, ...] = ()) -> int:
    """The program's answer for one system call, as the kernel's machine for classic BPF would find it."""
    data = struct.pack("<IIQ6Q", number, convention, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    steps = list(struct.iter_unpack("<HBBI", program))
    here = accumulator = 0
    while True:
        code, if_true, if_false, value = steps[here]
        here += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            return int(value)
        else:
            test = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value,
                    0x45: bool(accumulator & value)}  # fmt: skip
            here += if_true if test[code] else if_false


def answer(machine: str, call: str | int, *arguments: int, memory_bound: bool = True) -> int:
    """The filter's answer to a call of the machine's own convention."""
    number = NUMBERS[machine][call] if isinstance(call, str) else call
    return interpret(program_of(machine, memory_bound), number, AUDIT_ARCH[machine], arguments)


@functools.cache
def program_of(machine: str, memory_bound: bool) -> bytes:
    return assemble(machine, memory_bound=memory_bound)


@pytest.fixture(scope="module")
def resolve() -> Callable[[str, str], int]:
    """libseccomp's number of a call on a machine; below zero where there is none, or it does not know the call."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed: no second source for the numbers")

    def number(machine: str, name: str) -> int:
        return int(library.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(AUDIT_ARCH[machine]), name.encode()))

    return number


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_agree_with_libseccomp(resolve: Callable[[str, str], int], machine: str) -> None:
    """Every number in the tables is the one that libseccomp knows, and no call that exists there is missing."""
    known = {name: resolve(machine, name) for name in {*NUMBERS[machine], *REFUSED, *UNCOUNTED}}
    unknown = {name for name, number in known.items() if number == -1}
    assert unknown <= NEW_TO_LIBSECCOMP
    there = {name: number for name, number in known.items() if number >= 0}
    assert there == {name: number for name, number in NUMBERS[machine].items() if name not in unknown}


@pytest.mark.parametrize("machine", MACHINES)
def test_raw_calls_use_the_right_numbers(resolve: Callable[[str, str], int], machine: str) -> None:
    """The numbers that our own raw calls use are libseccomp's, too."""
    ours = {"seccomp": libc._SECCOMP, "clone": libc._CLONE, "pivot_root": libc._PIVOT_ROOT}
    assert {name: numbers[machine] for name, numbers in ours.items()} == {name: resolve(machine, name) for name in ours}


@pytest.mark.parametrize("machine", MACHINES)
def test_ordinary_calls_are_allowed(resolve: Callable[[str, str], int], machine: str) -> None:
    """What programs do all the time is allowed, whatever the arguments."""
    numbers = {name: resolve(machine, name) for name in ORDINARY.split()}
    there = {name: number for name, number in numbers.items() if number >= 0}
    assert len(there) > 80
    for arguments in ((), (2**64 - 1,) * 6, (libc.CLONE_NEWUSER, TIOCSTI)):
        assert {name for name, number in there.items() if answer(machine, number, *arguments) != ALLOW} == set()


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", REFUSED)
def test_refused_call(machine: str, call: str) -> None:
    """A refused call fails with EPERM whatever its arguments, where the processor has it."""
    if call not in NUMBERS[machine]:
        assert call in {"modify_ldt", "uselib", "create_module", "iopl", "ioperm"}  # x86 alone
        return
    assert {answer(machine, call, *arguments) for arguments in ((), (2**64 - 1,) * 6)} == {EPERM}


@pytest.mark.parametrize("machine", MACHINES)
def test_clone(machine: str) -> None:
    """Forks and threads are allowed, new namespaces are not; clone3 is not there, so that clone is used."""
    assert answer(machine, "clone", signal.SIGCHLD) == ALLOW
    assert answer(machine, "clone", THREAD_FLAGS) == ALLOW
    for flag in NAMESPACES.values():
        assert answer(machine, "clone", flag | signal.SIGCHLD) == EPERM
        assert answer(machine, "clone", flag | THREAD_FLAGS | GARBAGE) == EPERM
    assert sum(NAMESPACES.values()) == NEW_NAMESPACES
    assert answer(machine, "clone3") == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", ["socket", "socketpair"])
def test_socket_families(machine: str, call: str) -> None:
    """Sockets are AF_UNIX or none; the kernel takes the low half of the argument, and so does the filter."""
    assert answer(machine, call, socket.AF_UNIX) == ALLOW
    assert answer(machine, call, socket.AF_UNIX | GARBAGE) == ALLOW
    others = {int(family) for family in socket.AddressFamily} - {socket.AF_UNIX}
    assert others >= {socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK}
    assert {answer(machine, call, family | high) for family in others for high in (0, GARBAGE)} == {EPERM}


@pytest.mark.parametrize("machine", MACHINES)
def test_terminal_requests(machine: str) -> None:
    """The two requests that type into a terminal are refused, also with bits above that the kernel does not look at."""
    for request in (TIOCSTI, TIOCLINUX):
        assert {answer(machine, "ioctl", 0, request | high) for high in (0, GARBAGE)} == {EPERM}
    assert {answer(machine, "ioctl", 0, request | high) for request in (TCGETS, FIONREAD) for high in (0, GARBAGE)} == {
        ALLOW
    }
    assert answer(machine, "ioctl", TIOCSTI, TCGETS) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_limits_of_others(machine: str) -> None:
    """A process may ask for its own limits only; a pid is 32 bits wide."""
    assert {answer(machine, "prlimit64", pid, 7) for pid in (0, GARBAGE)} == {ALLOW}
    assert {answer(machine, "prlimit64", pid, 7) for pid in (1, 2**31, 2**32 - 1, 1 | GARBAGE)} == {EPERM}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", UNCOUNTED)
def test_memory_that_no_limit_counts(machine: str, call: str) -> None:
    """Memory files and System V objects are there where a control group counts their memory."""
    assert answer(machine, call, memory_bound=True) == ALLOW
    assert answer(machine, call, memory_bound=False) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("bound", [True, False])
@pytest.mark.parametrize("number", [0, 39, 172, 435, LAST_KNOWN + 1, X32_BIT, 2**32 - 1])
def test_foreign_conventions_are_killed(machine: str, bound: bool, number: int) -> None:
    """Whoever calls by another convention than the machine's own is killed, also by the other machine's."""
    others = {*OTHER_CONVENTIONS.values(), *AUDIT_ARCH.values(), 0, 2**32 - 1} - {AUDIT_ARCH[machine]}
    assert {interpret(program_of(machine, bound), number, other) for other in others} == {KILL}


def test_numbers_outside_the_table() -> None:
    """Calls that came later are not there; x32 numbers, which exist on x86-64 alone, kill."""
    for machine in MACHINES:
        assert {answer(machine, LAST_KNOWN + n) for n in (1, 2, 5, 50, 85, 10_000)} == {ENOSYS}
    assert {answer("x86_64", number) for number in (X32_BIT, X32_BIT | 39, X32_BIT | 520, 2**31, 2**32 - 1)} == {KILL}
    assert {answer("aarch64", number) for number in (X32_BIT, X32_BIT | 39, 2**32 - 1)} == {ENOSYS}


@given(
    machine=st.sampled_from(MACHINES),
    bound=st.booleans(),
    number=st.one_of(
        st.sampled_from(sorted({number for table in NUMBERS.values() for number in table.values()})),
        st.integers(0, LAST_KNOWN + 100),
        st.integers(0, 2**32 - 1),
    ),
    convention=st.one_of(st.sampled_from([*AUDIT_ARCH.values()] * 4), st.integers(0, 2**32 - 1)),
    arguments=st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6).map(tuple),
)
def test_every_call_has_one_of_four_answers(
    machine: str, bound: bool, number: int, convention: int, arguments: tuple[int, ...]
) -> None:
    """Whatever is called, the program ends inside itself, and with an answer that the tables explain."""
    found = interpret(program_of(machine, bound), number, convention, arguments)
    if convention != AUDIT_ARCH[machine] or (machine == "x86_64" and number >= X32_BIT):
        assert found == KILL
    elif number > LAST_KNOWN:
        assert found == ENOSYS
    else:
        names = {name for name, known in NUMBERS[machine].items() if known == number}
        allowed = {"ioctl", "socket", "socketpair", "clone", "prlimit64", "clone3", *(UNCOUNTED if bound else ())}
        if not names:
            assert found == ALLOW
        elif names <= allowed:
            assert found in (ALLOW, EPERM, ENOSYS)
        else:
            assert found == EPERM


def test_program_is_small_enough() -> None:
    """The kernel takes 4096 instructions at most; every jump goes forward and stays inside."""
    for machine in MACHINES:
        steps = list(struct.iter_unpack("<HBBI", program_of(machine, False)))
        assert len(steps) < 1024
        jumps = [(at, jump) for at, step in enumerate(steps) if step[0] not in (0x20, 0x06) for jump in step[1:3]]
        assert all(at + 1 + jump < len(steps) for at, jump in jumps)
        assert steps[-1][0] == 0x06


def test_unknown_machine() -> None:
    """A processor without a table has no filter, and so no fence."""
    with pytest.raises(UnknownMachine, match="riscv64"):
        assemble("riscv64", memory_bound=True)


# ---- in the kernel

HERE = platform.machine()
MARK = errno.ERFKILL  # nothing else gives it: where it comes, the filter has answered
PRELUDE = """
import ctypes, errno, json, mmap, os, signal, socket, subprocess, sys, threading
from autograder.sandbox import libc, seccomp
raw = ctypes.CDLL(None, use_errno=True).syscall
raw.restype = ctypes.c_long
def call(number, *arguments):
    ctypes.set_errno(0)
    result = raw(ctypes.c_long(number), *map(ctypes.c_ulong, arguments))
    return ctypes.get_errno() if result == -1 else 0
if os.geteuid() == 0:
    libc.drop_capabilities()
libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
program, numbers = bytes.fromhex(sys.argv[1]), json.loads(sys.argv[2])
if program:
    seccomp.install(program)
"""


def marked(program: bytes) -> bytes:
    """The same program, whose refusals can be told from the kernel's own."""
    step = struct.Struct("<HBBI")
    return program.replace(step.pack(0x06, 0, 0, EPERM), step.pack(0x06, 0, 0, refuse(MARK)))


def run_filtered(source: str, program: bytes, numbers: Any = None) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process without rights that has put itself under `program`."""
    arguments = [sys.executable, "-c", PRELUDE + source, program.hex(), json.dumps(numbers)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)


def told(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def program() -> bytes:
    """The filter for this machine, where nothing bounds the memory."""
    try:
        return assemble(HERE, memory_bound=False)
    except UnknownMachine as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("mark", [True, False], ids=["marked", "as it is"])
def test_kernel_refuses_every_refused_call(program: bytes, mark: bool) -> None:
    """Each refused call, made for real, is answered by the filter."""
    numbers = {name: NUMBERS[HERE][name] for name in (*REFUSED, *UNCOUNTED) if name in NUMBERS[HERE]}
    source = "print(json.dumps({name: call(number, 0, 0, 0, 0, 0, 0) for name, number in numbers.items()}))"
    found = told(run_filtered(source, marked(program) if mark else program, numbers))
    assert found == dict.fromkeys(numbers, MARK if mark else errno.EPERM)


ARGUMENTS = """
clone, clone3, ioctl, sockets, pairs, prlimit = (
    numbers[n] for n in ("clone", "clone3", "ioctl", "socket", "socketpair", "prlimit64"))
null = os.open("/dev/null", os.O_RDWR)
child = libc.fork()
if child == 0:
    os._exit(5)
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
pair = (ctypes.c_int * 2)()
print(json.dumps({
    "refused": [
        *(call(clone, flag | signal.SIGCHLD, 0, 0, 0, 0) for flag in FLAGS),
        *(call(kind, family | high, 1, 0, ctypes.addressof(pair)) for kind in (sockets, pairs)
          for family in (2, 10, 16, 17, 40) for high in (0, GARBAGE)),
        *(call(ioctl, null, request | high, 0) for request in (0x5412, 0x541C) for high in (0, GARBAGE)),
        call(prlimit, os.getppid(), 7, 0, 0), call(prlimit, os.getpid(), 7, 0, 0)],
    "missing": [call(clone3, 0, 0), *(call(n, 0, 0, 0, 0, 0, 0) for n in range(LAST + 1, LAST + 60))],
    "allowed": [
        os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) - 5,
        *(call(kind, 1 | high, 1, 0, ctypes.addressof(pair)) for kind in (sockets, pairs) for high in (0, GARBAGE)),
        call(prlimit, 0, 7, 0, 0),
        *(subprocess.run(["true"]).returncode for _ in range(2))],
    "terminal": call(ioctl, null, 0x5401, 0),
}))
"""


def test_kernel_looks_at_arguments(program: bytes) -> None:
    """The calls that are refused by their arguments are, and work otherwise: forks, threads, programs, AF_UNIX."""
    source = ARGUMENTS.replace("FLAGS", repr(tuple(map(int, NAMESPACES.values()))))
    source = source.replace("GARBAGE", str(GARBAGE)).replace("LAST", str(LAST_KNOWN))
    found = told(run_filtered(source, marked(program), NUMBERS[HERE]))
    assert set(found["refused"]) == {MARK}
    assert set(found["missing"]) == {errno.ENOSYS}
    assert set(found["allowed"]) == {0}
    assert found["terminal"] == errno.ENOTTY


def test_kernel_lets_memory_files_be_where_they_are_counted() -> None:
    """With a bound on memory, memory files and System V objects can be made."""
    source = """
made = [os.memfd_create("x")] and [call(numbers[n], 0, 1, 0o600 | 0o1000) for n in ("shmget", "semget")]
print(json.dumps([*made, call(numbers["msgget"], 0, 0o1600)]))
"""
    source = (
        "libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWIPC)\nseccomp.install(bytes.fromhex(numbers.pop('filter')))\n"
        + source
    )
    done = run_filtered(source, b"", {**NUMBERS[HERE], "filter": program_of(HERE, True).hex()})
    if "unshare" in done.stderr:
        pytest.skip("no namespace of our own for System V objects")
    assert told(done) == [0, 0, 0]


FOREIGN = """
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
print(json.dumps(code() == os.getpid()))
"""


@pytest.mark.skipif(HERE != "x86_64", reason="int 0x80 is x86's")
def test_kernel_kills_32_bit_calls(program: bytes) -> None:
    """A call by the 32-bit gate, where the numbers mean other calls, kills the process."""
    without = run_filtered(FOREIGN, b"")
    if without.returncode:
        pytest.skip("this kernel has no 32-bit calls")
    assert told(without) is True
    assert run_filtered(FOREIGN, program).returncode == -signal.SIGSYS


@pytest.mark.skipif(HERE != "x86_64", reason="x32 is x86-64's")
@pytest.mark.parametrize("number", [X32_BIT | 39, X32_BIT | 520, X32_BIT])
def test_kernel_kills_x32_calls(program: bytes, number: int) -> None:
    """A number with the x32 bit kills the process; without the filter it is only unknown, or works."""
    source = f"print(json.dumps(call({number}, -1, 0, 0)))"
    assert told(run_filtered(source, b"")) in (0, errno.ENOSYS, errno.EBADF, errno.EFAULT)
    assert run_filtered(source, program).returncode == -signal.SIGSYS


INHERITED = """
again = "import ctypes; c = ctypes.CDLL(None, use_errno=True); c.syscall(NUMBER, 0); print(ctypes.get_errno())"
again = again.replace("NUMBER", str(numbers["unshare"]))
reader, writer = os.pipe()
if os.fork() == 0:
    os.write(writer, str(call(numbers["unshare"], 0)).encode())
    os._exit(0)
os.wait()
in_thread = []
thread = threading.Thread(target=lambda: in_thread.append(call(numbers["unshare"], 0)))
thread.start()
thread.join()
executed = subprocess.run([sys.executable, "-c", again], capture_output=True, text=True).stdout
try:
    seccomp.install(bytes.fromhex(numbers["all"]))
except OSError as error:
    print(error, file=sys.stderr)
print(json.dumps([int(os.read(reader, 9)), *in_thread, int(executed), call(numbers["unshare"], 0)]))
"""


def test_filter_is_for_good(program: bytes) -> None:
    """Children, threads and programs that are started have the filter, and one that allows all does not lift it."""
    allow_all = struct.pack("<HBBI", 0x06, 0, 0, ALLOW)
    numbers = {"unshare": NUMBERS[HERE]["unshare"], "all": allow_all.hex()}
    assert told(run_filtered(INHERITED, marked(program), numbers)) == [MARK] * 4
    assert told(run_filtered(INHERITED, b"", numbers)) == [0] * 4


def test_install_needs_no_new_privileges(program: bytes) -> None:
    """Without rights the kernel takes no filter from a process that may gain some: this is an error, not silence."""
    source = PRELUDE.replace("libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)", "")
    arguments = [sys.executable, "-c", source, program.hex(), "{}"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if "NoNewPrivs:\t1" in _own_status():
        pytest.skip("this process has no_new_privs already")
    assert done.returncode == 1
    assert "seccomp: Permission denied" in done.stderr


def _own_status() -> str:
    return subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout


def test_install_refuses_what_is_no_program() -> None:
    """Bytes that the kernel does not take as a program are an OSError."""
    done = run_filtered("", struct.pack("<HBBI", 0x20, 0, 0, 0))  # it would not end
    assert done.returncode == 1
    assert "Invalid argument" in done.stderr


@pytest.mark.parametrize("machine", MACHINES)
def test_card_needs_memory_files(machine: str) -> None:
    """Students on a card may make memory files, without which CUDA does not start, even where nobody counts them."""
    program = assemble(machine, memory_bound=False, card=True)
    answers = {name: interpret(program, NUMBERS[machine][name], AUDIT_ARCH[machine], ()) for name in UNCOUNTED}
    assert answers.pop("memfd_create") == ALLOW
    assert answers
    assert ALLOW not in answers.values()
