"""Language models by their probabilities: they sum to 1, and perplexity follows from them, computed here.

    perplexity = exp(−mean of ln p) over all tokens, an end marker for each sentence included

A model says `prob(context, word)`; what it says of its own perplexity is never taken for its quality.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from autograder.checks.kinds import NUMERIC, kind_of
from autograder.checks.reading import Array, numbers_of, real_of, reals_of
from autograder.checks.tolerance import relative_tolerance
from autograder.checks.wording import describe, fail, plural

_SLACK: Final = 1e-6  # a probability of 1 that comes out of float32
END: Final = "</s>"

Prob = Callable[[list[str], str], Any]


def token_probabilities(prob: Prob, sentences: Iterable[Sequence[str]], *, end: str | None = END) -> Array:
    """`prob(words before, word)` for every word of every sentence, and for `end` after the last, as float64.

    `prob` may be a student's: what is no number in [0, 1] fails the test.
    """
    __tracebackhide__ = True
    found = []
    for sentence in sentences:
        words = [*sentence, *([end] if end is not None else [])]
        found += [_probability(prob(words[:place], word)) for place, word in enumerate(words)]
    if not found:
        raise ValueError("no token to ask for: there are no sentences")
    return np.array(found)


def _probability(value: Any) -> float:
    __tracebackhide__ = True
    number = real_of(value, "a probability")
    if not -_SLACK <= number <= 1 + _SLACK:
        fail(f"a probability lies in [0, 1], this one is {number:.6g}: is it a score, a count or a logarithm?")
    return min(max(number, 0.0), 1.0)


def perplexity(probabilities: Any) -> float:
    """exp(−mean ln p) of the tokens' probabilities, an array or a list; infinite where one of them is 0."""
    __tracebackhide__ = True
    values = _flat(probabilities)
    return math.inf if not values.min() else float(np.exp(-np.log(values).mean()))


def _flat(probabilities: Any) -> Array:
    """The test's own probabilities, in one axis."""
    if kind_of(probabilities) in NUMERIC:
        values = reals_of(probabilities).ravel()
    else:
        values = np.array([real_of(value, "a probability") for value in probabilities])
    if not values.size or values.min() < 0 or values.max() > 1 + _SLACK:
        raise ValueError("perplexity is of probabilities: at least one, each in [0, 1]")
    return values


def assert_perplexity(actual: Any, probabilities: Any, *, rtol: float | None = None) -> None:
    """Pass if `actual` is the perplexity of tokens with these probabilities, 1e-6 relative by default.

    `probabilities` are the model's own (`token_probabilities`): the formula is asked for here, not the model. Usual
    slips are named: two logarithms of different bases, a sum, the cross-entropy itself.
    """
    __tracebackhide__ = True
    values = _flat(probabilities)
    right = perplexity(values)
    if not math.isfinite(right):
        fail("a token of these sentences has probability 0: what does the model give to words that it has not seen?")
    got = real_of(actual, "the perplexity")
    dtype = numbers_of(actual).dtype
    near = relative_tolerance(dtype, "float64") if rtol is None else rtol
    if abs(got - right) <= near * right:
        return
    nats = math.log(right)
    slips = {
        "it is the cross-entropy in nats: perplexity is the exponential of it": nats,
        "it is the cross-entropy in bits: perplexity is 2 to the power of it": nats / math.log(2),
        "2 was raised to a mean of natural logarithms: the bases must agree": 2**nats,
        "e was raised to a mean of base-2 logarithms: the bases must agree": math.exp(min(700, nats / math.log(2))),
        "it is the inverse: the mean logarithm has a minus sign": 1 / right,
        "it is the mean of 1/p: the mean is taken of the logarithms": float((1 / values).mean()),
        "the logarithms were added up and not divided by their number": math.exp(min(700, nats * values.size)),
    }
    named = [slip for slip, value in slips.items() if abs(got - value) <= max(near, 1e-6) * value]
    clue = named[0] if named else "which tokens are counted, are the end markers among them, and what divides the sum?"
    fail(f"the perplexity is {got / right:.4g} times the right one: {clue}")


def assert_sums_to_one(prob: Prob, contexts: Iterable[Sequence[str]], vocabulary: Sequence[str]) -> None:
    """Pass if `prob(context, word)` over the words of `vocabulary` sums to 1 (to 1e-6) after each of the contexts."""
    __tracebackhide__ = True
    if not vocabulary or len({*vocabulary}) != len(vocabulary):
        raise ValueError("a vocabulary has words, each of them once")
    for number, context in enumerate(contexts):
        total = math.fsum(_probability(prob([*context], word)) for word in vocabulary)
        if abs(total - 1) > _SLACK:
            clue = (
                "do smoothed counts divide by a sum that is smoothed as well (k for every word of the vocabulary)?"
                if total < 1
                else "is every count divided by the count of its own context?"
            )
            fail(
                f"after context {number} ({plural(len(context), 'word')}) the probabilities of all "
                f"{len(vocabulary)} words sum to {total:.6g}: {clue}"
            )


def assert_distribution(actual: Any, outcomes: Sequence[str]) -> None:
    """Pass if the dict `actual` gives each of `outcomes`, and nothing else, a probability, 1 in all (to 1e-6)."""
    __tracebackhide__ = True
    if type(actual) is not dict:
        fail(f"expected a dict of probabilities, got {describe(actual)}")
    if any(type(key) is not str for key in actual) or {*actual} != {*outcomes}:
        fail(f"expected a probability for each of {plural(len(outcomes), 'outcome')}, got {describe(actual)} of others")
    total = math.fsum(_probability(value) for value in actual.values())
    if abs(total - 1) > _SLACK:
        fail(f"the probabilities sum to {total:.6g}")
