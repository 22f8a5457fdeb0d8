"""A tolerance that is measured instead of chosen: how exact the reference itself is in the student's dtype.

Rounding grows with what is summed, and with the order of summing. A table of tolerances by dtype cannot know that. So
the reference computes twice: in float64, which stands for the truth, and in the student's dtype. Its own error then
says what a right solution may miss. Both are computed in the grader, on the CPU: it sees no card.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checks.properties import assert_shape
from autograder.checks.reading import numbers_of, reals_of
from autograder.checks.tolerance import noise
from autograder.checks.wording import fail


def assert_as_exact(actual: Any, exact: Any, rounded: Any, *, factor: float = 10.0) -> None:
    """Pass if `actual` is at most `factor` times as far from `exact` as `rounded` is.

    `exact` is the reference's result in float64, `rounded` its result in the student's dtype. Distances are
    the largest of all elements. Two right ways of summing the same terms have errors of the same size; the noise of the
    dtype (see `autograder.checks.tolerance`) at the largest magnitude is always allowed.
    """
    __tracebackhide__ = True
    if not factor >= 1:
        raise ValueError(f"factor={factor!r}: at least as much as the reference itself")
    truth, own = reals_of(exact), reals_of(rounded)
    if truth.shape != own.shape or not truth.size:
        raise ValueError(f"the reference gives two shapes, or nothing: {truth.shape} and {own.shape}")
    assert_shape(actual, truth.shape)
    got = reals_of(actual)
    dtype = numbers_of(rounded).dtype
    floor = noise(dtype, dtype) * (float(np.abs(truth).max()) or 1.0)
    error, allowed = float(np.abs(got - truth).max()), max(factor * float(np.abs(own - truth).max()), floor)
    if error > allowed:
        fail(
            f"the largest error is {error:.3g}, {error / allowed:.3g} times what {dtype} arithmetic explains: is the "
            "formula right, and is nothing subtracted, summed or converted in a lower precision than it was given?"
        )
