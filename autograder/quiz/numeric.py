"""Whether a number is right: tolerances, units and typed precision, in exact fractions.

Ends of `absolute`, `relative` and `geometric` are included (Moodle). `sigfigs` and `decimals` accept what differs by
less than 0.51 units in the last digit that was asked for, ends excluded (PrairieLearn). A geometric tolerance t accepts
from key/(1 + t) to key·(1 + t).
"""

from __future__ import annotations

from fractions import Fraction

from autograder.quiz import units
from autograder.quiz.answers import NumericAnswer
from autograder.quiz.numbers import Typed, Unreadable, read_number

ONE, ZERO = Fraction(1), Fraction(0)
_HALF_DIGIT = Fraction(51, 100)


def numeric_share(answer: NumericAnswer, key: Fraction, response: str) -> Fraction:
    """What a typed number earns, from 0 to 1. Raises Unreadable for what is no number, UnitsMissing without Pint."""
    typed = read_number(response)
    return max(_share(answer, key, typed, value) for value in typed.values)


def _share(answer: NumericAnswer, key: Fraction, typed: Typed, value: Fraction) -> Fraction:
    unit_right = True
    if answer.unit is None:
        value = value / 100 if typed.unit in ("%", "percent") else value
        if typed.unit not in ("", "%", "percent"):
            raise Unreadable(f"“{typed.unit[:20]}” stands behind the number, and the question asks for no unit")
    elif typed.unit and answer.units == "convert":
        converted = units.convert(value, typed.unit, answer.unit)
        unit_right, value = converted is not None, value if converted is None else converted
    else:
        unit_right = bool(typed.unit) and units.same(typed.unit, answer.unit)
    if answer.units == "only":
        return Fraction(unit_right)
    share = _value_share(answer, key, value)
    if answer.written is not None and share and not _as_precise(answer, typed):
        share *= answer.written.credit
    return share if unit_right else share * answer.unit_credit


def _value_share(answer: NumericAnswer, key: Fraction, value: Fraction) -> Fraction:
    if within(answer, key, value):
        return ONE
    if answer.partial is not None and within(answer, key, value, Fraction(answer.partial.within)):
        return answer.partial.credit
    return ZERO


def within(answer: NumericAnswer, key: Fraction, value: Fraction, times: Fraction = ONE) -> bool:
    """Whether a value lies in the tolerance, or in `times` that."""
    if answer.absolute is not None:
        return abs(value - key) <= Fraction(answer.absolute) * times
    if answer.relative is not None:
        return abs(value - key) <= Fraction(answer.relative) * times * abs(key)
    if answer.geometric is not None:
        quotient = 1 + Fraction(answer.geometric) * times
        return value * key > 0 and abs(key) / quotient <= abs(value) <= abs(key) * quotient
    if answer.decimals is not None:
        return abs(value - key) < _HALF_DIGIT / Fraction(10) ** answer.decimals
    if answer.sigfigs is not None:
        return abs(value - key) < _HALF_DIGIT * Fraction(10) ** (magnitude(key) - answer.sigfigs + 1)
    return value == key


def magnitude(value: Fraction) -> int:
    """The power of ten of the first digit: 2 for 123, -3 for 0.0012; 0 for zero."""
    size = abs(value)
    if size == 0:
        return 0
    power = len(str(size.numerator)) - len(str(size.denominator))
    return power if size >= Fraction(10) ** power else power - 1


def _as_precise(answer: NumericAnswer, typed: Typed) -> bool:
    assert answer.written is not None
    if typed.sigfigs is None:
        return False
    if answer.written.decimals is not None:
        return typed.decimals == answer.written.decimals
    least, most = typed.sigfigs
    return least <= (answer.written.sigfigs or 0) <= most
