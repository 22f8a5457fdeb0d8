"""How a check reads what it was given: as numbers, as one number, or as a tree of arrays. What does not fit fails.

A value may come from hostile code, so it is `kinds` that says what it is. A handle on something that stayed in the
student's process (a module, a generator) is of no kind: a check that needs data fails on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from autograder.checks.kinds import SEQUENCES, Family, Kind, Numeric, kind_of, numeric
from autograder.checks.wording import describe, fail, quote_number, short

Array = np.ndarray[Any, Any]

DEEPEST: Final = 100  # the wire stops at 64


def numbers_of(actual: Any) -> Numeric:
    """The numbers of a number, array or tensor; anything else fails the test."""
    __tracebackhide__ = True
    found = numeric(actual)
    if found is None:
        raise AssertionError(f"expected numbers, got {describe(actual)}")
    return found


def reals_of(actual: Any) -> Array:
    """Integers or floats, as float64, nothing infinite or NaN among them; anything else fails the test."""
    __tracebackhide__ = True
    found = numbers_of(actual)
    if found.family not in (Family.INTEGER, Family.FLOATING):
        fail(f"expected real numbers, got {describe(actual)}")
    try:
        values = np.asarray(found.value).astype(np.float64)
    except OverflowError:  # an integer beyond every float
        raise AssertionError(f"out of range: {quote_number(found.value)}") from None
    require_finite(values, "")
    return values


def real_of(actual: Any, what: str) -> float:
    """A single finite real number; anything else fails the test. `what` names it in the message."""
    __tracebackhide__ = True
    try:
        values = reals_of(actual)
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from None
    if values.shape:
        fail(f"{what}: expected a single number, got {describe(actual)}")
    return float(values)


def require_finite(values: Array, place: str) -> None:
    """Fail where a NaN or an infinity is among `values`."""
    __tracebackhide__ = True
    wrong = ~np.isfinite(values)
    if wrong.any():
        nans = int(np.isnan(values).sum())
        fail(f"{place}{int(wrong.sum())} of {wrong.size} values are not finite ({nans} NaN)")


def leaves_of(tree: Any, what: str) -> dict[str, Any]:
    """The leaves of lists, tuples and dicts within each other, by their place: `encoder.weight`, `[0][1]`.

    A single array is a tree of one leaf, a single number is none. A tree without leaves fails the test, and so does one
    whose keys are no text or name a place twice.
    """
    __tracebackhide__ = True
    found: dict[str, Any] = {}
    if kind_of(tree) in (Kind.NUMBER, Kind.TEXT, Kind.BYTES, Kind.NONE):
        fail(f"expected {what}, got {describe(tree)}")
    for place, leaf in _leaves(tree, "", 0, what):
        if place in found:
            fail(f"{what}: two values stand at {short(place)!r}")
        found[place] = leaf
    if not found:
        fail(f"expected {what}, got none: {describe(tree)}")
    return found


def arrays_of(tree: Any, what: str) -> dict[str, Array]:
    """The leaves of a tree as finite float64 arrays, by their place; anything else fails the test."""
    __tracebackhide__ = True
    found = {}
    for place, leaf in leaves_of(tree, what).items():
        try:
            found[place] = reals_of(leaf)
        except AssertionError as error:
            raise AssertionError(f"{what}: {at(place)}{error}") from None
    return found


def _leaves(tree: Any, place: str, depth: int, what: str) -> Iterator[tuple[str, Any]]:
    __tracebackhide__ = True
    kind = kind_of(tree)
    if depth > DEEPEST:
        fail(f"{what}: nested deeper than {DEEPEST} levels")
    if kind in SEQUENCES:
        for index, item in enumerate(tree):
            yield from _leaves(item, f"{place}[{index}]", depth + 1, what)
    elif kind is Kind.DICT:
        for key, item in tree.items():
            if type(key) is not str:
                fail(f"{what}: expected names (str) as keys, got {describe(key)}")
            yield from _leaves(item, f"{place}.{key}" if place else key, depth + 1, what)
    else:
        yield place, tree


def rebuilt(tree: Any, change: Callable[[str, Any], Any], place: str = "") -> Any:
    """`tree` with `change(place, leaf)` for every leaf, at the places that `leaves_of` gives them."""
    kind = kind_of(tree)
    if kind in SEQUENCES:
        items = [rebuilt(item, change, f"{place}[{index}]") for index, item in enumerate(tree)]
        return items if kind is Kind.LIST else tuple(items)
    if kind is Kind.DICT:
        return {key: rebuilt(item, change, f"{place}.{key}" if place else key) for key, item in tree.items()}
    return change(place, tree)


def at(place: str) -> str:
    """`at encoder.weight: `, or nothing for a tree that is one array."""
    return f"at {short(place)}: " if place else ""


def some(places: list[str]) -> str:
    """A few places in words: `a, b, c and 5 more`."""
    shown = [short(place) or "the array" for place in places[:3]]
    return ", ".join(shown) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
