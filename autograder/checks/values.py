"""Assertions that two values are the same: within a tolerance, exactly, as a count, as a ranking, or still.

Whatever the values are, these pass or raise AssertionError and nothing else, so that no hostile result can turn a
failed test into an undecided one. Only a wrong option (a negative tolerance) is a ValueError: that is the author's.
"""

from __future__ import annotations

from typing import Any

from autograder.checks.compare import Rules, difference
from autograder.checks.kinds import SEQUENCES, Family, Kind, kind_of, numeric
from autograder.checks.tolerance import require_bound
from autograder.checks.wording import describe, fail, plural, quote, quote_number


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    exact: bool = False,
    nan_ok: bool = False,
) -> None:
    """Pass if `actual` is `expected` up to rounding, shape, structure and finiteness included.

    Accepted in place of each other: an array and a tensor of one shape, a list and a tuple, a single number and a 0-d
    array or tensor, float widths; a whole number where a single float is expected. Never: a bool for a number, a float
    where a whole number is expected, another shape, a list for an array. `exact` forbids all of these and asks for the
    very type and dtype; tolerances stay. NaN equals nothing, unless `nan_ok` and it is expected there.
    Tolerances come from the dtypes (see `autograder.checks.tolerance`); whole numbers have none.
    """
    __tracebackhide__ = True
    require_bound("rtol", rtol)
    require_bound("atol", atol)
    rules = Rules(rtol, atol, exact=exact, promote=not exact, nan_ok=nan_ok)
    found = difference(actual, expected, rules)
    if found is not None:
        fail(found)


def assert_equal(actual: Any, expected: Any, *, exact: bool = False) -> None:
    """Pass if `actual` equals `expected` without tolerance: True is not 1 and 1.0 is not 1, at any depth.

    Accepted in place of each other, unless `exact`: array and tensor, list and tuple, number and 0-d, int32 and int64.
    """
    __tracebackhide__ = True
    found = difference(actual, expected, Rules(0.0, 0.0, exact=exact, promote=False, nan_ok=False))
    if found is not None:
        fail(found)


def assert_unchanged(after: Any, before: Any, what: str = "the argument") -> None:
    """Pass if `after` is `before` to the last bit, type and dtype included; a NaN that stayed is unchanged."""
    __tracebackhide__ = True
    found = difference(after, before, Rules(0.0, 0.0, exact=True, promote=False, nan_ok=True))
    if found is not None:
        fail(f"{what} was changed: {found}")


def assert_count(actual: Any, expected: int) -> None:
    """Pass if `actual` is the whole number `expected`, as an int or a 0-d integer array or tensor; 3.0 is no count."""
    __tracebackhide__ = True
    mine, theirs = numeric(actual), numeric(expected)
    if theirs is None or theirs.shape or theirs.family is not Family.INTEGER:
        fail(f"the expected count is no whole number but {describe(expected)}")
    elif mine is None or mine.shape:
        fail(f"expected a count (int), got {describe(actual)}")
    elif mine.family is not Family.INTEGER:
        fail(f"a count is a whole number (int): got {quote_number(mine.value)}, which is {describe(actual)}")
    elif mine.value != theirs.value:
        fail(f"expected {quote_number(theirs.value)}, got {quote_number(mine.value)}")


def assert_ranking(actual: Any, expected: Any, *, rtol: float | None = None, atol: float | None = None) -> None:
    """Pass if `actual` lists the (item, score) pairs of `expected` in the same order, scores up to rounding."""
    __tracebackhide__ = True
    require_bound("rtol", rtol)
    require_bound("atol", atol)
    for name, ranking in (("the ranking", actual), ("the expected ranking", expected)):
        if kind_of(ranking) not in SEQUENCES:
            fail(f"{name} is no list of (item, score) pairs but {describe(ranking)}")
        for rank, pair in enumerate(ranking):
            if kind_of(pair) not in SEQUENCES or len(pair) != 2:
                fail(f"{name} has no (item, score) pair at rank {rank} but {describe(pair)}")
    if len(actual) != len(expected):
        fail(f"expected {plural(len(expected), 'pair')}, got {len(actual)}")
    same = Rules(0.0, 0.0, exact=False, promote=False, nan_ok=False)
    near = Rules(rtol, atol, exact=False, promote=True, nan_ok=False)
    for rank, ((item, score), (wanted, target)) in enumerate(zip(actual, expected, strict=True)):
        if difference(item, wanted, same) is not None:
            fail(f"rank {rank}: expected {quote(wanted)}, got {quote(item)}")
        found = difference(score, target, near)
        if found is not None:
            fail(f"rank {rank}, score of {quote(wanted)}: {found}")


def assert_type(actual: Any, *types: type) -> None:
    """Pass if the type of `actual` is exactly one of `types`: a bool is no int, a numpy scalar comes as an ndarray."""
    __tracebackhide__ = True
    if not types:
        raise ValueError("assert_type needs at least one type")
    if not any(type(actual) is each for each in types):
        wanted = " or ".join(each.__name__ for each in types)
        told = "None" if kind_of(actual) is Kind.NONE else describe(actual)
        fail(f"expected {wanted}, got {told}")
