"""Parameters in texts: `{inputs}` stands for what was drawn. Between `$` signs the braces stay: TeX reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

_PLACE = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_MATHS = re.compile(r"(?<!\\)\$\$.+?(?<!\\)\$\$|(?<!\\)\$(?!\s).+?(?<![\\\s])\$", re.DOTALL)


def filled(text: str, drawn: Mapping[str, Fraction]) -> str:
    """The text with every parameter replaced by its number; other braces stay as they are."""
    if not drawn or "{" not in text:
        return text
    parts: list[str] = []
    at = 0
    for found in _MATHS.finditer(text):
        parts += [_replaced(text[at : found.start()], drawn, ""), _replaced(found[0], drawn, "{}")]
        at = found.end()
    return "".join([*parts, _replaced(text[at:], drawn, "")])


def places(text: str) -> Iterator[str]:
    """The names in braces outside of mathematics: what an author meant as a parameter."""
    for found in _PLACE.finditer(_MATHS.sub(" ", text)):
        yield found[1]


def shown(value: Fraction) -> str:
    """A drawn number as it is printed: a decimal where it ends, else a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def _replaced(text: str, drawn: Mapping[str, Fraction], braces: str) -> str:
    left, right = (braces[:1], braces[1:])
    return _PLACE.sub(lambda found: f"{left}{shown(drawn[found[1]])}{right}" if found[1] in drawn else found[0], text)
