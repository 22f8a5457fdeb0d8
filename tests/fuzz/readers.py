"""Every place where bytes of a student's process are read, with the faults that it may answer with.

A reader that raises anything else, or takes longer or more memory than its frame can ask for, is a finding.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from autograder.errors import StudentError
from autograder.grading.attempt import _cell_done
from autograder.grading.endings import describe_status
from autograder.grading.outputs import OutputReader
from autograder.grading.runners import Runners
from autograder.grading.student import Callback, PipeLink, Remote, Student, student_error
from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, PlainChannel, ProtocolFault
from autograder.sandbox.codec import CodecError, Reference
from autograder.sandbox.decoding import decode
from autograder.sandbox.limits import Limits

_EXACT = {type(None), bool, int, float, complex, str, bytes, list, tuple, dict, np.ndarray, Reference}
_SECONDS = 60.0
_NAMES = [["test_a", "setup", "test_b"]]


def read_value(frame: bytes) -> str | None:
    """The grader's decoder: a value of exact types, or a CodecError, whose text is returned."""
    try:
        value = decode(frame, lambda reference: reference)
    except CodecError as error:
        return str(error)
    refuse_strangers(value)
    return None


def refuse_strangers(value: Any) -> None:
    """Raises AssertionError where a value is of any type but the exact ones that cross."""
    kind = type(value)
    if kind not in _EXACT:
        assert f"{kind.__module__}.{kind.__qualname__}" == "torch.Tensor", kind
    if kind in (list, tuple):
        for item in value:
            refuse_strangers(item)
    elif kind is dict:
        for key, item in value.items():
            refuse_strangers(key)
            refuse_strangers(item)


def read_plain(frame: bytes) -> None:
    """The controller's decoder, which takes neither arrays nor references."""
    try:
        value = decode(frame, arrays=False)
    except CodecError:
        return
    refuse_strangers(value)
    assert not holds_array(value)


def holds_array(value: Any) -> bool:
    """Whether an array lies anywhere in a value."""
    if type(value) is dict:
        return any(holds_array(part) for item in value.items() for part in item)
    if type(value) in (list, tuple):
        return any(map(holds_array, value))
    return type(value) not in _EXACT or type(value) is np.ndarray


def read_stream(data: bytes) -> None:
    """A channel whose other end wrote these bytes, and closed it."""
    for kind in (Channel, PlainChannel):
        with Piped(data) as pipe:
            channel = kind(pipe.reader, pipe.sink)
            try:
                for _ in range(20):
                    channel.receive(time.monotonic() + _SECONDS)
            except (ChannelClosed, ProtocolFault):
                continue
            except ChannelTimeout as error:
                raise AssertionError("waited for what cannot come") from error


def read_answer(data: bytes) -> None:
    """A test that calls the student, who lives and then says this: whatever it is, the answer is a StudentError."""
    hello = (15).to_bytes(4, "little") + b"t\1\0\0\0s\5\0\0\0hello"
    with Piped(hello + data) as pipe:
        link = PipeLink(Channel(pipe.reader, pipe.sink), _SECONDS, lambda: None)
        link.student = Student(link)
        link.callbacks = [Callback(lambda *args, **kwargs: None), Callback(_refuse)]
        link.start()
        with contextlib.suppress(StudentError):
            link.request("call", "f", (), {}, False)
            raise AssertionError("an answer was taken that nobody asked for")
        assert link.fault is not None
        assert link.fault.type in ("Crashed", "ProtocolFault")
        assert link.end(0) == (None, None)


def _refuse(*args: Any, **kwargs: Any) -> None:
    raise ValueError("the test's own function refuses")


def read_cell(frame: bytes) -> None:
    """What a runner says of a cell: outputs that are nbformat and plain JSON, or a ProtocolFault."""
    try:
        message = decode(frame, arrays=False)
        if type(message) is tuple and message:
            done = _cell_done(message, OutputReader(), Limits())
            json.dumps([done.outputs, done.error])
            for output in done.outputs:
                assert output["output_type"] in ("stream", "error", "display_data", "execute_result")
    except (CodecError, ProtocolFault):
        pass


def read_note(frame: bytes) -> None:
    """What a runner says of a snapshot's end: it chooses between sentences for a failed test, and passes none."""
    try:
        message = decode(frame, arrays=False)
    except CodecError:
        return
    if type(message) is not tuple or not message:
        return
    runners = Runners(cast(Any, [None]), _NAMES)
    runners._note(0, message)
    for name, (status, cpu) in runners.exits.items():
        assert name in _NAMES[0]
        kind, _, sentence = describe_status(status, 1.0, cpu=cpu).partition(": ")
        assert kind in ("Crashed", "Timeout", "Killed", "MemoryLimit")
        assert sentence


def read_error(frame: bytes) -> None:
    """What a snapshot says that was raised: a StudentError whose texts can be written down."""
    try:
        message = decode(frame, lambda reference: Remote(cast(Any, None), reference.number, reference.label))
    except CodecError:
        return
    if type(message) is tuple and len(message) == 6:
        error = student_error(*message[2:])
        json.dumps([error.type, error.message, list(error.bases), error.traceback, str(error)])


class Piped:
    """A pipe that holds some bytes and has no writer any more, and a place to write to."""

    def __init__(self, data: bytes) -> None:
        self.reader, writer = os.pipe()
        os.write(writer, data[: 1 << 16])
        os.close(writer)
        self.sink = os.open(os.devnull, os.O_WRONLY)

    def __enter__(self) -> Piped:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.reader)
        os.close(self.sink)


def framed(frame: bytes, chance: random.Random) -> bytes:
    """A frame with a length before it, which is mostly right."""
    length = chance.choice([len(frame)] * 6 + [len(frame) + 1, max(0, len(frame) - 1), 2**32 - 1, 0])
    return length.to_bytes(4, "little") + frame


BY_FRAME: tuple[Callable[[bytes], None], ...] = (read_plain, read_cell, read_note, read_error)
BY_STREAM: tuple[Callable[[bytes], None], ...] = (read_stream, read_answer)
