"""The desk at which submissions wait for a place on the card, and where it is seen that they have left it.

    with desk.turn():            waits until the student's share of memory is free
        …                        the student's processes run
        desk.see_out(…)          they have been ended: wait until they are gone, and look that none holds the card

A student gets what the assignment declares, and CUDA's own memory on top; without a declared amount, the whole card. A
turn `alone` has the card to itself. Workers that were started ahead have their part set aside.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from autograder.errors import InfrastructureError
from autograder.grading.packing import Packing
from autograder.grading.watch import Watch
from autograder.sandbox import libc
from autograder.sandbox.cards import CONTEXT, HOST, Card, holders
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import started_at

_GONE_SECONDS = 60.0
_AHEAD_SHARE = 4
"""Workers that wait may hold one part in so many of the card."""


class Desk:
    """Places on one card. `share` is what each student may allocate, in bytes; `ahead` workers may wait on it."""

    def __init__(self, card: Card, memory: int | None, ahead: int) -> None:
        """`memory` is what the assignment declares for a student, `ahead` the most workers that are of use."""
        self.card = card
        spare = card.free - (memory or 0) - CONTEXT
        self.ahead = max(0, min(ahead, spare // (_AHEAD_SHARE * CONTEXT)))
        self._packing = Packing(card.free - self.ahead * CONTEXT)
        self.share = memory if memory is not None else self._packing.capacity - CONTEXT
        self.watch = Watch(card)
        self._changed = threading.Condition()
        self._tickets = itertools.count()
        self._closed = False

    @property
    def bound(self) -> int:
        """Bytes of the card beyond which a student is ended from outside: CUDA's own part is not known exactly."""
        return self.share + 2 * CONTEXT

    def limits(self, own: Limits) -> Limits:
        """An assignment's limits for students who use this card."""
        return replace(own, card=self.share, memory=own.memory + HOST)

    @contextmanager
    def turn(self, *, alone: bool = False) -> Iterator[None]:
        """Wait for a place and have it. Raises InfrastructureError when the desk is closed meanwhile."""
        ticket = next(self._tickets)
        try:
            with self._changed:
                self._packing.join(ticket, self._packing.capacity if alone else self.share + CONTEXT)
                self._admit()
                self._changed.wait_for(lambda: self._closed or ticket in self._packing.inside)
                if self._closed:
                    raise InfrastructureError("the batch was stopped")
            yield
        finally:
            with self._changed:
                self._packing.leave(ticket)
                self._admit()

    def see_out(self, gone: Sequence[int], processes: Mapping[int, int]) -> None:
        """Wait until the trees of these pidfds are gone, and look whether one of their `processes` (number → time of
        its start) still holds the card. Raises InfrastructureError."""
        deadline = time.monotonic() + _GONE_SECONDS
        for pidfd in gone:
            if not libc.ends_within(pidfd, deadline - time.monotonic()):
                raise InfrastructureError("processes that use the card could not be ended")
        alive = [pid for pid, started in processes.items() if started_at(pid) == started]
        if holders(alive, self.card):
            raise InfrastructureError("a process that was ended still holds the card")

    def close(self) -> None:
        """Send everybody away who waits, and watch no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.watch.close()

    def _admit(self) -> None:
        if self._packing.admit():
            self._changed.notify_all()
