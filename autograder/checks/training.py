"""Assertions about training: every parameter takes part, the loss falls, one batch can be learned by heart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checks.kinds import Kind, kind_of
from autograder.checks.reading import arrays_of, leaves_of, real_of, reals_of, some
from autograder.checks.wording import describe, fail, plural, quote, short


def assert_every_parameter_changes(before: Any, after: Any, *, frozen: tuple[str, ...] = ()) -> None:
    """Pass if training has changed every parameter, left those named in `frozen` as they were, and kept all finite.

    `before` and `after` are data of one structure: `values_of(module)`, or arrays in lists, tuples and dicts.
    """
    __tracebackhide__ = True
    first, last = arrays_of(before, "parameters before training"), arrays_of(after, "parameters after training")
    if first.keys() != last.keys():
        fail(f"the parameters have other names or places after training: {some(sorted(first.keys() ^ last.keys()))}")
    unknown = [name for name in frozen if name not in first]
    if unknown:
        fail(f"there is no parameter {quote(unknown[0])} that could be frozen")
    for place, was in first.items():
        if was.shape != last[place].shape:
            fail(f"{short(place)} had shape {was.shape}, and has {last[place].shape} after training")
    still = {place for place, was in first.items() if np.array_equal(was, last[place])}
    stuck, moved = [place for place in first if place in still - {*frozen}], [*filter(lambda n: n not in still, frozen)]
    if stuck and len(stuck) == len(first) - len(frozen):
        fail("training changed no parameter at all: is a step made, and are these the parameters that it changes?")
    if stuck:
        fail(
            f"{len(stuck)} of {plural(len(first), 'parameter')} never changed: {some(stuck)}. Does the optimizer know "
            "it, and does the loss reach it (no detach(), .data, no_grad() or .numpy() on the way)?"
        )
    if moved:
        fail(f"frozen parameters were changed: {some(moved)}")


def assert_every_parameter_reached(gradients: Any) -> None:
    """Pass if every parameter has a gradient that is finite and not all zero.

    `gradients` is `gradients_of(module)` after a backward pass, or data: arrays in lists, tuples and dicts. A row of an
    embedding that the batch did not use may be zero, a whole parameter not.
    """
    __tracebackhide__ = True
    leaves = leaves_of(gradients, "gradients")
    missing = [place for place, leaf in leaves.items() if kind_of(leaf) is Kind.NONE]
    if len(missing) == len(leaves):
        fail("no parameter has a gradient: was backward() called, on the loss of this very module?")
    if missing:
        fail(
            f"{len(missing)} of {plural(len(leaves), 'parameter')} got no gradient: {some(missing)}. Is it used, and "
            "does nothing cut the way to it (detach(), .data, no_grad(), .numpy(), argmax)?"
        )
    zero = [place for place, values in arrays_of(gradients, "gradients").items() if not values.any()]
    if zero:
        fail(f"the gradient of {some(zero)} is zero throughout: is it multiplied by something that is always zero?")


def assert_loss_falls(losses: Any, *, to: float) -> None:
    """Pass if a loss curve (a list of numbers, or an array of one axis) ends at most at `to` times where it began.

    Where it begins and ends is the mean of its first and of its last tenth, one value at least: a single unlucky batch
    decides nothing. It begins above zero, as losses do. Chance enters through the training alone; choose `to` from runs
    of right solutions.
    """
    __tracebackhide__ = True
    if not 0 < to < 1:
        raise ValueError(f"to={to!r}: a loss falls to a part of itself, between 0 and 1")
    if kind_of(losses) in (Kind.LIST, Kind.TUPLE):
        curve = np.array([real_of(loss, f"the loss of step {step}") for step, loss in enumerate(losses)])
    else:
        curve = reals_of(losses)
    if curve.ndim != 1 or curve.size < 2:
        fail(f"expected a loss for each step, two at least, got {describe(losses)}")
    tenth = max(1, curve.size // 10)
    start, end = float(curve[:tenth].mean()), float(curve[-tenth:].mean())
    if not (start > 0 and end <= to * start):
        if start <= 0:
            clue = "a loss begins above zero: is it the loss of each step that is kept?"
        elif end > start:
            clue = "it rises: is the step taken against the gradient, and is the learning rate small enough?"
        elif curve.min() == curve.max():
            clue = "it does not move: is a step made, on the parameters that the loss depends on?"
        elif curve.min() <= to * start:
            clue = "it was low enough on the way and rose again: is the learning rate too large?"
        else:
            clue = "is the learning rate too small, or are gradients of earlier batches still added in?"
        fail(f"the loss ends at {_share(end, start)} of where it began, at most {to:g} was asked; {clue}")


def _share(end: float, start: float) -> str:
    return f"{end / start:.3g}" if start > 0 else f"{end:.3g} instead of {start:.3g}, and not at a part"


def assert_overfits(step: Callable[[], Any], *, below: float, steps: int) -> None:
    """Pass if `step()`, one training step on a batch that stays the same, gives a loss `below` within `steps` calls.

    A network that is wired right learns a few examples by heart; one with a cut gradient, dropout left on, shuffled
    labels or too small a step does not. Stops at the first loss that is low enough.
    """
    __tracebackhide__ = True
    if steps < 1:
        raise ValueError(f"steps={steps!r}: at least one")
    losses = []
    for number in range(steps):
        losses.append(real_of(step(), f"the loss of step {number}"))
        if losses[-1] < below:
            return
    best, start = min(losses), losses[0]
    clue = (
        "It does not fall: does the step change what the loss depends on?"
        if best >= 0.99 * start
        else "It falls, but not far: is dropout on, do labels belong to their examples, is every layer reached?"
    )
    fail(
        f"one batch cannot be learned by heart: after {steps} steps the best loss is {best:.3g}, not {below:g}. {clue}"
    )
