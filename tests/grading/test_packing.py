"""The queue for a card: never more than there is, nobody for ever, and in order where that costs nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from autograder.grading.packing import MOST_OVERTAKEN, Packing

CAPACITY = 16


class Queue(RuleBasedStateMachine):
    """People come with any sizes and leave in any order, from inside or out of the queue."""

    def __init__(self) -> None:
        super().__init__()
        self.packing = Packing(CAPACITY)
        self.count = 0
        self.overtaken: dict[int, int] = {}  # ticket → times that somebody who came later entered while it was first

    def admit(self) -> None:
        waiting = list(self.packing.waiting)
        for ticket in self.packing.admit():
            assert ticket in waiting
            first = waiting[0]
            if ticket != first:
                self.overtaken[first] = self.overtaken.get(first, 0) + 1
            waiting.remove(ticket)

    @rule(size=st.integers(1, CAPACITY))
    def join(self, size: int) -> None:
        self.packing.join(self.count, size)
        self.count += 1
        self.admit()

    @precondition(lambda self: self.packing.inside)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        self.packing.leave(data.draw(st.sampled_from(sorted(self.packing.inside))))
        self.admit()

    @precondition(lambda self: self.packing.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self.packing.leave(data.draw(st.sampled_from(sorted(self.packing.waiting))))
        self.admit()

    @invariant()
    def nothing_is_given_twice(self) -> None:
        assert sum(self.packing.inside.values()) <= CAPACITY
        assert not self.packing.inside.keys() & self.packing.waiting.keys()

    @invariant()
    def nobody_is_overtaken_for_ever(self) -> None:
        assert all(times <= MOST_OVERTAKEN for times in self.overtaken.values())

    @invariant()
    def room_is_used(self) -> None:
        waiting = list(self.packing.waiting.values())
        assert not waiting or waiting[0] > self.packing.free


TestQueue = Queue.TestCase


@given(st.lists(st.integers(1, CAPACITY), min_size=1, max_size=30))
def test_everybody_gets_in(sizes: list[int]) -> None:
    """As long as those inside leave, everybody who waits gets in."""
    packing = Packing(CAPACITY)
    for ticket, size in enumerate(sizes):
        packing.join(ticket, size)
    entered: list[int] = []
    for _ in sizes:
        entered += packing.admit()
        packing.leave(next(iter(packing.inside)))
    assert sorted(entered) == list(range(len(sizes)))


@given(st.integers(1, CAPACITY), st.integers(1, 20))
def test_equal_sizes_keep_their_order(size: int, count: int) -> None:
    """Who asks for the same gets in in the order of coming."""
    packing = Packing(CAPACITY)
    entered: list[int] = []
    for ticket in range(count):
        packing.join(ticket, size)
    while packing.waiting:
        entered += packing.admit()
        if packing.waiting:
            packing.leave(next(iter(packing.inside)))
    assert entered == list(range(count))


def test_smaller_one_goes_ahead_a_few_times() -> None:
    """Where the first does not fit, smaller ones enter; after a few of them it is its turn."""
    packing = Packing(10)
    packing.join(0, 6)
    packing.admit()
    packing.join(1, 10)
    entered = []
    for ticket in range(2, 12):
        packing.join(ticket, 1)
        entered += packing.admit()
        if ticket in packing.inside:
            packing.leave(ticket)
    assert entered == list(range(2, 2 + MOST_OVERTAKEN))
    packing.leave(0)
    assert packing.admit() == [1]


@pytest.mark.parametrize("size", [0, -1, 11])
def test_what_never_fits_is_refused(size: int) -> None:
    """A size that is none, or more than there is, is refused at once."""
    with pytest.raises(ValueError, match="do not fit into 10"):
        Packing(10).join(0, size)
