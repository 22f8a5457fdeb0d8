"""Correlations, and groups of students by rank in which ties count by fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FLAT = 1e-9  # of the scale 0 to 1: what varies less is rounding


def correlation(one: Floats, other: Floats) -> float | None:
    """Pearson's correlation of the pairs without NaN; None where one side does not vary."""
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2:
        return None
    left, right = one[both] - one[both].mean(), other[both] - other[both].mean()
    spread = float(np.sqrt((left @ left) * (right @ right)))
    if min(float(np.abs(left).max()), float(np.abs(right).max())) < _FLAT:
        return None
    return min(max(float(left @ right) / spread, -1.0), 1.0)


def weights_between(totals: Floats, low: float, high: float) -> Floats:
    """How much of each student lies between the ranks low × n and high × n, the lowest total first.

    Students with equal totals share the ranks that they take up together, so each gets the same weight.
    """
    values, place, counts = np.unique(np.round(totals, 9), return_inverse=True, return_counts=True)
    end = counts.cumsum()
    overlap = np.minimum(end, high * len(totals)) - np.maximum(end - counts, low * len(totals))
    weights: Floats = (np.clip(overlap, 0, None) / counts)[place.reshape(-1)] if len(values) else np.zeros(0)
    return weights


def share_between(shares: Floats, totals: Floats, low: float, high: float) -> float | None:
    """The mean of `shares` over the students whose totals rank between low × n and high × n; None of nobody."""
    weights = weights_between(totals, low, high)
    whole = float(weights.sum())
    return float(weights @ shares) / whole if whole > 0 else None
