"""The controller's side of intake: hand over a submitted file as an opaque descriptor, take in what is said of it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import InfrastructureError
from autograder.notebook import Template
from autograder.sandbox.descriptors import send_message
from autograder.sandbox.process import Process

_TRIES = 3
"""A reader that dies may have met the machine's shortage of memory, or what an earlier file left. After the first try a
file gets readers of its own; one that ends two of them is the cause."""
_FILES = 64
"""Files that one reader may read: a fork for each took five sixths of the time."""
_ODD_FILES = (errno.ELOOP, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
"""What a link, a socket or a file that is gone gives; any other failure to open is ours."""


class Readers:
    """The intake process and its forks that read. Several threads may ask at once."""

    def __init__(self, templates: Sequence[Template], folder: Path) -> None:
        self._process = Process("autograder.grading.intaking", folder=folder, home=str(folder))
        self._process.send({"templates": [template.to_json() for template in templates]})
        self._idle: list[_Reader] = []

    @property
    def pid(self) -> int:
        """The number of the process whose forks read."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.alive

    def read(self, notebook: int, path: Path) -> dict[str, Any]:
        """What intake says of a file: {"intake": …} or {"rejected": sentence}.

        Raises InfrastructureError or OSError for what is ours.
        """
        for tries in range(_TRIES):
            try:
                source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                if error.errno not in _ODD_FILES:
                    raise
                what = "is a link" if error.errno == errno.ELOOP else f"could not be opened ({error.strerror})"
                return {"rejected": f"The file {what}. Please hand in the notebook itself."}
            try:
                if not stat.S_ISREG(os.fstat(source).st_mode):
                    return {"rejected": "This is no file but a folder or a pipe. Please hand in the notebook itself."}
                reply = self._ask({"notebook": notebook, "name": path.name}, source, fresh=tries > 0)
            finally:
                os.close(source)
            if reply is not None and "fault" in reply:
                raise InfrastructureError(f"reading the notebook failed ({reply['fault']})")
            if reply is not None:
                return reply
        return {
            "rejected": "The file could not be read within the limits of time and memory. "
            "Please check that it is a notebook."
        }

    def dismiss(self) -> None:
        """End the forks that are not reading."""
        while (reader := self._take_idle()) is not None:
            reader.orders.close()

    def close(self) -> None:
        """End all of them, and the intake process."""
        self.dismiss()
        self._process.close()

    def _ask(self, message: dict[str, Any], source: int, *, fresh: bool) -> dict[str, Any] | None:
        """A reader's answer; None where reading took its process with it."""
        reader = None if fresh else self._take_idle()
        reader = reader or self._new_reader()
        reply = reader.ask(message, source)
        if reply is not None and "intake" in reply and reader.files < _FILES:
            self._idle.append(reader)
        else:
            reader.orders.close()
        if reply is None and not self._process.alive:
            raise InfrastructureError("the intake process is gone")
        return reply

    def _take_idle(self) -> _Reader | None:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        return None

    def _new_reader(self) -> _Reader:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process.send({}, [theirs.fileno()])
            except BaseException:
                ours.close()
                raise
        return _Reader(ours)


@dataclass(slots=True)
class _Reader:
    """A fork of the intake process, by the socket on which it takes orders, and how many files it was given."""

    orders: socket.socket
    files: int = 0

    def ask(self, message: dict[str, Any], source: int) -> dict[str, Any] | None:
        self.files += 1
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as answer:
            try:
                send_message(self.orders, message, [source, writer])
            except OSError:  # it is gone: killed from outside
                return None
            finally:
                os.close(writer)
            data = answer.read()
        try:
            reply: dict[str, Any] = json.loads(data)
        except ValueError:  # nothing, or half an answer
            return None
        return reply
