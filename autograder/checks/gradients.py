"""Gradients against what they should be: computed by differences, or by autograd in the grader, in float64.

    error of a central difference with step h:   h² |f‴| / 6  from cutting the series, about 2⁻⁵³ |f| / h from rounding
                                                 (Press et al., Numerical Recipes, 3rd ed., section 5.7)

With h = 1e-5 and a loss of about 1 both are near 1e-11. Against autograd, over 60 random sigmoid networks, differences
were off by 2e-9 of the largest component at most, and by 1.4e-7 of the largest of the same array; 1e-6 is allowed. In
float32 rounding alone is 6e-3 at that step: a function that computes in float32 cannot be checked by differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from autograder.checks.reading import Array, arrays_of, at, leaves_of, numbers_of, real_of, rebuilt, some
from autograder.checks.tolerance import noise, relative_tolerance, require_bound
from autograder.checks.wording import fail, plural

_NOISE: Final = 1e-8
"""Of the largest component of all: what differences may leave where the true gradient is zero, in float64."""
_STEP: Final = 1e-5


def central_differences(function: Callable[[Any], Any], parameters: Any, *, step: float = _STEP) -> Any:
    """The gradient of a scalar function at `parameters`, (f(p + h) − f(p − h)) / 2h for each number p, in their shape.

    `parameters` are arrays in lists, tuples and dicts; `function` gets a copy of all of them, in float64, two times for
    each number. It may be a student's: a result that is no single number fails the test.
    """
    __tracebackhide__ = True
    if not step > 0:
        raise ValueError(f"step={step!r}: a step is larger than zero")
    where = {place: values.copy() for place, values in arrays_of(parameters, "parameters").items()}

    def value() -> float:
        return real_of(function(rebuilt(parameters, lambda place, _: where[place].copy())), "the loss")

    found = {}
    for place, values in where.items():
        slope = np.empty_like(values)
        for index in np.ndindex(values.shape):
            here = values[index]
            values[index] = here + step
            above = value()
            values[index] = here - step
            slope[index] = (above - value()) / ((here + step) - (here - step))
            values[index] = here
        found[place] = slope
    return rebuilt(parameters, lambda place, _: found[place])


def assert_gradients_close(actual: Any, expected: Any, *, rtol: float | None = None) -> None:
    """Pass if gradients are as expected, place by place, with the same shapes.

    An element may be off by `rtol` times the largest of its own array, since its terms are of that size: 1e-6 where
    both are float64 and 1e-4 in float32 (see `autograder.checks.tolerance`), and by 1e-8 of the largest of all arrays,
    4e-6 in float32: a gradient that is zero by cancelling, of a bias before a norm, leaves so much.
    The message names the first wrong array, and says where the whole gradient is a multiple of the right one.
    """
    __tracebackhide__ = True
    require_bound("rtol", rtol)
    mine, theirs = arrays_of(actual, "gradients"), arrays_of(expected, "expected gradients")
    if mine.keys() != theirs.keys():
        _tell_places(list(mine), list(theirs))
    for place, wanted in theirs.items():
        if mine[place].shape != wanted.shape:
            turned = mine[place].shape == wanted.shape[::-1]
            fail(
                f"{at(place)}a gradient has the shape of its parameter, {wanted.shape}, and not {mine[place].shape}"
                + (": it is transposed" if turned else "")
            )
    if not any(wanted.size for wanted in theirs.values()):
        fail("expected gradients, got empty arrays")
    allowed = _allowed(actual, expected, theirs, rtol)
    wrong = [place for place, bound in allowed.items() if np.abs(mine[place] - theirs[place]).max(initial=0.0) > bound]
    if wrong:
        worst = max(float(np.abs(mine[p] - theirs[p]).max() / (np.abs(theirs[p]).max() or 1.0)) for p in wrong)
        fail(
            f"{len(wrong)} of {plural(len(theirs), 'gradient')} differ, by up to {worst:.2g} of the largest component: "
            f"{some(wrong)}.{_clue(mine, theirs, allowed)}"
        )


def _tell_places(mine: list[str], theirs: list[str]) -> None:
    missing, surplus = [p for p in theirs if p not in mine], [p for p in mine if p not in theirs]
    told = [f"{some(places)} {verb}" for places, verb in ((missing, "missing"), (surplus, "too many")) if places]
    fail(f"gradients have the structure of the parameters: {'; '.join(told)}")


def _allowed(actual: Any, expected: Any, theirs: dict[str, Array], rtol: float | None) -> dict[str, float]:
    got, wanted_leaves = leaves_of(actual, "gradients"), leaves_of(expected, "expected gradients")
    largest = max(float(np.abs(wanted).max(initial=0.0)) for wanted in theirs.values())
    allowed = {}
    for place, wanted in theirs.items():
        dtypes = numbers_of(got[place]).dtype, numbers_of(wanted_leaves[place]).dtype
        relative = relative_tolerance(*dtypes) if rtol is None else rtol
        allowed[place] = relative * float(np.abs(wanted).max(initial=0.0)) + max(_NOISE, noise(*dtypes)) * largest
    return allowed


def _clue(mine: dict[str, Array], theirs: dict[str, Array], allowed: dict[str, float]) -> str:
    """What the whole gradient, or every wrong part of it, looks like."""
    got, wanted = (np.concatenate([tree[place].ravel() for place in theirs]) for tree in (mine, theirs))
    size = float(wanted @ wanted)
    factor = float(got @ wanted) / size if size else 0.0
    room = max(1e-6, *(bound / (np.abs(theirs[p]).max(initial=0.0) or 1.0) for p, bound in allowed.items()))
    if factor and np.abs(got - factor * wanted).max() <= 2 * room * abs(factor) * np.abs(wanted).max():
        whole = round(factor) if abs(factor) > 1 else round(1 / factor)
        if math.isclose(factor, -1, rel_tol=1e-3):
            return " Its sign is wrong throughout."
        if abs(whole) > 1 and math.isclose(
            abs(factor), abs(whole) if abs(factor) > 1 else 1 / abs(whole), rel_tol=1e-3
        ):
            told = f"{abs(whole)} times" if abs(factor) > 1 else f"1/{abs(whole)} of"
            return f" It is {told} the right one throughout: is the loss a sum, or a mean over all of its terms?"
        return " It is a multiple of the right one throughout: which factor is missing?"
    for place, got in mine.items():
        square = got.ndim == 2 and got.shape[0] == got.shape[1]
        if square and np.abs(got.T - theirs[place]).max() <= allowed[place]:
            return f" {at(place)}it is transposed."
    return " The last layer's comes first in the chain rule: check it, then the one before."
