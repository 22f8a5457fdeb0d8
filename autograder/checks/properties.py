"""Assertions about one value: its shape, its dtype, its range. They pass or raise AssertionError, whatever it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checks.kinds import NUMERIC, SEQUENCES, Family, Kind, kind_of
from autograder.checks.reading import DEEPEST, numbers_of, reals_of, require_finite
from autograder.checks.tolerance import relative_tolerance, require_bound, trusted
from autograder.checks.wording import describe, fail, short


def assert_shape(actual: Any, shape: tuple[int | None, ...]) -> None:
    """Pass if `actual` is an array or tensor of `shape`, None standing for any length; a single number has shape ()."""
    __tracebackhide__ = True
    found = numbers_of(actual).shape
    fits = len(found) == len(shape) and all(
        want is None or have == want for have, want in zip(found, shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join("any" if length is None else str(length) for length in shape) + ")"
        fail(f"expected shape {wanted}, got {found}")


def assert_dtype(actual: Any, dtype: str) -> None:
    """Pass if the numbers of `actual` are of `dtype`.

    `dtype` is a family ("boolean", "integer", "floating", "complex"), which Python numbers also have, or the exact name
    of a dtype ("float32", "bfloat16", …), which only arrays and tensors have.
    """
    __tracebackhide__ = True
    found = numbers_of(actual)
    sized = found.kind is not Kind.NUMBER
    if dtype != found.family and not (sized and dtype == found.dtype):
        fail(f"expected {dtype} numbers, got {describe(actual)}")


def assert_device(actual: Any, device: str) -> None:
    """Pass if the tensor `actual` was on `device` in the student's process: "cpu", "cuda" (any card) or "cuda:1".

    A tensor crosses to the CPU; where it came from is what the student's process says. A numpy array is on the CPU.
    """
    __tracebackhide__ = True
    kind = numbers_of(actual).kind
    if kind is Kind.NUMBER:
        fail(f"expected a tensor on {device}, got {describe(actual)}")
    claimed = getattr(actual, "claimed_device", None) if kind is Kind.TENSOR else "cpu"
    found = claimed if type(claimed) is str else str(actual.device)
    if found != device and found.partition(":")[0] != device:
        fail(f"expected a tensor on {device}, this one is on {short(found)}")


def assert_finite(actual: Any) -> None:
    """Pass if `actual` is numbers without NaN and infinity: a number, array or tensor, or lists and dicts of them.

    Of nothing at all it fails: an empty result is no finite one.
    """
    __tracebackhide__ = True
    pending, seen = [(actual, 0)], 0
    while pending:
        value, depth = pending.pop()
        kind = kind_of(value)
        if kind in SEQUENCES and depth < DEEPEST:
            pending.extend((item, depth + 1) for item in value)
        elif kind is Kind.DICT and depth < DEEPEST:
            pending.extend((item, depth + 1) for item in value.values())
        else:
            found = numbers_of(value)
            seen += np.asarray(found.value).size if found.shape else 1
            if found.family in (Family.FLOATING, Family.COMPLEX):
                require_finite(np.asarray(found.value), "")
    if not seen:
        fail(f"expected numbers, got none: {describe(actual)}")


def assert_within(actual: Any, low: float | None, high: float | None) -> None:
    """Pass if every number of `actual` is finite and lies in [low, high]; None leaves that side open."""
    __tracebackhide__ = True
    bottom = -np.inf if low is None else float(low)
    top = np.inf if high is None else float(high)
    if not bottom <= top:
        raise ValueError(f"no number lies between {low!r} and {high!r}")
    values = reals_of(actual)
    if not values.size:
        fail(f"expected numbers, got none: {describe(actual)}")
    inside = (values >= bottom) & (values <= top)
    if not inside.all():
        outside = values[~inside]
        fail(
            f"{outside.size} of {values.size} values lie outside [{bottom:g}, {top:g}]: "
            f"the smallest is {values.min():.6g}, the largest {values.max():.6g}"
        )


def assert_probabilities(actual: Any, *, axis: int = -1, atol: float | None = None) -> None:
    """Pass if `actual` is probabilities that sum to 1 along `axis`: an array or tensor, a list, or a dict's values.

    `atol` bounds the error of a sum and the step outside [0, 1]; by default it follows from the dtype, and a half
    has that of float32: rounding would be a way to buy tolerance.
    """
    __tracebackhide__ = True
    require_bound("atol", atol)
    kind = kind_of(actual)
    if kind in NUMERIC:
        dtype, values = numbers_of(actual).dtype, reals_of(actual)
    elif kind in SEQUENCES or kind is Kind.DICT:
        parts = [reals_of(part) for part in (actual.values() if kind is Kind.DICT else actual)]
        if any(part.shape for part in parts):
            fail(f"expected single probabilities, got arrays in {describe(actual)}")
        dtype, values = "float", np.array(parts, dtype=np.float64)
    else:
        raise AssertionError(f"expected probabilities, got {describe(actual)}")
    if not values.size or not -values.ndim <= axis < values.ndim:
        fail(f"expected probabilities along axis {axis}, got {describe(actual)}")
    allowed = relative_tolerance(trusted(dtype), trusted(dtype)) if atol is None else atol
    if values.min() < -allowed or values.max() > 1 + allowed:
        fail(f"a probability lies in [0, 1]: the smallest is {values.min():.6g}, the largest {values.max():.6g}")
    sums = values.sum(axis=axis)
    worst = float(np.abs(sums - 1).max())
    if not worst <= allowed:
        fail(f"probabilities sum to 1 along axis {axis}: a sum is off by {worst:.3g}, allowed {allowed:.3g}")
