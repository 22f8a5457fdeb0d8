"""Landlock (Linux ≥ 5.13): a process gives up every file but those it names. It needs no right, and no mount.

What is not named can be neither opened, listed, made nor removed, by this process and all that it forks, for good;
what is open already stays so. Files can still be seen to exist. Newer kernels also refuse TCP (6.7), and signals and
abstract sockets to anybody outside (6.12). A process that did this cannot look into others by way of proc either.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterable

from autograder.sandbox import libc

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1

# include/uapi/linux/landlock.h
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_ALL_FILES = ((1, (1 << 13) - 1), (2, 1 << 13), (3, _TRUNCATE), (5, _IOCTL))  # (since which version, rights)
_ALL_NET = ((4, 0b11),)  # bind and connect, TCP
_SIGNALS = 0b10
SIGNALS_SINCE = 6
_ALL_SCOPES = ((SIGNALS_SINCE, 0b01 | _SIGNALS),)  # abstract sockets, signals


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("parent", ctypes.c_int32)]


_libc = ctypes.CDLL(None, use_errno=True)


def confine(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Keep to these files and folders, and to what lies in them; those that do not exist are left out.

    Raises OSError where the kernel has no Landlock.
    """
    rules = open_rules(readable, writable)
    try:
        enter(rules)
    finally:
        os.close(rules)


def open_rules(readable: Iterable[str], writable: Iterable[str], listable: Iterable[str] = ()) -> int:
    """The descriptor of a set of rules for `enter`. Of `listable` folders only the names in them can be read, at any
    depth. Raises OSError where the kernel has no Landlock."""
    known = version()
    files, net, scopes = (_known(rights, known) for rights in (_ALL_FILES, _ALL_NET, _ALL_SCOPES))
    ruleset = _Ruleset(files, net, scopes)
    rules = _call(_CREATE, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        for paths, rights in ((readable, _READING), (writable, files), (listable, _READ_DIR)):
            for path in paths:
                _allow(rules, path, rights & files)
    except OSError:
        os.close(rules)
        raise
    return rules


def enter(rules: int) -> None:
    """Keep to a set of rules from now on; it may be used by several processes."""
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    _call(_RESTRICT, rules, 0)


def scope_signals() -> None:
    """Give up every signal to processes that the caller has not forked since. Raises OSError before Linux 6.12."""
    if version() < SIGNALS_SINCE:
        raise OSError(errno.ENOSYS, "the kernel cannot confine signals (Landlock of Linux 6.12 or newer)")
    ruleset = _Ruleset(0, 0, _SIGNALS)
    rules = _call(_CREATE, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        enter(rules)
    finally:
        os.close(rules)


def version() -> int:
    """The version of the kernel's Landlock. Raises OSError where it has none."""
    return _call(_CREATE, None, 0, _ASK_VERSION)


def _known(rights: tuple[tuple[int, int], ...], version: int) -> int:
    return sum(bits for since, bits in rights if since <= version)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):  # nobody here could have read it anyway
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_FILES
        beneath = _PathBeneath(rights, parent)
        _call(_ADD, rules, _PATH_BENEATH, ctypes.byref(beneath), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    result: int = _libc.syscall(ctypes.c_long(number), *map(_as_long, arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"landlock: {os.strerror(error)}")
    return result


def _as_long(argument: object) -> object:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
