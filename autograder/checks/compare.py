"""The one walk over two values that every comparison is made of: kind, shape, length, finiteness, then numbers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from autograder.checks.kinds import NUMERIC, SEQUENCES, Family, Kind, Numeric, kind_of, numeric, reduced
from autograder.checks.tolerance import tolerance
from autograder.checks.wording import describe, plural, quote, quote_number, short

_DEEPEST: Final = 100  # the wire stops at 64; what an author compares may be deeper, but never endless
_PLAIN: Final = (float, int, str)
_FAMILIES: Final = tuple(Family)

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison allows. `promote`: a single whole number may stand for a float, a real for a complex."""

    rtol: float | None
    atol: float | None
    exact: bool
    promote: bool
    nan_ok: bool


def difference(actual: Any, expected: Any, rules: Rules, place: str = "", depth: int = 0) -> str | None:
    """The first difference in words, or None if the two values are the same under `rules`."""
    exact = type(actual)
    if exact is type(expected) and any(exact is each for each in _PLAIN) and actual == expected:
        return None  # a short cut for long lists of plain values
    expected = reduced(expected)
    got, wanted = kind_of(actual), kind_of(expected)
    if depth > _DEEPEST:
        return _at(place, f"nested deeper than {_DEEPEST} levels")
    if got in NUMERIC and wanted in NUMERIC:
        return _at(place, _numbers(actual, expected, rules))
    alike = got is wanted or (got in SEQUENCES and wanted in SEQUENCES and not rules.exact)
    if not alike or got is Kind.UNSUPPORTED:
        return _at(place, f"expected {describe(expected)}, got {describe(actual)}")
    if got in SEQUENCES:
        return _sequences(actual, expected, rules, place, depth)
    if got is Kind.DICT:
        return _dicts(actual, expected, rules, place, depth)
    if got is Kind.NONE or actual == expected:  # both are exactly None, str or bytes here
        return None
    return _at(place, _texts(actual, expected))


def _at(place: str, message: str | None) -> str | None:
    return f"at {short(place)}: {message}" if place and message else message


def _sequences(actual: Any, expected: Any, rules: Rules, place: str, depth: int) -> str | None:
    if len(actual) != len(expected):
        return _at(place, f"expected {plural(len(expected), 'item')}, got {len(actual)}")
    for index, (mine, theirs) in enumerate(zip(actual, expected, strict=True)):
        found = difference(mine, theirs, rules, f"{place}[{index}]", depth + 1)
        if found is not None:
            return found
    return None


def _dicts(actual: Any, expected: Any, rules: Rules, place: str, depth: int) -> str | None:
    if not all(map(_plain_key, actual)):
        return _at(place, "a key is of an unsupported type")
    if not all(map(_plain_key, expected)):
        return _at(place, "an expected key is of an unsupported type")
    mine = {_typed(key): value for key, value in actual.items()}
    theirs = {_typed(key): value for key, value in expected.items()}
    missing = [key for key in expected if _typed(key) not in mine]
    surplus = [key for key in actual if _typed(key) not in theirs]
    if missing or surplus:
        return _at(place, _key_difference(missing, surplus))
    for key in expected:
        found = difference(mine[_typed(key)], expected[key], rules, f"{place}[{quote(key)}]", depth + 1)
        if found is not None:
            return found
    return None


def _plain_key(key: object, depth: int = 0) -> bool:
    """Whether hashing and comparing `key` runs nobody's code."""
    if type(key) is tuple:
        return depth < _DEEPEST and all(_plain_key(part, depth + 1) for part in key)
    return kind_of(key) in (Kind.NONE, Kind.NUMBER, Kind.TEXT, Kind.BYTES)


def _typed(key: Any) -> Hashable:
    """`key` with its type, so that True, 1 and 1.0 are three keys."""
    return (tuple, *map(_typed, key)) if type(key) is tuple else (type(key), key)


def _key_difference(missing: list[Any], surplus: list[Any]) -> str:
    told = []
    if missing:
        told.append(f"{plural(len(missing), 'key')} missing, first {quote(missing[0])}")
    if surplus:
        told.append(f"{plural(len(surplus), 'key')} too many, first {quote(surplus[0])}")
    return "; ".join(told)


def _texts(actual: Any, expected: Any) -> str:
    if len(actual) <= 40 and len(expected) <= 40:
        return f"expected {quote(expected)}, got {quote(actual)}"
    pairs = enumerate(zip(actual, expected, strict=False))  # the rest of the longer one is the difference then
    first = next((index for index, (a, e) in pairs if a != e), min(len(actual), len(expected)))
    shown = slice(max(0, first - 10), first + 20)
    return (
        f"lengths {len(expected)} expected and {len(actual)} got; they differ from position {first}: "
        f"expected …{expected[shown]!r}…, got …{actual[shown]!r}…"
    )


def _numbers(actual: Any, expected: Any, rules: Rules) -> str | None:
    mine, theirs = numeric(actual), numeric(expected)
    if mine is None or theirs is None or not _fits(mine, theirs, rules):
        return f"expected {describe(expected)}, got {describe(actual)}"
    if mine.shape != theirs.shape:
        return f"expected shape {theirs.shape}, got {mine.shape}"
    if theirs.family in (Family.BOOLEAN, Family.INTEGER):
        return _whole(mine, theirs)
    return _close(mine, theirs, rules)


def _fits(mine: Numeric, theirs: Numeric, rules: Rules) -> bool:
    """Whether values of these kinds may be compared at all; two shapes are told apart afterwards."""
    if rules.exact:
        return (mine.kind, mine.dtype) == (theirs.kind, theirs.dtype)
    if bool(mine.shape) != bool(theirs.shape):
        return False
    if mine.family is theirs.family:
        return True
    single = not mine.shape and Family.BOOLEAN not in (mine.family, theirs.family)
    return rules.promote and single and _FAMILIES.index(mine.family) < _FAMILIES.index(theirs.family)


def _whole(mine: Numeric, theirs: Numeric) -> str | None:
    if not mine.shape:
        if mine.value == theirs.value:
            return None
        return f"expected {quote_number(theirs.value)}, got {quote_number(mine.value)}"
    return _told(np.not_equal(mine.value, theirs.value), mine.value, theirs.value, "")


def _close(mine: Numeric, theirs: Numeric, rules: Rules) -> str | None:
    wide = np.complex128 if Family.COMPLEX in (mine.family, theirs.family) else np.float64
    got, wanted = _widened(mine.value, wide), _widened(theirs.value, wide)
    with np.errstate(all="ignore"):
        size = np.abs(wanted)
        finite = np.isfinite(size)
        magnitude = float(np.max(size, where=finite, initial=0.0))
        bound = tolerance(mine.dtype, theirs.dtype, magnitude, rtol=rules.rtol, atol=rules.atol)
        error = np.abs(got - wanted)
        right = (got == wanted) | (np.isfinite(error) & finite & (error <= bound.atol + bound.rtol * size))
        if rules.nan_ok:
            right |= np.isnan(got) & np.isnan(wanted)
        if right.all():
            return None
        return _told(~right, got, wanted, _bound(error[~right], bound.rtol, bound.atol))


def _widened(value: Any, wide: type[np.float64 | np.complex128]) -> Array:
    if type(value) is int:
        try:
            value = float(value)
        except OverflowError:
            value = float("inf") if value > 0 else float("-inf")
    return np.asarray(value).astype(wide)


def _bound(errors: Array, rtol: float, atol: float) -> str:
    finite = errors[np.isfinite(errors)]
    if not finite.size:
        return ""
    return f"; largest error {finite.max():.3g}, allowed {rtol:.3g} relative or {atol:.3g} absolute"


def _told(wrong: Array, got: Array, wanted: Array, bound: str) -> str | None:
    """The difference in words: how many, the first of them, and how far off; None if nothing is wrong."""
    count = int(np.count_nonzero(wrong))
    if not count:
        return None
    first = np.unravel_index(int(np.argmax(wrong)), wrong.shape) if wrong.shape else ()
    pair = f"expected {quote_number(wanted[first])}, got {quote_number(got[first])}"
    if not wrong.shape:
        return pair + bound
    index = [int(position) for position in first]
    return f"{count} of {wrong.size} values differ, first at {index}: {pair}{bound}"
