"""Assertions about seeds: the same one gives the same result, another one another, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from autograder.checks.compare import Rules, difference
from autograder.checks.kinds import Kind, kind_of
from autograder.checks.wording import describe, fail

_SAME: Final = Rules(0.0, 0.0, exact=True, promote=False, nan_ok=True)


def assert_reproducible(run: Callable[[Any], Any], *, seed: Any = 0, other: Any = 1) -> None:
    """Pass if `run(seed)` gives the same data to the last bit two times over, and `run(other)` other data.

    `other=None` leaves the second question out. False failures: none by the first; by the second only if two right runs
    with different seeds can meet by chance, which one float64 that depends on the seed does in 1 of 2^53 cases. So let
    `run` give numbers such as weights or a loss, and not a class or a word.
    """
    __tracebackhide__ = True
    first, again = _data(run(seed)), _data(run(seed))
    if difference(again, first, _SAME) is not None:
        fail(
            "two runs with the same seed differ: what is drawn from a generator that the seed does not set "
            "(random, numpy and torch each have their own; so have shuffling and dropout)?"
        )
    if other is not None and difference(_data(run(other)), first, _SAME) is None:
        fail("runs with different seeds give the same result: is the seed used at all, or overwritten by a fixed one?")


def assert_global_seed_untouched(run: Callable[[], Any], draw: Callable[[], Any]) -> None:
    """Pass if `run()`, which seeds what it needs, leaves the process's own generators alone.

    `draw()` takes a number from a global generator of the student's process, like numpy.random.random. It is asked
    after each of two runs: code that seeds the global generator makes it start over, and the numbers are the same.
    A right solution fails by chance in 1 of 2^53 cases for a float64, in 1 of 2^24 for a float32.
    """
    __tracebackhide__ = True
    run()
    first = _data(draw())
    run()
    if difference(_data(draw()), first, _SAME) is None:
        fail(
            "the global random generator starts over with every run: draw from one of your own "
            "(numpy.random.default_rng(seed), torch.Generator) instead of seeding everybody's"
        )


def _data(value: Any) -> Any:
    __tracebackhide__ = True
    if kind_of(value) is Kind.NONE or difference(value, value, _SAME) is not None:
        fail(f"expected a result that can be compared, got {describe(value)}")
    return value
