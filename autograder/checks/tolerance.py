"""How far a right result may lie from the expected one, by dtype.

An element is close when |actual - expected| <= atol + rtol * |expected|. Where the author gives neither:

    rtol   1e-6 in float64 and for Python floats, 1e-4 in float32 (the course's rule), 1e-2 in float16, 5e-2 in
           bfloat16: about ten units of the last place of a half. The coarser of the two dtypes counts, because a
           float32 result cannot be better than float32; but a half never widens what is expected in float32 or
           float64, or rounding would be a way to buy tolerance.
    atol   rtol / 1000 of the largest expected magnitude, for at most magnitude 1 (a gradient of 1e-9 is not equal to
           zero), and never under the noise of arithmetic at that magnitude or at 1, whichever is larger: a right
           cosine of two perpendicular float32 vectors is 3e-8 as often as 0. An expected value that is all below that
           noise (7e-15, or 4e-6 in float32) is a zero, and rtol / 1000 away is near enough: a test about tiny values
           says `atol=0`.

`rtol=0` alone asks for equality. Magnitude and noise are those of the whole array, since the elements of one
result come out of sums over the same numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class _Precision:
    rtol: float
    noise: float  # absolute error of a right result of magnitude 1: 32 units of the last place, 2 of a half


_DOUBLE: Final = _Precision(1e-6, 7e-15)
_SINGLE: Final = _Precision(1e-4, 4e-6)
_HALVES: Final = {"float16": _Precision(1e-2, 2e-3), "bfloat16": _Precision(5e-2, 1.6e-2)}
_SINGLES: Final = frozenset({"float32", "complex64"})


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The bound that one comparison uses: |actual - expected| <= atol + rtol * |expected|."""

    rtol: float
    atol: float


def _precision(dtype: str) -> _Precision:
    return _HALVES.get(dtype) or (_SINGLE if dtype in _SINGLES else _DOUBLE)


def _coarser(actual: str, expected: str) -> _Precision:
    """The precision that counts; a half counts only where it was expected."""
    want, got = _precision(expected), _precision(actual)
    if actual in _HALVES and expected not in _HALVES:
        got = _SINGLE
    return max(want, got, key=lambda precision: precision.rtol)


def relative_tolerance(actual: str, expected: str) -> float:
    """The relative tolerance for dtypes `actual` and `expected`."""
    return _coarser(actual, expected).rtol


def noise(actual: str, expected: str) -> float:
    """The absolute error of a right result of magnitude 1, for dtypes `actual` and `expected`."""
    return _coarser(actual, expected).noise


def trusted(dtype: str) -> str:
    """The dtype whose tolerance counts where there is nothing to expect: a half has the tolerance of float32."""
    return "float32" if dtype in _HALVES else dtype


def tolerance(actual: str, expected: str, magnitude: float, *, rtol: float | None, atol: float | None) -> Tolerance:
    """The bound for dtypes `actual` and `expected`, where the largest finite expected magnitude is `magnitude`."""
    coarser = _coarser(actual, expected)
    relative = coarser.rtol if rtol is None else rtol
    if atol is not None:
        return Tolerance(relative, atol)
    if relative == 0:
        return Tolerance(0.0, 0.0)
    scale = 1.0 if magnitude <= coarser.noise else min(1.0, magnitude)
    return Tolerance(relative, max(relative / 1000 * scale, coarser.noise * max(1.0, magnitude)))


def require_bound(name: str, value: float | None) -> None:
    """Refuse a tolerance that is no bound: negative, infinite or NaN (ValueError, the author's fault)."""
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name}={value!r}: a tolerance is a finite number, zero or more")
