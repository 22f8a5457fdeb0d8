"""Fences that are too strict, by name: what a fence must not do to honest notebooks.

A fence is made too strict by smaller limits, or by a first cell that takes something away from the student's own
process for good: a filter of system calls, an audit hook, a resource limit, a mode of a folder. Each leaves a plain
notebook its full marks (which a test holds), so that a notebook that loses marks loses them for what was taken away.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent

_CALLS = {
    # name: numbers on x86-64 and on 64-bit ARM, None where there is no such call
    "alarm": (37, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "getrandom": (318, 278),
    "mmap": (9, 222),
    "setitimer": (38, 103),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "timer_create": (222, 107),
}
_AF_UNIX = 1
_CLONE_THREAD = 0x10000
_MAP_SHARED, _MAP_KIND, _MAP_ANONYMOUS = 0x1, 0x3, 0x20
_LOAD, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x50000


@dataclass(frozen=True)
class TooStrict:
    """A fence made too strict: values that replace fields of `Limits`, and the cell that runs before the notebook."""

    limits: Mapping[str, int] = field(default_factory=dict)
    cell: str = ""


@dataclass(frozen=True)
class Refused:
    """A system call that is refused where `argument` & `mask` == `value`; by default whatever its arguments are."""

    call: str
    argument: int = 0
    mask: int = 0
    value: int = 0
    error: int = errno.EPERM


def filter_of(refused: tuple[Refused, ...]) -> bytes:
    """A classic BPF program for this machine that refuses these calls and lets all others through."""
    machine = ["x86_64", "aarch64"].index(platform.machine())
    code = [(_LOAD, 0, 0, 0)]  # the call's number
    for one in refused:
        number = _CALLS[one.call][machine]
        if number is not None:
            code += [
                (_JUMP_IF_EQUAL, 0, 5, number),
                (_LOAD, 0, 0, 16 + 8 * one.argument),  # the lower half
                (_AND, 0, 0, one.mask),
                (_JUMP_IF_EQUAL, 0, 1, one.value),
                (_RETURN, 0, 0, _REFUSE | one.error),
                (_LOAD, 0, 0, 0),
            ]
    return b"".join(struct.pack("<HBBI", *step) for step in [*code, (_RETURN, 0, 0, _ALLOW)])


def without_calls(*refused: Refused) -> TooStrict:
    """A fence that also refuses these system calls. clone3 hides its flags, so it does not exist: libraries then
    use clone."""
    code = filter_of((Refused("clone3", error=errno.ENOSYS), *refused))
    cell = f"""
        def _refuse():
            import ctypes
            code = ctypes.create_string_buffer(bytes.fromhex("{code.hex()}"), {len(code)})
            class Program(ctypes.Structure):
                _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
            program = Program({len(code) // 8}, ctypes.addressof(code))
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
                raise OSError(ctypes.get_errno(), "the filter was not taken")
        _refuse()
        del _refuse
        """
    return TooStrict(cell=dedent(cell))


def after(cell: str) -> TooStrict:
    """A fence that is too strict once `cell` has run."""
    return TooStrict(cell=dedent(cell))


def without_reading(*folders: str) -> TooStrict:
    """A fence in which Python code cannot open files below these folders, but for what each snapshot needs itself."""
    return after(f"""
        def _refuse():
            import sys
            from os import PathLike, fspath
            def hook(event, arguments):
                if event in ("open", "os.listdir") and isinstance(arguments[0], (str, PathLike)):
                    path = fspath(arguments[0])
                    if path.startswith({folders!r}) and path != "/proc/self/statm":
                        raise PermissionError(path)
            sys.addaudithook(hook)
        _refuse()
        del _refuse
        """)


def without_events(*events: str) -> TooStrict:
    """A fence that refuses what Python announces to audit hooks as one of these events."""
    return after(f"""
        def _refuse():
            import sys
            def hook(event, arguments):
                if event in {events!r}:
                    raise PermissionError(event)
            sys.addaudithook(hook)
        _refuse()
        del _refuse
        """)


def without_cells(condition: str) -> TooStrict:
    """A fence that takes no cell for whose text `condition` holds."""
    return after(f"""
        def _refuse(lines):
            text = "".join(lines)
            if {condition}:
                raise SyntaxError("not taken")
            return lines
        get_ipython().input_transformers_cleanup.insert(0, _refuse)
        """)


def stopping_when(condition: str) -> TooStrict:
    """A fence that runs no further cell once `condition` holds after one."""
    return after(f"""
        def _stop(result):
            if {condition}:
                get_ipython().run_cell = lambda *arguments, **options: None
        get_ipython().events.register("post_run_cell", _stop)
        """)


def with_stream(name: str, most: int) -> TooStrict:
    """A fence in which `sys.<name>` takes `most` characters and then fails."""
    return after(f"""
        def _limit():
            import sys
            class Limited:
                left = {most}
                def __init__(self, stream):
                    self.stream = stream
                def __getattr__(self, name):
                    return getattr(self.stream, name)
                def write(self, text):
                    self.left -= len(text)
                    if self.left < 0:
                        raise OSError("too much output")
                    return self.stream.write(text)
            sys.{name} = Limited(sys.{name})
        _limit()
        del _limit
        """)


FENCES: dict[str, TooStrict] = {
    "no-threads": without_calls(Refused("clone", 0, _CLONE_THREAD, _CLONE_THREAD)),
    "few-processes": TooStrict({"processes": 4}),  # pid 1, the runner, a set-up and a snapshot of it
    "no-programs": without_calls(Refused("execve"), Refused("execveat")),
    "no-unix-sockets": without_calls(
        Refused("socket", 0, 0xFFFF, _AF_UNIX), Refused("socketpair", 0, 0xFFFF, _AF_UNIX)
    ),
    "no-shared-memory": after("import os; os.chmod('/dev/shm', 0)"),
    "no-shared-maps": without_calls(Refused("mmap", 3, _MAP_KIND | _MAP_ANONYMOUS, _MAP_SHARED | _MAP_ANONYMOUS)),
    "no-mapped-files": without_calls(Refused("mmap", 3, _MAP_KIND | _MAP_ANONYMOUS, _MAP_SHARED)),
    "no-timers": without_calls(Refused("alarm"), Refused("setitimer"), Refused("timer_create")),
    "no-randomness": TooStrict(
        cell=without_calls(Refused("getrandom")).cell + without_reading("/dev/urandom", "/dev/random").cell
    ),
    "read-only-scratch": after(
        "import os\nfor _folder in ('/scratch/work', '/tmp', '/dev/shm'): os.chmod(_folder, 0o500)"
    ),
    "small-scratch": TooStrict({"scratch": 2**20}),
    "no-file-content": TooStrict({"file_size": 0}),
    "few-descriptors": after("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))"),
    "little-memory": TooStrict({"memory": 128 * 2**20}),
    "small-stack": after("import resource; resource.setrlimit(resource.RLIMIT_STACK, (2**20, 2**20))"),
    "one-second": TooStrict({"notebook_seconds": 1, "test_seconds": 1, "prepare_seconds": 1}),
    "no-proc": without_reading("/proc/"),
    "no-system-files": without_reading("/usr/share/", "/etc/"),
    "no-foreign-code": without_events("ctypes.dlopen"),
    "no-tracing": without_events("sys.settrace", "sys.setprofile"),
    "no-classes": after("import builtins; del builtins.__build_class__"),
    "no-code-at-run-time": after("""
        def _refuse():
            import builtins, sys
            def only_for_cells(function):
                def call(*arguments, **options):
                    if not sys._getframe(1).f_globals["__name__"].startswith("IPython."):
                        raise PermissionError(function.__name__)
                    return function(*arguments, **options)
                return call
            builtins.exec, builtins.eval = only_for_cells(exec), only_for_cells(eval)
        _refuse()
        del _refuse
        """),
    "no-magics": after("""
        _shell = get_ipython()
        _shell.run_line_magic = _shell.run_cell_magic = lambda *arguments, **options: None
        """),
    "no-display": after("get_ipython().display_pub.publish = lambda *arguments, **options: 1 / 0"),
    "no-standard-error": with_stream("stderr", 0),
    "little-output": with_stream("stdout", 64 * 2**10),
    "warnings-are-errors": after("import warnings; warnings.simplefilter('error')"),
    "stops-at-errors": stopping_when("not result.success"),
    "hundred-cells": stopping_when("result.execution_count == 100"),
    "cells-apart": after("""
        def _forget():
            names = get_ipython().user_ns
            for name in names.keys() - _forget.known - {"squares", "answer"}:
                del names[name]
        _forget.known = {*get_ipython().user_ns, "_forget"}
        get_ipython().events.register("post_execute", _forget)
        """),
    "ascii-only": without_cells("not text.isascii()"),
    "short-lines": without_cells("max(map(len, lines)) > 1000"),
    "no-carriage-returns": without_cells('"\\r" in text'),
}
