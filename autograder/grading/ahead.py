"""Workers that have started CUDA before there is a student for them: starting takes seconds, and nobody waits for them.

A worker is a fenced student of whom no byte has been sent yet. It is used once. When one is taken the next is started;
it warms up by itself, while others are graded.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from autograder.errors import InfrastructureError
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.host import Student

_START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A fenced process that starts CUDA, and its slot."""

    slot: int
    student: Student

    def wait_started(self) -> None:
        """Return once CUDA has started in it. Raises InfrastructureError: nothing of a student's was run."""
        why = "it ended"
        try:
            match self.student.runner.receive(time.monotonic() + _START_SECONDS):
                case ("started", None):
                    return
                case ("started", str(text)):
                    why = text
        except (ChannelClosed, ChannelTimeout, ProtocolFault) as error:
            why = str(error) or why
        raise InfrastructureError(f"CUDA does not start in the fence: {why}")


class Ahead:
    """Keeps `count` workers ready. `start` makes one, without waiting for CUDA."""

    def __init__(self, start: Callable[[], Worker], count: int) -> None:
        self._start = start
        self._count = count
        self._ready: deque[Worker] = deque()
        self._lock = threading.Lock()
        self._closed = False

    def take(self) -> Worker:
        """The worker that was started first; another one is started for it. Raises InfrastructureError."""
        with self._lock:
            if self._closed:
                raise InfrastructureError("the grading processes are being restarted")
            worker = self._ready.popleft() if self._ready else self._start()
            while len(self._ready) < self._count:
                self._ready.append(self._start())
        return worker

    def close(self) -> list[Worker]:
        """Start no more; those that are left, for whoever ends them."""
        with self._lock:
            self._closed = True
            left = list(self._ready)
            self._ready.clear()
        return left
