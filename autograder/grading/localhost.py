"""The host of the students' own check: the student is a namespace of this very process, a notebook's.

    test → LocalLink → encode, decode → Snapshot (the fence's own) → encode, decode → test

No process and no pipe, but the same requests, answered by the same code, and every value goes through the codec on each
way: a test meets exactly the types that it meets in the fence. Nothing is copied: what a test makes the student's code
change inside an object stays changed. Names are put back after each test, so `student.set` holds for that test alone.
"""

from __future__ import annotations

import linecache
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

from autograder.grading.seeds import derive
from autograder.grading.student import Callback, Remote, Student, student_error
from autograder.grading.usage import Usage
from autograder.sandbox.channel import Channel
from autograder.sandbox.codec import CodecError, Reference, encode
from autograder.sandbox.decoding import decode
from autograder.sandbox.snapshot import Snapshot, reseed

LIMITS = {"notebook_seconds": 60.0, "test_seconds": 10.0, "prepare_seconds": 60.0, "memory": 2 * 2**30}
"""What the fixture `limits` says here, where nothing is limited: the usual limits of an assignment."""
_LONGEST_LINE = 100  # characters of a source line that are quoted


class _Leave(BaseException):
    """Carries the test's own exception out of a callback, past whatever the student's code would catch."""


class _LoopChannel(Channel):
    """The snapshot's end of a link: what it sends is taken at once, what it waits for is already there."""

    def __init__(self, link: LocalLink) -> None:
        super().__init__(-1, -1)
        self.link = link

    def send(self, message: tuple[Any, ...], deadline: float | None = None) -> None:
        self.link.take(encode(message, self.refer))

    def receive(self, deadline: float | None = None) -> tuple[Any, ...]:
        message: tuple[Any, ...] = decode(self.link.answer, self.resolve)
        return message


class _Namespace(Snapshot):
    """The fence's snapshot, over an open notebook: errors are told by cell, and an interrupt stops the check."""

    def lookup(self, name: str) -> Any:
        if name not in self.names:
            raise NameError(f"‘{name}’ is not defined: has its cell been run, and without an error?")
        return self.names[name]

    def describe(self, error: BaseException) -> tuple[str, str, tuple[str, ...], str]:
        if isinstance(error, KeyboardInterrupt):
            raise error
        name, message, bases, _ = super().describe(error)
        return name, message, bases, place_of(error.__traceback__, self.names)


class LocalLink:
    """The way to a namespace. `folder` takes the files that tests make."""

    def __init__(self, names: dict[str, Any], folder: Path) -> None:
        self.student = Student(self)
        self.answer = b""
        self._reply: tuple[Any, ...] = ()
        self._callbacks: list[Callback] = []
        self._test_error: Exception | None = None
        self._namespace = _Namespace(_LoopChannel(self), names, str(folder), str)  # prints are on the screen already

    def request(self, operation: str, *arguments: Any) -> Any:
        """Have one operation done, serving its callbacks meanwhile. Raises StudentError."""
        number, *parts = decode(encode((0, *arguments), self._refer), self._namespace.resolve)
        self._namespace.answer(operation, number, *parts)
        if self._test_error is not None:
            error, self._test_error = self._test_error, None
            raise error
        answer, _, *rest = self._reply
        if answer == "ok":
            return rest[0]
        raise student_error(*rest)

    def usage(self) -> Usage:
        """What this process has used, where the notebook and its tests are one; its memory is not looked at."""
        return Usage(time.process_time(), 0)

    def take(self, frame: bytes) -> None:
        """What the namespace sends: the reply to a request, or a call of one of the test's functions."""
        kind, *rest = message = decode(frame, self._resolve)
        if kind == "callback":
            self._serve(*rest)
        else:
            self._reply = message

    def _serve(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        reply: tuple[Any, ...]
        try:
            try:
                reply = ("return", self._callbacks[number].function(*args, **kwargs))
            except AssertionError:
                raise
            except Exception as error:  # the test's function refused: the student's code gets to see that
                reply = ("raise", type(error).__name__, str(error))
            self.answer = encode(reply, self._refer)
        except (AssertionError, CodecError) as error:
            self._test_error = error
            raise _Leave from error

    def _refer(self, value: Any) -> Reference:
        if type(value) is Remote:
            return Reference("handle", value._number, "")
        if type(value) is Callback:
            self._callbacks.append(value)
            return Reference("callback", len(self._callbacks) - 1, value.label)
        raise CodecError(f"a test cannot send an object of type {type(value).__name__} to a student")

    def _resolve(self, reference: Reference) -> Remote:
        return Remote(self.student, reference.number, reference.label)


class LocalHost:
    """Hands out one student, the namespace `names`; each test meets the names as they are now.

    In the fence all cases of a parametrised test share a snapshot; here each case finds the names put back.
    """

    def __init__(self, names: dict[str, Any], folder: Path) -> None:
        self.seed = 0
        self.device = "cpu"
        self.limits = SimpleNamespace(**LIMITS)
        self.reference: Any = None
        self._names = names
        self._student = LocalLink(names, folder).student
        self._prepared: dict[str, Mapping[str, Any]] = {}

    @contextmanager
    def test(self, test: str, prepared: str | None) -> Iterator[Student]:
        """The student for one test, with the names that its prepared set-up left."""
        before = dict(self._names)
        reseed(derive(self.seed, test))
        try:
            if prepared in self._prepared:
                _put_back(self._names, self._prepared[prepared])
            yield self._student
        finally:
            _put_back(self._names, before)

    @contextmanager
    def prepare(self, prepared: str) -> Iterator[Student]:
        """The student in which a set-up runs; the names that it leaves come back for its tests."""
        before = dict(self._names)
        reseed(derive(self.seed, prepared))
        try:
            yield self._student
        finally:
            self._prepared[prepared] = dict(self._names)
            _put_back(self._names, before)


def _put_back(names: dict[str, Any], wanted: Mapping[str, Any]) -> None:
    for name in names.keys() - wanted.keys():
        del names[name]
    names.update(wanted)


def place_of(tb: TracebackType | None, names: Mapping[str, Any]) -> str:
    """Where in the notebook it happened: `in cosine, cell [5], line 3: return …`; "" if in none of its cells."""
    found = None
    while tb is not None:
        if tb.tb_frame.f_globals is names:
            found = tb
        tb = tb.tb_next
    if found is None:
        return ""
    code = found.tb_frame.f_code
    line = linecache.getline(code.co_filename, found.tb_lineno).strip()
    function = "" if code.co_name.startswith("<") else f"in {code.co_name}, "
    quoted = f": {line[:_LONGEST_LINE]}" if line else ""
    return f"{function}{_cell(code.co_filename)}line {found.tb_lineno}{quoted}"


def _cell(file: str) -> str:
    """`cell [5], ` as the notebook numbers what was run, or "" where nobody knows."""
    if file.startswith("<cell "):
        return f"{file.strip('<>')}, "
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    labelled = getattr(getattr(shell, "compile", None), "format_code_name", None)  # not in every IPython
    label = labelled(file) if labelled is not None else None
    return f"cell {label[1].removeprefix('In')}, " if label else ""
