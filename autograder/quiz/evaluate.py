"""The value of a formula's tree at a point: exact fractions as long as the operations allow, else 60 decimal digits.

A value is a `Fraction` (exact) or a `Decimal` (rounded); what is undefined or beyond all reason raises `Undefined`:
division by zero, roots and logarithms of negative numbers, numbers of more than some thousand digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from math import isqrt
from operator import add, mul, sub, truediv

from autograder.quiz.expression import Tree

DIGITS = 60
_MOST_BITS = 20_000
_MOST_EXPONENT = 2_000
_CONTEXT = Context(prec=DIGITS, Emax=20_000, Emin=-20_000, traps=[InvalidOperation, DivisionByZero, Overflow])
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")

Value = Fraction | Decimal


_FRACTIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {"+": add, "-": sub, "*": mul, "/": truediv}
_DECIMALS = {"+": _CONTEXT.add, "-": _CONTEXT.subtract, "*": _CONTEXT.multiply, "/": _CONTEXT.divide}


class Undefined(ArithmeticError):
    """The formula has no value here."""


def evaluate(tree: Tree, values: Mapping[str, Fraction]) -> Value:
    """The value of a formula where its names have these values. Raises Undefined."""
    try:
        return _value(tree, values)
    except (DecimalException, ZeroDivisionError, OverflowError) as error:
        raise Undefined("it divides by zero, or has no value") from error


def exact(value: Value) -> Fraction:
    """A value as a fraction."""
    return Fraction(value)


def _value(tree: Tree, values: Mapping[str, Fraction]) -> Value:
    match tree[0]:
        case "number":
            return _bounded(tree[1])
        case "name":
            if tree[1] in values:
                return values[tree[1]]
            return _CONTEXT.plus(_PI) if tree[1] == "pi" else _CONTEXT.exp(Decimal(1))
        case "neg":
            operand = _value(tree[1], values)
            return _negated(operand)
        case "call":
            return _call(tree[1], [_value(part, values) for part in tree[2]])
        case "^":
            return _power(_value(tree[1], values), _value(tree[2], values))
    return _combined(tree[0], _value(tree[1], values), _value(tree[2], values))


def _combined(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return _bounded(_FRACTIONS[sign](left, right))
    return _DECIMALS[sign](_decimal(left), _decimal(right))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise Undefined("its numbers are too large")
    return value


def _negated(value: Value) -> Value:
    """Python's own minus would round a decimal to 28 digits."""
    return -value if isinstance(value, Fraction) else value.copy_negate()


def _decimal(value: Value) -> Decimal:
    if isinstance(value, Decimal):
        return value
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Fraction):
        power = int(exponent)
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(power) > _MOST_EXPONENT or bits * abs(power) > _MOST_BITS:
            raise Undefined("its powers are too large")
        return base**power
    if exponent == Fraction(1, 2):
        return _sqrt(base)
    return _CONTEXT.power(_decimal(base), _decimal(exponent))


def _sqrt(value: Value) -> Value:
    if isinstance(value, Fraction) and value >= 0:
        above, below = isqrt(value.numerator), isqrt(value.denominator)
        if above * above == value.numerator and below * below == value.denominator:
            return Fraction(above, below)
    return _CONTEXT.sqrt(_decimal(value))


def _call(name: str, arguments: list[Value]) -> Value:
    first = arguments[0]
    if name in _EXACT:
        return _EXACT[name](arguments)
    if name == "sqrt":
        return _sqrt(first)
    return _SMOOTH[name](_decimal(first))


def _rounded(arguments: list[Value], step: Callable[[Fraction], int]) -> Fraction:
    return Fraction(step(Fraction(arguments[0])))


def _size(arguments: list[Value]) -> Value:
    return _negated(arguments[0]) if arguments[0] < 0 else arguments[0]


def _extreme(arguments: list[Value], place: int) -> Value:
    return sorted(arguments, key=exact)[place]


_EXACT: dict[str, Callable[[list[Value]], Value]] = {
    "abs": _size,
    "relu": lambda arguments: _extreme([arguments[0], Fraction(0)], -1),
    "min": lambda arguments: _extreme(arguments, 0),
    "max": lambda arguments: _extreme(arguments, -1),
    "floor": lambda arguments: _rounded(arguments, Fraction.__floor__),
    "ceil": lambda arguments: _rounded(arguments, Fraction.__ceil__),
    "round": lambda arguments: _rounded(arguments, lambda value: (value + Fraction(1, 2)).__floor__()),
}


def _ln(value: Decimal) -> Decimal:
    if value <= 0:
        raise Undefined("it takes the logarithm of zero or less")
    return _CONTEXT.ln(value)


def _sine(value: Decimal, quarter: int = 0) -> Decimal:
    """sin(value + quarter·pi/2) by its series, after the argument was brought near zero."""
    if abs(value) > 10**6:
        raise Undefined("the argument of sin or cos is too large")
    wide = Context(prec=DIGITS + 20)
    half = wide.divide(_PI, Decimal(2))
    turns = int(wide.divide(value, half).to_integral_value())
    rest = wide.subtract(value, wide.multiply(half, Decimal(turns)))
    number = (turns + quarter) % 4
    total, term, power = Decimal(0), rest if number % 2 == 0 else Decimal(1), 1 if number % 2 == 0 else 0
    square = wide.multiply(rest, rest)
    while abs(term) > Decimal(10) ** -(DIGITS + 10):
        total = wide.add(total, term)
        term = wide.minus(wide.divide(wide.multiply(term, square), Decimal((power + 1) * (power + 2))))
        power += 2
    return _CONTEXT.plus(total if number < 2 else total.copy_negate())


def _exp(value: Decimal) -> Decimal:
    return _CONTEXT.exp(value)


def _hyperbolic(value: Decimal, sign: int) -> Decimal:
    mirrored = _exp(value.copy_negate())
    combine = _CONTEXT.add if sign > 0 else _CONTEXT.subtract
    return _CONTEXT.divide(combine(_exp(value), mirrored), Decimal(2))


_SMOOTH: dict[str, Callable[[Decimal], Decimal]] = {
    "exp": _exp,
    "ln": _ln,
    "log": _ln,
    "log2": lambda value: _CONTEXT.divide(_ln(value), _ln(Decimal(2))),
    "log10": lambda value: _CONTEXT.divide(_ln(value), _ln(Decimal(10))),
    "sin": _sine,
    "cos": lambda value: _sine(value, 1),
    "tan": lambda value: _CONTEXT.divide(_sine(value), _sine(value, 1)),
    "sinh": lambda value: _hyperbolic(value, -1),
    "cosh": lambda value: _hyperbolic(value, 1),
    "tanh": lambda value: _CONTEXT.divide(_hyperbolic(value, -1), _hyperbolic(value, 1)),
    "sigmoid": lambda value: _CONTEXT.divide(Decimal(1), _CONTEXT.add(Decimal(1), _exp(value.copy_negate()))),
}
