"""Assertions about what a result may depend on, made by changing an input and looking where the output moves.

A position that must not be seen changes nothing but rounding: an output has moved where it is off by more than the
noise of its dtype (see `autograder.checks.tolerance`; a half counts only where the input is one) at the largest
magnitude of the output. What is computed twice from the same input must not move either: a model with dropout left on
fails with that reason, and for no other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checks.kinds import Family, Kind, kind_of
from autograder.checks.reading import Array, numbers_of, reals_of
from autograder.checks.tolerance import noise, relative_tolerance
from autograder.checks.wording import fail

Function = Callable[[Any], Any]


def assert_causal(
    function: Function,
    inputs: Any,
    *,
    vocabulary: int | None = None,
    time_axis: int = 1,
    lag: int = 0,
    sees_past: bool = True,
) -> None:
    """Pass if the output at each position depends on inputs up to that position, and on none after it.

    `inputs` is an array or tensor with time along `time_axis`, as in the output: whole numbers below `vocabulary`
    (tokens), or floats. Each position is changed in turn, all examples of the batch at once. `lag=1` is for a model
    that shifts by itself: its output at t sees inputs before t only. The position itself must be seen (unless it lags),
    and with `sees_past` something before it, so that a mask that hides too much fails as well.
    """
    __tracebackhide__ = True
    given = _given(inputs, time_axis, vocabulary)
    length = given.shape[time_axis]
    base, still = _twice(function, inputs)
    if base.ndim <= time_axis or base.shape[time_axis] != length:
        fail(f"expected an output for each of the {length} positions along axis {time_axis}, got shape {base.shape}")
    leaks, unseen, far = [], [], False
    for t in range(length):
        output = reals_of(function(_like(inputs, _changed(given, time_axis, t, vocabulary))))
        if output.shape != base.shape:
            fail(f"the output has shape {base.shape}, and {output.shape} after one input was changed")
        moved = np.moveaxis(np.abs(output - base) > still, time_axis, 0).reshape(length, -1).any(axis=1)
        leaks += [(int(early), t) for early in np.flatnonzero(moved[: min(t + lag, length)])]
        if t + lag < length and not moved[t + lag]:
            unseen.append(t)
        far = far or bool(moved[t + lag + 1 :].any())
    if leaks:
        _tell_leaks(leaks, lag)
    if unseen:
        fail(
            f"the output at position {unseen[0] + lag} does not change with the input at position {unseen[0]}: "
            "does the mask hide the position itself (in triu the diagonal to hide starts at 1), or one too many?"
        )
    if sees_past and length > 1 and not far:
        fail("no output changes with an earlier input: each position sees itself only. What does the mask let through?")


def _tell_leaks(leaks: list[tuple[int, int]], lag: int) -> None:
    __tracebackhide__ = True
    early, late = leaks[0]
    by_one = all(late + lag - early == 1 for early, late in leaks)
    fail(
        f"the future leaks: the output at position {early} changes when the input at position {late} does. "
        + ("It sees exactly one position too far: is the mask, or the shift, off by one?" if by_one else
           "Is there a mask, is it the right way round, and is it applied before the softmax?")
    )  # fmt: skip


def assert_rows_independent(function: Function, batch: Any) -> None:
    """Pass if each row of a batch gives the same alone as with the others (a row is an index of axis 0, in and out).

    The two may differ by the relative tolerance of the output's dtype at its largest magnitude: matrix products of
    different sizes round differently. A softmax over the batch, or batch norm that is still training, differs far more.
    """
    __tracebackhide__ = True
    given = numbers_of(batch)
    if len(given.shape) < 1 or given.shape[0] < 2:
        raise ValueError("a batch of two rows at least shows whether they touch each other")
    base, still = _twice(function, batch)
    if base.ndim < 1 or base.shape[0] != given.shape[0]:
        fail(f"expected a result for each of {given.shape[0]} rows, got shape {base.shape}")
    for row in range(given.shape[0]):
        result = function(batch[row : row + 1])
        alone = reals_of(result)
        if alone.shape != (1, *base.shape[1:]):
            fail(f"one row alone gives shape {alone.shape}, and {base.shape} in a batch of {base.shape[0]}")
        relative = relative_tolerance(numbers_of(result).dtype, given.dtype)
        allowed = max(still, relative * float(np.abs(base).max(initial=0.0)))
        if np.abs(alone[0] - base[row]).max(initial=0.0) > allowed:
            fail(
                f"row {row} gives another result alone than in the batch: does a sum, a mean, a softmax or a norm "
                "go over the rows (axis 0), or is batch norm still training (call eval())?"
            )


def _twice(function: Function, inputs: Any) -> tuple[Array, float]:
    """The output as float64, and by how much an output that has not moved may be off."""
    __tracebackhide__ = True
    result = function(inputs)
    base, again = reals_of(result), reals_of(function(inputs))
    if not base.size:
        fail(f"expected numbers, got none: an array of shape {base.shape}")
    still = noise(numbers_of(result).dtype, numbers_of(inputs).dtype) * max(1.0, float(np.abs(base).max()))
    if base.shape != again.shape or (np.abs(base - again) > still).any():
        fail(
            "the same input gives another output the second time: is dropout still on (call eval()), or a sample drawn?"
        )
    return base, still


def _given(inputs: Any, time_axis: int, vocabulary: int | None) -> Array:
    """The inputs as an array. What is wrong with them is the author's fault."""
    found = numbers_of(inputs) if kind_of(inputs) in (Kind.ARRAY, Kind.TENSOR) else None
    if found is None or not 0 <= time_axis < len(found.shape) or not np.asarray(found.value).size:
        raise ValueError(f"the inputs are an array or tensor with time along axis {time_axis}")
    whole = found.family is Family.INTEGER
    if whole != (vocabulary is not None):
        raise ValueError("tokens (whole numbers) need `vocabulary`, the number of them, and floats have none")
    if vocabulary is not None and (vocabulary < 2 or found.value.min() < 0 or found.value.max() >= vocabulary):
        raise ValueError(f"vocabulary={vocabulary}: a token is out of range, or has no other to be changed to")
    return np.array(found.value)


def _changed(given: Array, time_axis: int, position: int, vocabulary: int | None) -> Array:
    """A copy with one position replaced: each token by another, each float by one a few units away."""
    changed = given.copy()
    here = (slice(None),) * time_axis + (position,)
    if vocabulary is not None:
        other = changed[here].astype(np.int64) + 1 + position % (vocabulary - 1)
        changed[here] = other % vocabulary
    else:  # neither a constant nor a multiple: a norm over features would not see those
        wave = np.cos(np.arange(changed[here].size) * 2.0 + position).reshape(changed[here].shape)
        changed[here] = changed[here] + (2 + np.abs(changed[here])) * wave
    return changed


def _like(inputs: Any, changed: Array) -> Any:
    if kind_of(inputs) is Kind.ARRAY:
        return changed
    return sys.modules["torch"].from_numpy(changed).to(inputs.dtype)
