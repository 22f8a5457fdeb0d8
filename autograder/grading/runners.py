"""What the runners say while the grader is at work: which snapshots ended, and how."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.host import Student

_EXIT_SECONDS = 0.5
_SEND_SECONDS = 5.0
_MESSAGES_PER_SNAPSHOT = 4


class Runners:
    """The runners of one submission. `names[n][k]` is what snapshot k of runner n is for.

    `exits` has the wait status and the CPU seconds of those that ended; `closed` the runners that are gone.
    """

    def __init__(self, students: Sequence[Student], names: Sequence[Sequence[str]]) -> None:
        self.students = students
        self.names = names
        self.exits: dict[str, tuple[int, float]] = {}
        self.closed: set[int] = set()
        self._deaf: set[int] = set()
        self._heard = [0] * len(students)

    def tell(self, number: int, message: tuple[Any, ...]) -> None:
        """Send a runner a message, if it lives: one that is gone shows in the tests' results."""
        with contextlib.suppress(ChannelClosed, ChannelTimeout):
            self.students[number].runner.send(message, time.monotonic() + _SEND_SECONDS)

    def wait(self, reader: int, deadline: float) -> bool:
        """Wait until `reader` can be read, taking in what the runners say meanwhile; False when the time is over."""
        while True:
            poller = select.poll()
            poller.register(reader, select.POLLIN)
            listening = {self.students[n].runner.reader: n for n in range(len(self.students)) if n not in self._deaf}
            for descriptor in listening:
                poller.register(descriptor, select.POLLIN)
            ready = {fd for fd, _ in poller.poll(max(0.0, deadline - time.monotonic()) * 1000)}
            if not ready:
                return False
            for descriptor in ready & listening.keys():
                self._hear(listening[descriptor])
            if reader in ready:
                return True

    def wait_for(self, names: Iterable[str]) -> None:
        """Give the runners a moment to say how these ended."""
        wanted = set(names)
        deadline = time.monotonic() + _EXIT_SECONDS
        while not wanted <= self.exits.keys() and time.monotonic() < deadline:
            listening = [number for number in range(len(self.students)) if number not in self._deaf]
            if not listening:
                return
            for number in listening:
                poller = select.poll()
                poller.register(self.students[number].runner.reader, select.POLLIN)
                if poller.poll(20):
                    self._hear(number)

    def add_own_ends(self, names: Iterable[str]) -> None:
        """Take the ends of the runners themselves for those of these tests, which they have served in place.

        pid 1 says how a runner ended: no claim of a student's. Its CPU time is that of all it has done, and told of
        none.
        """
        for name in names:
            for number, own in enumerate(self.names):
                if name in own and self.students[number].runner_gone(_EXIT_SECONDS):
                    self.exits[name] = (self.students[number].runner_status or 0, 0.0)

    def _hear(self, number: int) -> None:
        runner = self.students[number].runner
        try:
            while True:
                self._note(number, runner.receive(time.monotonic() + 1.0))
                self._heard[number] += 1
                if self._heard[number] > _MESSAGES_PER_SNAPSHOT * sum(map(len, self.names)):
                    raise ProtocolFault("more messages than there are snapshots")  # or a flood would keep us here
                if not runner.pending():
                    return
        except ChannelClosed:
            self.closed.add(number)
            self._deaf.add(number)
        except (ChannelTimeout, ProtocolFault):
            self._deaf.add(number)

    def _note(self, number: int, message: tuple[Any, ...]) -> None:
        if message[0] == "exit" and len(message) == 4:
            _, k, status, cpu = message
            if type(k) is int and type(status) is int and type(cpu) is float and 0 <= k < len(self.names[number]):
                self.exits[self.names[number][k]] = (status, cpu)
