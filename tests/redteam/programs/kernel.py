"""Tries at the kernel's interfaces, as a student would make them: each returns if it got through and raises OSError if
not. Standard library alone, since the file runs as a notebook's cell, and outside the fence as a program.

What a try reaches for is always its own: its own child's memory, a mount in a namespace of its own, a listener of the
test's. So outside the fence it does no harm.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

NUMBERS = {
    "x86_64": {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438, "kcmp": 312,
        "process_madvise": 440, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "add_key": 248,
        "request_key": 249, "keyctl": 250, "io_uring_setup": 425, "unshare": 272, "setns": 308, "chroot": 161,
        "pivot_root": 155, "mount": 165, "umount2": 166, "open_tree": 428, "fsopen": 430, "mknodat": 259,
        "name_to_handle_at": 303, "open_by_handle_at": 304, "init_module": 175, "finit_module": 313,
        "kexec_load": 246, "reboot": 169, "personality": 135, "quotactl": 179, "swapon": 167, "acct": 163,
        "syslog": 103, "memfd_create": 319, "memfd_secret": 447, "clone": 56, "clone3": 435, "prlimit64": 302,
        "ioctl": 16, "sethostname": 170, "clock_settime": 227, "fanotify_init": 300, "move_pages": 279,
        "modify_ldt": 154, "iopl": 172, "sched_setattr": 314, "ioprio_set": 251, "process_mrelease": 448,
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438, "kcmp": 272,
        "process_madvise": 440, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "add_key": 217,
        "request_key": 218, "keyctl": 219, "io_uring_setup": 425, "unshare": 97, "setns": 268, "chroot": 51,
        "pivot_root": 41, "mount": 40, "umount2": 39, "open_tree": 428, "fsopen": 430, "mknodat": 33,
        "name_to_handle_at": 264, "open_by_handle_at": 265, "init_module": 105, "finit_module": 273,
        "kexec_load": 104, "reboot": 142, "personality": 92, "quotactl": 60, "swapon": 224, "acct": 89,
        "syslog": 116, "memfd_create": 279, "memfd_secret": 447, "clone": 220, "clone3": 435, "prlimit64": 261,
        "ioctl": 29, "sethostname": 161, "clock_settime": 112, "fanotify_init": 262, "move_pages": 239,
        "sched_setattr": 274, "ioprio_set": 30, "process_mrelease": 448,
    },
}[platform.machine()]  # fmt: skip
NEWNS, NEWUSER, NEWPID, NEWNET, NEWUTS = 0x20000, 0x10000000, 0x20000000, 0x40000000, 0x4000000
LIBC = ctypes.CDLL(None, use_errno=True)
TRIES: dict[str, Callable[[], object]] = {}


def attempt(function: Callable[[], object]) -> Callable[[], object]:
    """Enter a try under its name."""
    TRIES[function.__name__] = function
    return function


def call(name: str, *arguments: object) -> int:
    """A raw system call; OSError when it fails, ENOSYS for one that this machine has not."""
    if name not in NUMBERS:
        raise OSError(errno.ENOSYS, name)
    converted = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result: int = LIBC.syscall(ctypes.c_long(NUMBERS[name]), *converted)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def reach(name: str, *arguments: object, harmless: tuple[int, ...]) -> None:
    """A call with arguments that the kernel itself must refuse, with one of `harmless`: did it see them?"""
    try:
        call(name, *arguments)
    except OSError as error:
        if error.errno not in harmless:
            raise


@contextlib.contextmanager
def child(seconds: float = 30.0) -> Iterator[int]:
    """A program of our own to try things on; being started by exec it may be looked into."""
    with subprocess.Popen(["sleep", str(seconds)]) as process:
        time.sleep(0.05)
        try:
            yield process.pid
        finally:
            process.kill()


def own_namespaces(flags: int) -> None:
    """Rights over namespaces of our own, if we can get them; what needs them then says whether it could."""
    with contextlib.suppress(OSError):
        call("unshare", NEWUSER | flags)


# ---------------------------------------------------------------------------------------------- other processes


@attempt
def ptrace() -> None:
    with child() as pid:
        call("ptrace", 16, pid, 0, 0)  # PTRACE_ATTACH


@attempt
def ptrace_traceme() -> None:
    call("ptrace", 0, 0, 0, 0)


def vm(name: str) -> None:
    with child() as pid:
        place = int(Path(f"/proc/{pid}/maps").read_text().split("-")[0], 16)
        data = ctypes.create_string_buffer(8)
        local, remote = struct.pack("PN", ctypes.addressof(data), 8), struct.pack("PN", place, 8)
        call(name, pid, local, 1, remote, 1, 0)


@attempt
def process_vm_readv() -> None:
    vm("process_vm_readv")


@attempt
def process_vm_writev() -> None:
    try:
        vm("process_vm_writev")
    except OSError as error:
        if error.errno != errno.EFAULT:  # the kernel got as far as to find that this page is read-only
            raise


@attempt
def pidfd_getfd() -> None:
    with child() as pid:
        call("pidfd_getfd", os.pidfd_open(pid), 0, 0)


@attempt
def kcmp() -> None:
    with child() as pid:
        call("kcmp", os.getpid(), pid, 2, 0, 0)


@attempt
def process_madvise() -> None:
    with child() as pid:
        place = int(Path(f"/proc/{pid}/maps").read_text().split("-")[0], 16)
        call("process_madvise", os.pidfd_open(pid), struct.pack("PN", place, 4096), 1, 20, 0)  # MADV_COLD


@attempt
def process_mrelease() -> None:
    with subprocess.Popen(["sleep", "30"]) as process:
        descriptor = os.pidfd_open(process.pid)
        process.kill()
        with contextlib.suppress(ProcessLookupError):  # it is gone already: the kernel looked
            call("process_mrelease", descriptor, 0)


@attempt
def other_limits() -> None:
    with child() as pid:
        call("prlimit64", pid, resource.RLIMIT_NOFILE, struct.pack("QQ", 8, 8), None)


# ------------------------------------------------------------------------------------------ namespaces and mounts


@attempt
def unshare_user() -> None:
    call("unshare", NEWUSER)


@attempt
def clone_user() -> None:
    pid = call("clone", NEWUSER | signal.SIGCHLD, None, None, None, None)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt
def clone3_user() -> None:
    pid = call("clone3", struct.pack("11Q", NEWUSER, *[0] * 3, signal.SIGCHLD, *[0] * 6), 88)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt
def setns() -> None:
    """Enter a user namespace that a child of ours has made and handed over."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(OSError):
            call("unshare", NEWUSER)
        socket.send_fds(theirs, [b"x"], [os.open("/proc/self/ns/user", os.O_RDONLY)])
        os._exit(0)
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    os.waitpid(pid, 0)
    call("setns", descriptors[0], NEWUSER)


@attempt
def mount() -> None:
    own_namespaces(NEWNS)
    call("mount", b"none", b"/tmp", b"tmpfs", 0, None)


@attempt
def unmount() -> None:
    own_namespaces(NEWNS)
    call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
    call("umount2", b"/tmp", 2)


@attempt
def open_tree() -> None:
    own_namespaces(NEWNS)
    os.close(call("open_tree", -100, b"/dev/shm", 1))


@attempt
def fsopen() -> None:
    own_namespaces(NEWNS)
    os.close(call("fsopen", b"tmpfs", 0))


@attempt
def chroot() -> None:
    own_namespaces(0)
    call("chroot", b"/tmp")


@attempt
def pivot_root() -> None:
    own_namespaces(NEWNS)
    call("mount", b"none", b"/", None, 16384 | 1 << 18, None)
    call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
    os.chdir("/tmp")
    call("pivot_root", b".", b".")


@attempt
def sethostname() -> None:
    own_namespaces(NEWUTS)
    call("sethostname", b"mine", 4)


@attempt
def mknod_device() -> None:
    path = Path("device-of-a-test")
    call("mknodat", -100, bytes(path), 0o20666, os.makedev(1, 3))
    path.unlink()


@attempt
def name_to_handle() -> None:
    handle = ctypes.create_string_buffer(struct.pack("II", 128, 0) + bytes(128))
    call("name_to_handle_at", -100, b"/usr", handle, ctypes.byref(ctypes.c_int()), 0)


@attempt
def open_by_handle() -> None:
    call("open_by_handle_at", -100, struct.pack("II", 8, 1) + bytes(8), 0)


# ------------------------------------------------------------------------------------ wide interfaces of the kernel


@attempt
def io_uring() -> None:
    reach("io_uring_setup", 4, ctypes.create_string_buffer(120), harmless=(errno.ENOMEM,))  # for want of locked memory


@attempt
def bpf() -> None:
    os.close(call("bpf", 0, struct.pack("IIII", 2, 4, 4, 1) + bytes(112), 128))  # an array map


@attempt
def perf_event() -> None:
    attributes = struct.pack("IIQQQQQ", 1, 112, 1, 0, 0, 0, 1 << 5 | 1 << 6) + bytes(64)  # user space alone
    os.close(call("perf_event_open", attributes, 0, -1, -1, 0))


@attempt
def userfaultfd() -> None:
    os.close(call("userfaultfd", os.O_CLOEXEC | 1))  # UFFD_USER_MODE_ONLY


@attempt
def add_key() -> None:
    call("add_key", b"user", b"a-test", b"data", 4, -1)  # the thread's keyring: it goes with the thread


@attempt
def request_key() -> None:
    try:
        call("request_key", b"user", b"no-such-key-of-a-test", None, 0)
    except OSError as error:
        if error.errno != errno.ENOKEY:
            raise


@attempt
def keyctl() -> None:
    call("keyctl", 0, -1, 1)  # the number of the thread's keyring


@attempt
def fanotify() -> None:
    os.close(call("fanotify_init", 0x200, 0))  # FAN_REPORT_FID, which needs no right


@attempt
def memfd() -> None:
    os.close(os.memfd_create("a-test"))


@attempt
def memfd_secret() -> None:
    os.close(call("memfd_secret", 0))


@attempt
def personality() -> None:
    call("personality", 0xFFFFFFFF)


@attempt
def move_pages() -> None:
    call("move_pages", 0, 0, None, None, None, 0)


@attempt
def modify_ldt() -> None:
    call("modify_ldt", 0, ctypes.create_string_buffer(16), 16)


@attempt
def init_module() -> None:
    reach("init_module", bytes(8), 8, b"", harmless=(errno.ENOEXEC, errno.ENOSYS))


@attempt
def finit_module() -> None:
    reach("finit_module", -1, b"", 0, harmless=(errno.EBADF, errno.ENOSYS))


@attempt
def kexec_load() -> None:
    reach("kexec_load", 0, 17, None, 1 << 30, harmless=(errno.EINVAL, errno.ENOSYS))


@attempt
def reboot() -> None:
    reach("reboot", 1, 2, 3, None, harmless=(errno.EINVAL,))


@attempt
def swapon() -> None:
    reach("swapon", b"/no-such-file-of-a-test", 0, harmless=(errno.ENOENT,))


@attempt
def acct() -> None:
    reach("acct", b"/no-such-file-of-a-test", harmless=(errno.ENOENT, errno.ENOSYS))


@attempt
def quotactl() -> None:
    unlikely = (errno.ENOENT, errno.ENODEV, errno.EINVAL, errno.ENOSYS)
    reach("quotactl", 0x800007 << 8, b"/no-such-device-of-a-test", 0, None, harmless=unlikely)


@attempt
def kernel_log() -> None:
    call("syslog", 10, None, 0)


@attempt
def clock_settime() -> None:
    reach("clock_settime", 0, struct.pack("qq", -1, -1), harmless=(errno.EINVAL,))


@attempt
def type_into_terminal() -> None:
    reach("ioctl", 0, 0x5412, b"x", harmless=(errno.ENOTTY,))  # TIOCSTI on /dev/null


@attempt
def type_into_terminal_high_bits() -> None:
    reach("ioctl", 0, 0x5412 | 1 << 32, b"x", harmless=(errno.ENOTTY,))


@attempt
def paste_into_terminal() -> None:
    reach("ioctl", 0, 0x541C, b"\3", harmless=(errno.ENOTTY,))  # TIOCLINUX


# ----------------------------------------------------------------------------------------------------- privileges


@attempt
def raise_hard_limit() -> None:
    for number in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        soft, hard = resource.getrlimit(number)
        if hard == resource.RLIM_INFINITY:
            soft, hard = 1000, 1000
            resource.setrlimit(number, (soft, hard))
        resource.setrlimit(number, (soft, hard + 1))


@attempt
def nice() -> None:
    os.nice(-5)


@attempt
def realtime() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


@attempt
def realtime_disk() -> None:
    call("ioprio_set", 1, 0, 1 << 13)


@attempt
def lock_memory() -> None:
    block = mmap.mmap(-1, 1 << 20)
    address = ctypes.addressof(ctypes.c_char.from_buffer(block))
    if LIBC.mlock(ctypes.c_void_p(address), ctypes.c_size_t(1 << 20)):
        raise OSError(ctypes.get_errno(), "mlock")


@attempt
def become_root() -> None:
    os.setresuid(0, 0, 0)


@attempt
def set_user_id_program() -> None:
    """Whether a program such as su runs with its owner's rights when we start it."""
    program = next(filter(os.path.exists, ("/usr/bin/su", "/bin/su")))
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=-3, stderr=-3) as process:
        time.sleep(0.3)
        effective = Path(f"/proc/{process.pid}/status").read_text().split("Uid:")[1].split()[1]
        process.kill()
    if effective != "0":
        raise PermissionError(errno.EPERM, f"it runs as {effective}")


# -------------------------------------------------------------------------------------- what is beyond our own fence


def families() -> list[int]:
    """The address families in which a socket can be opened."""
    opened = []
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            with contextlib.suppress(OSError), socket.socket(family, kind):
                opened.append(family)
                break
    return opened


def knock(word: str, addresses: dict[str, str]) -> list[str]:
    """Send a word to every listener; the names of those that took it, as far as we can tell."""
    found = []
    for name, address in addresses.items():
        kind = socket.SOCK_DGRAM if "udp" in name else socket.SOCK_STREAM
        family, target = socket.AF_UNIX, address
        if "unix" not in name:
            host, _, port = address.rpartition(":")
            family, target = (socket.AF_INET6 if ":" in host else socket.AF_INET), (host, int(port))
        with contextlib.suppress(OSError), socket.socket(family, kind) as one:
            one.settimeout(3)
            one.connect(target)
            one.send(word.encode())
            found.append(name)
    return found


def signal_of(pid: int, number: int) -> str:
    """Send a signal to a process of the host, by its number there."""
    try:
        os.kill(pid, number)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "through"


def run(names: list[str]) -> dict[str, str]:
    """Each try in a process of its own: "through", the name of the errno that stopped it, or how it ended."""
    answers = {}
    for name in names:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                TRIES[name]()
                answer = "through"
            except OSError as error:
                answer = errno.errorcode.get(error.errno or 0, str(error))
            except ValueError:  # resource.setrlimit
                answer = "EPERM"
            except BaseException as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(writer, answer.encode())
            os._exit(0)
        os.close(writer)
        answer = os.read(reader, 1000).decode()
        os.close(reader)
        _, status = os.waitpid(pid, 0)
        answers[name] = answer or f"ended by status {status}"
    return answers


def apart(uid: int) -> None:
    """Outside the fence: do no harm. As root in namespaces of our own, or as another user."""
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    elif os.geteuid() == 0:
        call("unshare", NEWNS | NEWUTS)
        call("mount", b"none", b"/", None, 16384 | 1 << 18, None)  # MS_REC | MS_PRIVATE


if __name__ == "__main__" and sys.argv[1:2] == ["apart"]:
    apart(int(sys.argv[2]))
    print(json.dumps({"tries": run(list(TRIES)), "families": families()}))
