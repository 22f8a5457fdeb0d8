"""The filter of system calls (seccomp) that every process of a student runs under.

A list of refusals: what scientific Python needs is too wide, and too different from release to release, for a list of
permissions. It keeps students from the kernel's widest interfaces; *what* they reach is decided by namespaces, mounts
and rights. A program in the kernel's classic BPF is assembled here and loaded with one system call:

    convention other than the machine's own            the process is killed
    number of the x32 convention, on x86-64            the process is killed
    number that came after this table                  ENOSYS
    `syscalls.REFUSED`                                 EPERM
    clone3                                             ENOSYS: its flags lie in memory, where a filter cannot look
    clone with a new namespace                         EPERM
    socket, socketpair other than AF_UNIX              EPERM: a network namespace does not hold AF_VSOCK, AF_NETLINK
    ioctl TIOCSTI, TIOCLINUX                           EPERM: they type into a terminal
    prlimit64 of another process                       EPERM
    `syscalls.UNCOUNTED`: memory files, System V       EPERM where no memory cgroup binds; CUDA needs memory files
    all else                                           allowed

Arguments are 64 bits wide and a filter compares 32 at a time; of ioctl's request and a socket's family the kernel
itself looks at the low ones only, so the filter must, too.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable

from autograder.sandbox import libc
from autograder.sandbox.syscalls import AUDIT_ARCH, LAST_KNOWN, NUMBERS, REFUSED, UNCOUNTED, X32_BIT

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL, _GREATER, _AT_LEAST, _ANY_BIT = 0x15, 0x25, 0x35, 0x45  # BPF_JMP | … | BPF_K
_RETURN = 0x06
KILL = 0x80000000  # SECCOMP_RET_KILL_PROCESS
ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_NUMBER, _CONVENTION, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data, little-endian
_INSTRUCTION = struct.Struct("<HBBI")
_AF_UNIX = 1
_MEMORY_FILE = "memfd_create"
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
NEW_NAMESPACES = 0x7E020000
"""Every CLONE_NEW… flag that clone(2) takes."""

Instruction = tuple[int, int, int, int]
LOAD_NUMBER: Instruction = (_LOAD, 0, 0, _NUMBER)
ALLOW_REST: Instruction = (_RETURN, 0, 0, ALLOW)


class UnknownMachine(OSError):
    """There is no table of system calls for this processor."""


def refuse(number: int) -> int:
    """The filter's answer "fails with this errno"."""
    return _ERRNO | number


def assemble(machine: str, *, memory_bound: bool, card: bool = False) -> bytes:
    """The filter's program for a `platform.machine()`, and for students on a `card`. Raises UnknownMachine."""
    if machine not in NUMBERS:
        raise UnknownMachine(errno.ENOSYS, f"no table of system calls for {machine}")
    numbers = NUMBERS[machine]
    refused = (
        REFUSED if memory_bound else (*REFUSED, *(name for name in UNCOUNTED if not (card and name == _MEMORY_FILE)))
    )
    program: list[Instruction] = [
        (_LOAD, 0, 0, _CONVENTION),
        (_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, KILL),
        LOAD_NUMBER,
    ]
    if machine == "x86_64":
        program += answer((_AT_LEAST, X32_BIT), KILL)
    program += answer((_GREATER, LAST_KNOWN), refuse(errno.ENOSYS))
    program += answer((_EQUAL, numbers["clone3"]), refuse(errno.ENOSYS))
    for name in refused:
        if name in numbers:
            program += answer((_EQUAL, numbers[name]), refuse(errno.EPERM))
    program += when(numbers["clone"], if_any(0, _ANY_BIT, [NEW_NAMESPACES]))
    program += when(numbers["ioctl"], if_equal(1, [_TIOCSTI, _TIOCLINUX]))
    for name in ("socket", "socketpair"):
        program += when(numbers[name], unless(0, _AF_UNIX))
    program += when(numbers["prlimit64"], unless(0, 0))
    program.append(ALLOW_REST)
    return pack(program)


def pack(program: Iterable[Instruction]) -> bytes:
    """The program as the kernel takes it."""
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in program)


def always(number: int, verdict: int) -> list[Instruction]:
    """The filter's answer to a call, whatever its arguments."""
    return answer((_EQUAL, number), verdict)


def answer(test: tuple[int, int], verdict: int) -> list[Instruction]:
    """What is answered where the value that was loaded last meets the test."""
    code, value = test
    return [(code, 0, 1, value), (_RETURN, 0, 0, verdict)]


def when(number: int, body: list[Instruction]) -> list[Instruction]:
    """For this call the body decides, and allows it at its end."""
    body = [*body, ALLOW_REST]
    return [(_EQUAL, 0, len(body), number), *body]


def if_any(argument: int, code: int, values: Iterable[int]) -> list[Instruction]:
    """EPERM where the low half of an argument meets one of the tests."""
    refusals = [step for value in values for step in answer((code, value), refuse(errno.EPERM))]
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *refusals]


def if_equal(argument: int, values: Iterable[int]) -> list[Instruction]:
    """EPERM where the low half of an argument is one of these."""
    return if_any(argument, _EQUAL, values)


def unless(argument: int, value: int) -> list[Instruction]:
    """EPERM unless the low half of an argument is this value."""
    return [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
        (_EQUAL, 1, 0, value),
        (_RETURN, 0, 0, refuse(errno.EPERM)),
    ]


def install(program: bytes) -> None:
    """Put the calling process, and all that it will start, under the filter for good. It needs no_new_privs."""
    libc.set_seccomp_filter(program, len(program) // _INSTRUCTION.size)
