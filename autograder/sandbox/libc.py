"""The few Linux calls that Python lacks, or has not in one line. Errors are OSErrors, and nothing is decided here."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import select
import signal
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
_PR_SET_NAME = 15

_MADV_COLLAPSE = 25
_OMP_PAUSE_HARD = 2
_HUGE = 2 * 2**20
_CAPABILITY_VERSION_3 = 0x20080522
_MOST_CAPABILITIES = 64
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CLONE = {"x86_64": 56, "aarch64": 220}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SECCOMP_SET_MODE_FILTER = 1

_libc = ctypes.CDLL(None, use_errno=True)
_holding_gil = ctypes.PyDLL(None, use_errno=True)
_prctl_name = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, use_errno=True)(("prctl", _libc))
_prctl_long = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, *(ctypes.c_ulong,) * 4, use_errno=True)(("prctl", _libc))


def _checked(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def fork(namespaces: int = 0) -> int:
    """fork(2) as the kernel does it, the child in new namespaces if asked, and with CLONE_NEWPID pid 1 there.

    No handler of Python's or the C library's runs: theirs renew every lock and touch, and so copy, 300 pages; a bare
    fork touches 30. It is for processes with one thread, where no lock can be held by another, and whose child runs
    nothing that registered a handler for good reason. The C library takes the child's thread for the parent's until
    the child forks by `os.fork`.
    """
    pid: int = _holding_gil.syscall(
        ctypes.c_long(_CLONE[platform.machine()]),
        ctypes.c_ulong(namespaces | signal.SIGCHLD),
        *(ctypes.c_void_p(None),) * 4,
    )
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"clone: {os.strerror(number)}")
    return pid


def has_one_thread() -> bool:
    """Whether the calling process is known to have no thread beside this one, Python's or not."""
    try:
        return sum(1 for _ in os.scandir("/proc/self/task")) == 1
    except PermissionError:  # a fence that closes proc
        return False


def pause_openmp() -> None:
    """End the threads that OpenMP keeps for the calling one. A fork loses them, and would wait for them for ever in its
    next parallel region; whoever needs them gets new ones. torch and scikit-learn bring a library of their own each."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:  # the reduced fence shows no proc
        return
    for path in {line.split(maxsplit=5)[5] for line in lines if "/libgomp" in line}:
        with contextlib.suppress(OSError, AttributeError):  # covered meanwhile, or older than OpenMP 5
            ctypes.CDLL(path).omp_pause_resource_all(_OMP_PAUSE_HARD)


def unshare(flags: int) -> None:
    """Give the calling process namespaces of its own."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2)."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        os.fsencode(kind) if kind else None,
        ctypes.c_ulong(flags),
        os.fsencode(options) if options else None,
    )
    _checked(result, f"mount {source} on {target}")


def unmount(target: str, flags: int = MNT_DETACH) -> None:
    """umount2(2)."""
    _checked(_libc.umount2(os.fsencode(target), flags), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make the mount `new` the root and put the former root at `old`."""
    number = _PIVOT_ROOT[platform.machine()]
    _checked(_libc.syscall(ctypes.c_long(number), os.fsencode(new), os.fsencode(old)), "pivot_root")


def prctl(option: int, argument: int, *rest: int) -> None:
    """prctl(2) with unsigned long arguments."""
    padded = [argument, *rest, 0, 0, 0][:4]
    _checked(_prctl_long(option, *padded), f"prctl {option}")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def name_process(name: str) -> None:
    """The calling process's name in `ps` and `top`, cut to 15 bytes."""
    _checked(_prctl_name(_PR_SET_NAME, name.encode()), "prctl name")


def drop_capabilities() -> None:
    """Empty every capability set of the calling process, the bounding set included."""
    drop_bounding_set()
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    keep_capabilities(0)


def drop_bounding_set() -> None:
    """Give up what programs could gain from their files; it takes a right of its own, CAP_SETPCAP."""
    for capability in range(_MOST_CAPABILITIES):
        if _prctl_long(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            number = ctypes.get_errno()
            if number == errno.EINVAL and capability > 0:  # this kernel knows no more
                return
            raise OSError(number, f"prctl {PR_CAPBSET_DROP}: {os.strerror(number)}")


def keep_capabilities(mask: int) -> None:
    """Give up all but the capabilities of `mask` (bit n is capability n, the first 32), of which none may be there."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    left = (_CapabilityData * 2)()
    _checked(_libc.capget(ctypes.byref(header), ctypes.byref(left)), "capget")
    permitted = left[0].permitted & mask
    left[0], left[1] = _CapabilityData(permitted, permitted, 0), _CapabilityData(0, 0, 0)
    _checked(_libc.capset(ctypes.byref(header), ctypes.byref(left)), "capset")


class _FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def set_seccomp_filter(program: bytes, length: int) -> None:
    """Put the calling process under a filter of system calls of `length` instructions."""
    number, mode = ctypes.c_long(_SECCOMP[platform.machine()]), ctypes.c_long(_SECCOMP_SET_MODE_FILTER)
    filter_program = ctypes.byref(_FilterProgram(length, program))
    _checked(_libc.syscall(number, mode, ctypes.c_long(0), filter_program), "seccomp")


def set_host_name(name: str) -> None:
    """sethostname(2)."""
    data = name.encode()
    _checked(_libc.sethostname(data, len(data)), "sethostname")


def collapse_memory() -> int:
    """Put this process's anonymous memory on huge pages (Linux ≥ 6.1), so that forking it copies fewer page tables.

    Returns the bytes for which the kernel agreed; 0 where it knows no MADV_COLLAPSE. Never an error: it is a speed-up.
    """
    collapsed = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split()
        anonymous = len(fields) == 5 or fields[5] == "[heap]"
        if not anonymous or not fields[1].startswith("rw-p"):
            continue
        start, end = (int(bound, 16) for bound in fields[0].split("-"))
        start = -(-start // _HUGE) * _HUGE
        length = (end - start) // _HUGE * _HUGE
        if length <= 0:
            continue
        if _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _MADV_COLLAPSE) == 0:
            collapsed += length
    return collapsed


def ends_within(pidfd: int, seconds: float) -> bool:
    """Whether the process of a pidfd has ended, or does so in this time."""
    poller = select.poll()
    poller.register(pidfd, select.POLLIN)
    return bool(poller.poll(max(0.0, seconds) * 1000))
