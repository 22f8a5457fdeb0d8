"""Assertions about random draws, with a stated probability of failing a right solution.

The bounds hold for every sample size, by inequalities and not by approximations:

    frequencies     |share − p| ≤ √(ln(2k/α) / 2n) for all k outcomes at once    Hoeffding, JASA 58 (1963), theorem 1
    distribution    sup |Fₙ − F| ≤ √(ln(2/α) / 2n)                               Massart, Annals of Prob. 18 (1990)

The false-failure probability α is 1e-6 by default, spread over what one assertion looks at. What a bound cannot see is
its price: with n = 10,000 draws a share may be off by 0.03. Draw more to see less.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from autograder.checks.kinds import SEQUENCES, kind_of, numeric
from autograder.checks.reading import reals_of
from autograder.checks.wording import describe, fail, plural, quote

_ALPHA: Final = 1e-6


def assert_frequencies(
    draws: Any, probabilities: Mapping[str, float] | Mapping[int, float], *, alpha: float = _ALPHA
) -> None:
    """Pass if the `draws`, a list of outcomes, come as often as their `probabilities` say, and nothing else comes.

    A right sampler fails with a probability of at most `alpha`. A shift of a share by twice the bound is seen with a
    probability of 1 − alpha at least.
    """
    __tracebackhide__ = True
    if abs(math.fsum(probabilities.values()) - 1) > 1e-9 or min(probabilities.values()) < 0:
        raise ValueError("the expected probabilities sum to 1")
    found = numeric(draws)
    values = draws if found is None or len(found.shape) != 1 else found.value.tolist()
    if kind_of(values) not in SEQUENCES or not len(values):
        fail(f"expected a list of draws, got {describe(draws)}")
    values = [_plain(value) for value in values]
    kinds = {type(outcome) for outcome in probabilities}
    strange = [
        value for value in values if not any(type(value) is kind for kind in kinds) or value not in probabilities
    ]
    if strange:
        fail(f"{plural(len(strange), 'draw')} of {len(values)} are none of the outcomes, first {quote(strange[0])}")
    counts = Counter(values)
    bound = math.sqrt(math.log(2 * len(probabilities) / alpha) / (2 * len(values)))
    for outcome, probability in probabilities.items():
        share = counts[outcome] / len(values)
        if (probability == 0 and share > 0) or abs(share - probability) > bound:
            fail(
                f"{quote(outcome)} comes in {share:.3f} of {len(values)} draws, too far from its probability "
                f"(allowed {bound:.3f}): are the draws weighted, and is each one independent of the others?"
            )


def _plain(value: Any) -> Any:
    """A single number of numpy or torch as Python's; anything else as it is."""
    found = numeric(value)
    return found.value if found is not None and found.shape == () else value


def assert_normal(draws: Any, *, mean: float, deviation: float, alpha: float = _ALPHA) -> None:
    """Pass if the numbers `draws` are normal with this mean and standard deviation, and independent.

    Three questions share `alpha`, a third each: the distribution (Massart's bound), the mean (exactly normal), and the
    variance, whose χ² is bounded as by Laurent and Massart (Annals of Statistics 28, 2000, lemma 1). With 10,000 draws
    a mean that is off by 11 % of the deviation fails, and so does a deviation that is.
    """
    __tracebackhide__ = True
    if not deviation > 0 or not 0 < alpha < 1:
        raise ValueError("a positive deviation, and an alpha between 0 and 1")
    values = (np.sort(reals_of(draws).ravel()) - mean) / deviation
    n = values.size
    if n < 100:
        fail(f"expected at least 100 draws, got {describe(draws)}")
    x = math.log(6 / alpha)
    centre, square = abs(float(values.mean())), float((values**2).mean())
    furthest = NormalDist().inv_cdf(1 - alpha / 6) / math.sqrt(n)
    wide = not 1 - 2 * math.sqrt(x / n) <= square <= 1 + 2 * math.sqrt(x / n) + 2 * x / n
    if centre > furthest and not (wide and centre <= furthest * math.sqrt(square)):
        fail(f"the mean is off by {centre:.3g} standard deviations")
    if wide:
        fail(
            f"the standard deviation is {math.sqrt(square):.4g} times what it should be: is it given as a variance, "
            "or drawn once for several values?"
        )
    should = np.array([math.erfc(value) for value in (values / -math.sqrt(2)).tolist()]) / 2
    steps = np.arange(n + 1) / n
    distance = float(max(np.abs(should - steps[1:]).max(), np.abs(should - steps[:-1]).max()))
    if distance > math.sqrt(math.log(6 / alpha) / (2 * n)):
        fail("the draws have the right mean and deviation, but are not normal: are they uniform, or clipped?")
