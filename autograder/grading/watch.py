"""A look from outside at what students hold of the card: the driver says how much memory each process has.

The cap that a student's process sets itself holds honest code. Whoever goes around it is ended here. Where the driver
tells nothing (it may know processes by other numbers, in a container), nothing is seen and nobody is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autograder.sandbox.cards import Card
from autograder.sandbox.proc import descendants

_INTERVAL = 1.0


@dataclass(slots=True)
class Seen:
    """What was seen of one student's tree below pid 1 `init`: `peak` in bytes, None where nothing was told; `exceeded`
    if a process of it was ended because of it."""

    init: int
    bound: int
    peak: int | None = None
    exceeded: bool = False


class Watch:
    """Looks every second, as long as somebody is followed."""

    def __init__(self, card: Card, interval: float = _INTERVAL) -> None:
        self._card = card
        self._interval = interval
        self._followed: list[Seen] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    @contextmanager
    def follow(self, init: int, bound: int) -> Iterator[Seen]:
        """Look after a tree that may hold `bound` bytes."""
        seen = Seen(init, bound)
        with self._lock:
            self._followed.append(seen)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="card-watch", daemon=True)
                self._thread.start()
        try:
            yield seen
        finally:
            with self._lock:
                self._followed.remove(seen)

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Look once at everybody who is followed."""
        with self._lock:
            followed = list(self._followed)
        used = self._card.used() if followed else {}
        for seen in followed:
            held = {pid: used[pid] for pid in descendants(seen.init) if pid in used}
            if not held:
                continue
            seen.peak = max(seen.peak or 0, sum(held.values()))
            if sum(held.values()) > seen.bound:
                seen.exceeded = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(max(held, key=lambda pid: held[pid]), signal.SIGKILL)

    def _run(self) -> None:
        while not self._closed.wait(self._interval):
            self.look()
