"""Messages with file descriptors between the controller and the processes it started (never with a student).

One message is a JSON object, and as many descriptors as it says, in packets of at most 200: the kernel passes no more
than 253 at once. The socket is a SOCK_SEQPACKET pair, so packets keep their bounds; an object too long for a packet
travels in a memory file, as the first descriptor.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from typing import Any

_PER_PACKET = 200
_MAX_PACKET = 1 << 16


def send_message(connection: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message. Raises OSError when the other side is gone."""
    header = json.dumps({"body": message, "descriptors": len(descriptors)}).encode()
    if len(header) > _MAX_PACKET:
        with os.fdopen(os.memfd_create("message", os.MFD_CLOEXEC), "wb") as file:
            file.write(header)
            file.flush()
            _send_packets(connection, b"{}", [file.fileno(), *descriptors])
    else:
        _send_packets(connection, header, descriptors)


def _send_packets(connection: socket.socket, header: bytes, descriptors: Sequence[int]) -> None:
    socket.send_fds(connection, [header], list(descriptors[:_PER_PACKET]))
    for start in range(_PER_PACKET, len(descriptors), _PER_PACKET):
        socket.send_fds(connection, [b"+"], list(descriptors[start : start + _PER_PACKET]))


def receive_message(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message with its descriptors (close-on-exec); None when the other side has closed."""
    data, descriptors, _, _ = socket.recv_fds(connection, _MAX_PACKET, _PER_PACKET)
    if not data:
        return None
    if data == b"{}":
        with os.fdopen(descriptors.pop(0), "rb") as file:
            data = os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
    message = json.loads(data)
    while len(descriptors) < message["descriptors"]:
        _, more, _, _ = socket.recv_fds(connection, 16, _PER_PACKET)
        descriptors += more
    for descriptor in descriptors:  # recv_fds gives them inheritable: a program that a student starts must not get them
        os.set_inheritable(descriptor, False)
    return message["body"], descriptors
