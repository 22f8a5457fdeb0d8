"""The local engine: so many at once, results as they come, and no work left behind when a run ends early."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from autograder.dispatch.engine import LocalEngine


def test_every_item_once() -> None:
    """Every item is worked on once, whatever the number of jobs."""
    for jobs in (1, 3, 50):
        assert sorted(LocalEngine(jobs).run(lambda n: n * n, range(20))) == [n * n for n in range(20)]
    assert list(LocalEngine(2).run(str, [])) == []


def test_items_are_taken_as_needed() -> None:
    """Items are taken one by one: never more than there are jobs are under way, however many there are."""
    taken: list[int] = []
    done: list[int] = []

    def items() -> Iterator[int]:
        for n in range(10_000):
            taken.append(n)
            assert len(taken) - len(done) <= 4 + 4  # those at work, and those that are done and not yet told
            yield n

    for result in LocalEngine(4).run(lambda n: n, items()):
        done.append(result)
    assert len(done) == 10_000


def test_as_many_at_once_as_jobs() -> None:
    """Three jobs run side by side: each waits for the others."""
    barrier = threading.Barrier(3)
    assert len(list(LocalEngine(3).run(lambda _: barrier.wait(60), range(9)))) == 9


def test_fault_ends_the_run() -> None:
    """An exception of the work ends the run: what is under way is told to stop, and is over when the run is."""
    stopped = threading.Event()
    begun: list[int] = []
    over: list[int] = []

    def work(n: int) -> int:
        begun.append(n)
        if n == 5:
            raise ValueError("five")
        if n > 5:
            stopped.wait(60)
        over.append(n)
        return n

    with pytest.raises(ValueError, match="five"):
        list(LocalEngine(2).run(work, range(1000), stopped.set))
    assert stopped.is_set()
    assert sorted(over) == sorted(set(begun) - {5})
    assert len(begun) < 10


def test_reader_that_goes_away() -> None:
    """A run that nobody reads to its end, as after Ctrl-C, stops as well."""
    stopped = threading.Event()
    run = LocalEngine(2).run(lambda n: n if n < 2 else stopped.wait(60), range(100), stopped.set)
    next(run)
    run.close()  # type: ignore[attr-defined]
    assert stopped.is_set()


def test_complete_run_is_not_stopped() -> None:
    """Nothing is told to stop when all is done."""
    stopped = threading.Event()
    assert list(LocalEngine(2).run(lambda n: n, [1], stopped.set)) == [1]
    assert not stopped.is_set()
