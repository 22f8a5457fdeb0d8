"""Messages over pipes: deadlines, halves, floods and ends."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, PlainChannel, ProtocolFault
from autograder.sandbox.codec import MAX_FRAME, CodecError, encode


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Two channels that face each other."""
    there, here = os.pipe(), os.pipe()
    left, right = Channel(there[0], here[1]), Channel(here[0], there[1])
    yield left, right
    left.close()
    right.close()


def soon() -> float:
    return time.monotonic() + 0.05


def frame(*message: object) -> bytes:
    data = encode(message)
    return len(data).to_bytes(4, "little") + data


def test_messages_arrive_in_order(ends: tuple[Channel, Channel]) -> None:
    """Several messages of any size arrive whole and in order, one of them larger than a pipe."""
    left, right = ends
    sent = [("small", 1), ("large", b"x" * 2**20), ("none", None)]
    thread = threading.Thread(target=lambda: [left.send(message) for message in sent])
    thread.start()
    assert [right.receive(time.monotonic() + 60) for _ in sent] == sent
    thread.join()


def test_receive_deadline_of_silence(ends: tuple[Channel, Channel]) -> None:
    """Nothing at all ends at the deadline."""
    with pytest.raises(ChannelTimeout):
        ends[0].receive(soon())


def test_receive_deadline_of_a_trickle(ends: tuple[Channel, Channel]) -> None:
    """One byte at a time never puts the deadline off."""
    left, right = ends
    stop = threading.Event()

    def drip() -> None:
        for byte in (10**6).to_bytes(4, "little") + bytes(10**6):
            if stop.wait(0.005):
                return
            os.write(left.writer, bytes((byte,)))

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(ChannelTimeout):
        right.receive(time.monotonic() + 0.2)
    stop.set()
    thread.join()


def test_receive_half_a_frame(ends: tuple[Channel, Channel]) -> None:
    """Half a message and then the end is an end."""
    left, right = ends
    os.write(left.writer, frame("word", "text")[:-2])
    left.close()
    with pytest.raises(ChannelClosed):
        right.receive(time.monotonic() + 60)


def test_receive_too_large_a_frame(ends: tuple[Channel, Channel]) -> None:
    """A length over the cap is refused before anything of the frame is read."""
    left, right = ends
    for length in (2**32 - 1, MAX_FRAME + 65):
        os.write(left.writer, length.to_bytes(4, "little"))
        with pytest.raises(ProtocolFault, match="a frame of"):
            right.receive(soon())
        right._buffer.clear()


@pytest.mark.parametrize("value", [1, "word", (), (1, "word"), ["word"], {"word": 1}])
def test_receive_what_is_no_message(ends: tuple[Channel, Channel], value: object) -> None:
    """A value that is no tuple with a word at its head is a protocol fault."""
    data = encode(value)
    os.write(ends[0].writer, len(data).to_bytes(4, "little") + data)
    with pytest.raises(ProtocolFault, match="not a message"):
        ends[1].receive(soon())


def test_receive_garbage(ends: tuple[Channel, Channel]) -> None:
    """Bytes that are no value are a protocol fault, and so is an empty frame."""
    left, right = ends
    os.write(left.writer, b"\3\0\0\0Zab" + bytes(4))
    for _ in range(2):
        with pytest.raises(ProtocolFault):
            right.receive(soon())


def test_send_to_nobody(ends: tuple[Channel, Channel]) -> None:
    """Sending to a closed pipe says so."""
    left, right = ends
    right.close()
    with pytest.raises(ChannelClosed):
        left.send(("word",))


def test_send_deadline(ends: tuple[Channel, Channel]) -> None:
    """A reader that does not read holds nobody beyond the deadline."""
    with pytest.raises(ChannelTimeout):
        ends[0].send(("word", b"x" * 2**22), soon())


def test_send_what_cannot_be_sent(ends: tuple[Channel, Channel]) -> None:
    """What has no form is refused before a byte is written."""
    left, right = ends
    with pytest.raises(CodecError):
        left.send(("word", object()))
    left.send(("next",))
    assert right.receive(soon()) == ("next",)


def test_pending_tells_whole_messages(ends: tuple[Channel, Channel]) -> None:
    """A message that was read with the one before it is pending, half a message is not."""
    left, right = ends
    os.write(left.writer, frame("one") + frame("two") + frame("three")[:-1])
    assert not right.pending()
    assert right.receive(soon()) == ("one",)
    assert right.pending()
    assert right.receive(soon()) == ("two",)
    assert not right.pending()
    os.write(left.writer, frame("three")[-1:])
    assert right.receive(soon()) == ("three",)


def test_plain_channel_refuses_much_and_arrays() -> None:
    """The controller's end takes neither arrays nor frames of hundreds of megabytes."""
    reader, writer = os.pipe()
    channel = PlainChannel(reader, writer)
    os.write(writer, frame("word", np.ones(2)) + (17 * 2**20).to_bytes(4, "little"))
    for message in ("not expected", "a frame of"):
        with pytest.raises(ProtocolFault, match=message):
            channel.receive(soon())
    channel.close()
    channel.close()
