"""Messages that carry file descriptors."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from autograder.sandbox.descriptors import receive_message, send_message

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def sockets() -> Iterator[Pair]:
    """Both ends of a control socket."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with left, right:
        yield left, right


@pytest.mark.parametrize("count", [0, 1, 200, 201, 450])
def test_descriptors_arrive(sockets: Pair, count: int) -> None:
    """Any number of descriptors arrives with its message, in order, closed to programs that are started."""
    pipes = [os.pipe() for _ in range(count)]
    send_message(sockets[0], {"count": count}, [reader for reader, _ in pipes])
    received = receive_message(sockets[1])
    assert received is not None
    message, descriptors = received
    assert message == {"count": count}
    for number, ((reader, writer), arrived) in enumerate(zip(pipes, descriptors, strict=True)):
        os.write(writer, b"%d" % number)
        assert os.read(arrived, 9) == b"%d" % number
        assert not os.get_inheritable(arrived)
        for descriptor in (reader, writer, arrived):
            os.close(descriptor)


def test_long_message(sockets: Pair) -> None:
    """An object too long for a packet arrives whole, with its descriptors."""
    reader, writer = os.pipe()
    send_message(sockets[0], {"text": "x" * 300_000}, [writer] * 199 + [reader])
    send_message(sockets[0], {"next": True})
    received = receive_message(sockets[1])
    assert received is not None
    assert (len(received[0]["text"]), len(received[1])) == (300_000, 200)
    assert receive_message(sockets[1]) == ({"next": True}, [])
    for descriptor in (reader, writer, *received[1]):
        os.close(descriptor)


def test_closed_socket(sockets: Pair) -> None:
    """The other side's end is None to read and an OSError to write."""
    sockets[0].close()
    assert receive_message(sockets[1]) is None
    with pytest.raises(OSError, match=r".+"):
        send_message(sockets[1], {})
