"""Whether two formulas are the same function: compared at points drawn from a seed of the key's own.

Rational formulas are compared exactly: two different ones of degree d agree at a random point of a million with a
chance of d in a million, and they are compared at a dozen. Others are computed to 60 digits and have to agree in 25.
A point where the key is undefined is passed over; a formula that is undefined where the key has a value is another one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

from autograder.quiz.evaluate import Undefined, Value, evaluate
from autograder.quiz.expression import Tree

POINTS = 12
_TRIES = 120
_DEFAULTS = ((Fraction(1, 10), Fraction(3)), (Fraction(-3), Fraction(3)), (Fraction(1, 100), Fraction(99, 100)))
_STEPS = 10**6
_AGREE = Decimal(10) ** -25


class NeverDefined(Undefined):
    """The key has no value at enough points of its domain."""


def equivalent(
    key: Tree, response: Tree, variables: Sequence[str], domain: Mapping[str, tuple[Fraction, Fraction]]
) -> bool:
    """Whether two formulas agree wherever the key has a value in the domain. Raises NeverDefined."""
    compared = 0
    for point in points(repr(key), variables, domain):
        try:
            wanted = evaluate(key, point)
        except Undefined:
            continue
        try:
            got = evaluate(response, point)
        except Undefined:
            return False
        if not _agree(wanted, got):
            return False
        compared += 1
        if compared == (POINTS if variables else 1):
            return True
    raise NeverDefined("the formula has no value in its domain: give `domain:` where it has")


def points(
    seed: str, variables: Sequence[str], domain: Mapping[str, tuple[Fraction, Fraction]]
) -> Iterator[dict[str, Fraction]]:
    """Points of the domain, the same ones for the same seed; without a domain, small numbers of both signs."""
    generator = random.Random(sha256(seed.encode()).digest())
    for number in range(_TRIES):
        default = _DEFAULTS[number % len(_DEFAULTS)]
        point = {}
        for name in variables:
            low, high = domain.get(name, default)
            point[name] = low + (high - low) * Fraction(generator.randrange(1, _STEPS), _STEPS)
        yield point


def _agree(left: Value, right: Value) -> bool:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left == right
    difference = abs(Fraction(left) - Fraction(right))
    size = max(abs(Fraction(left)), abs(Fraction(right)), Fraction(1))
    return difference <= Fraction(_AGREE) * size
