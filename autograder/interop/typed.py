"""Numbers and texts as other systems list them, several with what each earns → the keys of our questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from autograder.interop.carried import Data, Refused
from autograder.interop.fromhtml import plain

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_MOST_DIGITS = 30
_WILD = re.compile(r"(?<!\\)\*")


@dataclass(frozen=True, slots=True)
class Number:
    """A right or nearly right number, how far from it still counts, and what it earns."""

    value: Decimal
    tolerance: Decimal
    share: Fraction = Fraction(1)


def number(text: str) -> Decimal:
    """A number of another system's file, exactly. Raises Refused."""
    cleaned = plain(text).replace("−", "-").replace(" ", "")
    if not _NUMBER.fullmatch(cleaned) or len(cleaned) > _MOST_DIGITS:
        raise Refused(f"{text.strip()[:40]!r} is no number")
    try:
        return tidy(Decimal(cleaned))
    except InvalidOperation:
        raise Refused(f"{text.strip()[:40]!r} is no number") from None


def tidy(value: Decimal) -> Decimal:
    """The same number without an exponent and without zeros at its end."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() and abs(short) < 10**27 else short


def between(low: Decimal, high: Decimal) -> Number:
    """The number in the middle of a range, and half its width. Raises Refused for an empty range."""
    if low > high:
        raise Refused(f"the range from {low} to {high} is empty")
    return Number(tidy((low + high) / 2), tidy((high - low) / 2))


def numeric_from(numbers: Sequence[Number], lost: list[str]) -> Data:
    """The keys of a numeric question: one number, others that count as much as second keys, a band around it."""
    full = [each for each in numbers if each.share == 1]
    if not full:
        raise Refused("no number earns all of the points")
    first, *others = full
    if any(each.tolerance != first.tolerance for each in others):
        raise Refused("several numbers are right, each with a tolerance of its own")
    answer: Data = {"value": first.value} | ({"absolute": first.tolerance} if first.tolerance else {})
    near = [each for each in numbers if 0 < each.share < 1]
    if len(near) == 1 and near[0].value == first.value and near[0].tolerance > first.tolerance > 0:
        answer["partial"] = {"within": tidy(near[0].tolerance / first.tolerance), "credit": near[0].share}
    elif near:
        lost.append("part of the points for further numbers")
    if any(each.share < 0 for each in numbers):
        lost.append("points taken off for certain numbers")
    if not others:
        return {"answer": answer}
    return {"answer": answer, "policy": "accept_also", "also": [f"{each.value:f}" for each in others]}


def text_from(texts: Sequence[tuple[str, Fraction]], lost: list[str], *, case: bool) -> Data:
    """The key of a text question; `*` in a text stands for anything, as Moodle has it."""
    full = [plain(text) for text, share in texts if share == 1 and plain(text)]
    if not full:
        raise Refused("no text earns all of the points")
    if any(0 < share < 1 for _, share in texts):
        lost.append("part of the points for further texts")
    answer: Data = {} if case else {"ignore": ["case"]}
    exact = [text.replace("\\*", "*") for text in full if not _WILD.search(text)]
    wild = [text for text in full if _WILD.search(text)]
    if exact:
        answer["accept"] = list(dict.fromkeys(exact))
    if wild:
        answer["pattern"] = "|".join(map(_pattern, wild))
    return {"answer": answer}


def _pattern(text: str) -> str:
    parts = [re.sub(r"([^\w\s])", r"\\\1", part.replace("\\*", "*")) for part in _WILD.split(text)]
    return ".*".join(parts)
