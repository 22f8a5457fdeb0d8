"""The second filter of system calls, for students without namespaces of their own (`reduced`). It comes on top of
`seccomp`'s and refuses what namespaces and mounts would have taken the point out of:

    socket                                             EPERM: Landlock holds no path of a socket, and a connection to
                                                       the operator's own services would lead out
    System V objects, POSIX queues                     EPERM: they are the host's, and stay
    inotify_add_watch                                  EPERM: it tells the names of files that may not be opened
    priority, scheduling of another process            EPERM: init is held to be of the same user there

and where the student has the operator's own uid, who owns most of what can be named:

    mode, owner, times, attributes of a file           answered with success, and not done: Landlock does not hold
                                                       them, and honest copying (`shutil.copy`) asks for them
    ioctl that sets attributes of a file               EPERM

A pair of sockets stays allowed: it leads nowhere, and asyncio needs it.
"""

from __future__ import annotations

import errno

from autograder.sandbox.seccomp import (
    ALLOW_REST,
    LOAD_NUMBER,
    Instruction,
    UnknownMachine,
    always,
    if_equal,
    pack,
    refuse,
    unless,
    when,
)

_SHARED_NUMBERS = {"fchmodat2": 452}
NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        **_SHARED_NUMBERS,
        "ioctl": 16, "shmget": 29, "shmat": 30, "shmctl": 31, "socket": 41, "semget": 64, "semop": 65, "semctl": 66,
        "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93,
        "lchown": 94, "utime": 132, "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144,
        "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198,
        "fremovexattr": 199, "sched_setaffinity": 203, "semtimedop": 220, "utimes": 235, "mq_open": 240,
        "mq_unlink": 241, "ioprio_set": 251, "inotify_add_watch": 254, "fchownat": 260, "futimesat": 261,
        "fchmodat": 268, "utimensat": 280, "sched_setattr": 314,
    },
    "aarch64": {
        **_SHARED_NUMBERS,
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
        "inotify_add_watch": 27, "ioctl": 29, "ioprio_set": 30, "fchmod": 52, "fchmodat": 53, "fchownat": 54,
        "fchown": 55, "utimensat": 88, "sched_setparam": 118, "sched_setscheduler": 119, "sched_setaffinity": 122,
        "setpriority": 140, "mq_open": 180, "mq_unlink": 181, "msgget": 186, "msgctl": 187, "msgrcv": 188,
        "msgsnd": 189, "semget": 190, "semctl": 191, "semtimedop": 192, "semop": 193, "shmget": 194, "shmctl": 195,
        "shmat": 196, "socket": 198, "sched_setattr": 274,
    },
}  # fmt: skip
"""From the same tables of the kernel as `syscalls.NUMBERS`."""

REFUSED = (
    "socket", "inotify_add_watch", "shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget",
    "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink",
)  # fmt: skip
PRETENDED = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes",
    "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
)  # fmt: skip
"""Answered with success where the uid is the operator's."""
_OWN_ONLY = ("sched_setparam", "sched_setscheduler", "sched_setaffinity", "sched_setattr")
_SET_ATTRIBUTES = (0x40086602, 0x401C5820)  # FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR: an owner needs no right to write
_THIS_KIND = 1  # IOPRIO_WHO_PROCESS
_DONE = refuse(0)


def assemble_narrow(machine: str, *, shared_uid: bool) -> bytes:
    """The filter's program for a `platform.machine()`; `shared_uid`: students have the operator's. Raises
    UnknownMachine."""
    if machine not in NUMBERS:
        raise UnknownMachine(errno.ENOSYS, f"no table of system calls for {machine}")
    numbers = NUMBERS[machine]
    program: list[Instruction] = [LOAD_NUMBER]
    for name in REFUSED:
        program += always(numbers[name], refuse(errno.EPERM))
    for name in _OWN_ONLY:
        program += when(numbers[name], unless(0, 0))
    program += when(numbers["ioprio_set"], [*unless(0, _THIS_KIND), *unless(1, 0)])
    program += when(numbers["setpriority"], [*unless(0, 0), *unless(1, 0)])
    if shared_uid:
        for name in filter(numbers.__contains__, PRETENDED):
            program += always(numbers[name], _DONE)
        program += when(numbers["ioctl"], if_equal(1, _SET_ATTRIBUTES))
    return pack([*program, ALLOW_REST])
