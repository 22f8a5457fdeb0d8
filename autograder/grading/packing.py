"""Who goes onto a card next: a queue that never gives out more memory than there is. Pure; `desk` has the threads.

First come, first in. Who does not fit waits, and a smaller one may go ahead; but the first in the queue is overtaken a
few times only, then nobody enters before it. So it gets in as soon as those that are inside have left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_OVERTAKEN = 4
"""Times that the first in the queue may be overtaken."""


@dataclass(slots=True)
class Packing:
    """`capacity` in bytes; `inside` and `waiting` map tickets to bytes, the latter in the order of the queue."""

    capacity: int
    inside: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    overtaken: int = 0

    @property
    def free(self) -> int:
        return self.capacity - sum(self.inside.values())

    def join(self, ticket: int, size: int) -> None:
        """Stand in the queue. ValueError for what could never fit."""
        if not 0 < size <= self.capacity:
            raise ValueError(f"{size} bytes do not fit into {self.capacity}")
        self.waiting[ticket] = size

    def leave(self, ticket: int) -> None:
        """Give the memory back, or one's place in the queue."""
        if self.inside.pop(ticket, None) is None:
            if ticket in self.waiting and ticket == next(iter(self.waiting)):
                self.overtaken = 0
            self.waiting.pop(ticket, None)

    def admit(self) -> list[int]:
        """Let in who may go now; their tickets."""
        admitted = []
        for ticket in list(self.waiting):
            first = ticket == next(iter(self.waiting))
            if not first and self.overtaken >= MOST_OVERTAKEN:
                break
            if self.waiting[ticket] > self.free:
                continue
            self.inside[ticket] = self.waiting.pop(ticket)
            self.overtaken = 0 if first else self.overtaken + 1
            admitted.append(ticket)
        return admitted
