"""A pair of pipes that carries messages.

A message is a frame: u32 length, then one value of `codec`, always a tuple whose first part names the operation.

Between controller and runner (the runner's pair):

    → run n source               run cell n                   ← done n outputs error seconds
    → run_all ((n, source), …)   run these in order           ← done, for each
    → fork k seed seconds keep   fork snapshot k              ← exit k status cpu_seconds
    → kill k                     end snapshot k
    → start                      start CUDA ahead             ← started text or None
    → serve k seed seconds keep  be snapshot k, see `worker`  ← exit k status cpu_seconds

Between grader and snapshot k (pair k), every request with a number that the reply must repeat:

    → call name args kwargs keep · invoke object method args kwargs keep · get object name · value object
    → set name value · file name bytes · fork k seed seconds · end k
    ← hello                      the snapshot lives
    ← card bytes seconds         before a reply: the peak of memory and the time on the card, says the process
    ← printed text               before a reply: what the student's code has printed meanwhile
    ← ok value · error type message bases traceback
    ← callback number args kwargs      → return value · raise type message

Requests carry a random number, so an answer written in advance is a protocol fault. Two pipes and not a socket pair: a
socket would let student code pass descriptors. Reads and writes have absolute deadlines: one byte a second wins
nothing.
"""

from __future__ import annotations

import os
import select
import time
from typing import Any

from autograder.sandbox.codec import MAX_FRAME, CodecError, Refer, encode, no_reference
from autograder.sandbox.decoding import Resolve, decode, no_resolve

_CHUNK = 1 << 20


class ChannelClosed(Exception):
    """The other side is gone: end of file or a broken pipe."""


class ChannelTimeout(Exception):
    """The deadline passed before the message was complete."""


class ProtocolFault(Exception):
    """The other side sent something that is no message."""


class Channel:
    """One end of a pair of pipes. With no deadline a call blocks for as long as it takes."""

    max_frame = MAX_FRAME + 64
    arrays = True

    def __init__(
        self,
        reader: int,
        writer: int,
        *,
        refer: Refer = no_reference,
        resolve: Resolve = no_resolve,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.refer = refer
        self.resolve = resolve
        self._buffer = bytearray()

    def send(self, message: tuple[Any, ...], deadline: float | None = None) -> None:
        """Write one message. Raises CodecError before anything is written, ChannelClosed or ChannelTimeout after."""
        payload = encode(message, self.refer)
        data = memoryview(len(payload).to_bytes(4, "little") + payload)
        if deadline is not None:
            os.set_blocking(self.writer, False)
        while data:
            try:
                data = data[os.write(self.writer, data[:_CHUNK]) :]
            except BlockingIOError:
                _wait(self.writer, select.POLLOUT, deadline)
            except OSError as error:
                raise ChannelClosed(str(error)) from error

    def receive(self, deadline: float | None = None) -> tuple[Any, ...]:
        """The next message, read and decoded."""
        payload = self.frame(deadline)
        try:
            message = decode(payload, self.resolve, arrays=self.arrays)
        except CodecError as error:
            raise ProtocolFault(str(error)) from error
        if type(message) is not tuple or not message or type(message[0]) is not str:
            raise ProtocolFault("not a message")
        return message

    def frame(self, deadline: float | None = None) -> bytes:
        """The next message's bytes, not decoded."""
        while True:
            if len(self._buffer) >= 4:
                length = int.from_bytes(self._buffer[:4], "little")
                if length > self.max_frame:
                    raise ProtocolFault(f"a frame of {length:,} bytes")
                if len(self._buffer) >= 4 + length:
                    frame = bytes(self._buffer[4 : 4 + length])
                    del self._buffer[: 4 + length]
                    return frame
            if deadline is not None:
                _wait(self.reader, select.POLLIN, deadline)
            try:
                data = os.read(self.reader, _CHUNK)
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if not data:
                raise ChannelClosed("end of file")
            self._buffer += data

    def pending(self) -> bool:
        """Whether part of a message was read already, so that waiting on the descriptor alone could miss it."""
        if len(self._buffer) < 4:
            return False
        return len(self._buffer) >= 4 + int.from_bytes(self._buffer[:4], "little")

    def close(self) -> None:
        """Close both pipes; safe to call twice."""
        for descriptor in (self.reader, self.writer):
            if descriptor >= 0:
                os.close(descriptor)
        self.reader = self.writer = -1


class PlainChannel(Channel):
    """The controller's end of a runner's pair: messages of a few megabytes, without arrays or tensors.

    The controller serves everybody, so nothing of a student's may fill its memory or have it import torch.
    """

    max_frame = 16 * 2**20
    arrays = False


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    poller = select.poll()
    poller.register(descriptor, event)
    if deadline is None:
        poller.poll()
        return
    left = deadline - time.monotonic()
    if left <= 0 or not poller.poll(left * 1000):
        raise ChannelTimeout("the deadline passed")
