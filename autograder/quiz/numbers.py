"""Numbers as people type them, read exactly: 1e-3, 1,5, 12 013 010, 1.234,5, −3, 2/3, 1 1/2, ½, 3·10^-4, 12 %.

A text is read as a number and what follows it, its unit. Where two readings are possible (1,234 is 1.234 in one
country and 1234 in another) both are returned: the reader of a response must not decide against the student. What
cannot be read raises `Unreadable` with a sentence: it is never a silent zero.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

MOST_CHARACTERS = 100
_MOST_EXPONENT = 400

_MINUS = dict.fromkeys(map(ord, "\u2212\u2013\u2010\u2011\ufe63\uff0d"), "-")
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u2002\u2003"), " ")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_POWER = re.compile(
    r"\s*(?:[×·⋅∙*xX]\s*10\s*(?:(?:\^|\*\*)\s*[({]?\s*([+-]?\d{1,20})\s*[)}]?|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,20}))|[eE]([+-]?\d{1,20})(?![\w]))"
)
_MANTISSA = re.compile(r"\d(?:[\d.,'’_ ]*\d)?\.?|[.,]\d+")
_FRACTION = re.compile(r"(?:(\d{1,30})\s+)?(\d{1,30})\s*[/⁄]\s*(\d{1,30})(?![\d.,])")
_GROUPED = {sign: re.compile(rf"\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+") for sign in ".,'’_ "}


class Unreadable(ValueError):
    """The text is no number; the message says so in words for the student's teacher."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed number: its possible values (one, or two where a comma is ambiguous), how precise it was, what followed.

    `decimals`: digits behind the point; `sigfigs`: least and most significant figures that the digits can mean; None
    for a fraction, which is exact.
    """

    values: tuple[Fraction, ...]
    decimals: int | None
    sigfigs: tuple[int, int] | None
    unit: str


def read_number(text: str) -> Typed:
    """The number in a text and the unit behind it. Raises Unreadable."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(f"it has more than {MOST_CHARACTERS} characters")
    plain = _spelled_out(text).translate(_MINUS).translate(_BLANKS).strip().lstrip("=≈~ ")
    sign = -1 if plain.startswith("-") else 1
    body = plain[1:].lstrip() if plain[:1] in ("+", "-") else plain
    fraction = _FRACTION.match(body)
    if fraction is not None:
        return _fraction(fraction, sign, body)
    found = _MANTISSA.match(body)
    if found is None:
        raise Unreadable("it does not begin with a number")
    power = _POWER.match(body, found.end())
    exponent = _exponent(power) if power else 0
    rest = body[power.end() if power else found.end() :]
    mantissas = _mantissas(found[0].strip())
    scale = Fraction(10) ** exponent
    typed = mantissas[0]
    decimals = len(typed.partition(".")[2]) - exponent
    return Typed(tuple(sign * Fraction(each) * scale for each in mantissas), decimals, _figures(typed), _unit(rest))


def _spelled_out(text: str) -> str:
    """½ as ` 1/2`; full-width digits as plain ones."""
    return "".join(
        f" {unicodedata.normalize('NFKC', char).replace('⁄', '/')}"
        if "VULGAR" in unicodedata.name(char, "")
        else char
        if char in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
        else unicodedata.normalize("NFKC", char)
        for char in text
    )


def _fraction(found: re.Match[str], sign: int, body: str) -> Typed:
    whole, above, below = int(found[1] or 0), int(found[2]), int(found[3])
    if below == 0:
        raise Unreadable("it divides by zero")
    return Typed((sign * (whole + Fraction(above, below)),), None, None, _unit(body[found.end() :]))


def _exponent(found: re.Match[str]) -> int:
    exponent = int(found[1] or (found[2] or "").translate(_SUPERSCRIPT) or found[3])
    if abs(exponent) > _MOST_EXPONENT:
        raise Unreadable(f"its exponent is beyond {_MOST_EXPONENT}")
    return exponent


def _mantissas(text: str) -> tuple[str, ...]:
    """Its possible readings, written with a decimal point and without groups."""
    dots, commas = text.count("."), text.count(",")
    for sign in "'’_ ":
        if sign in text:
            return tuple(each for each in _ungrouped(text, sign))
    if dots and commas:
        point, group = (".", ",") if text.rindex(".") > text.rindex(",") else (",", ".")
        whole, _, decimals = text.rpartition(point)
        if text.count(point) > 1 or not _GROUPED[group].fullmatch(whole):
            raise Unreadable("its points and commas make no number")
        return (f"{whole.replace(group, '')}.{decimals}",)
    if dots > 1 or commas > 1:
        group = "." if dots else ","
        if not _GROUPED[group].fullmatch(text):
            raise Unreadable("its points and commas make no number")
        return (text.replace(group, ""),)
    if commas and _GROUPED[","].fullmatch(text) and not text.startswith("0"):
        return (text.replace(",", "."), text.replace(",", ""))
    return (text.replace(",", "."),)


def _ungrouped(text: str, sign: str) -> tuple[str, ...]:
    point = next((each for each in ".," if each in text), None)
    whole, _, decimals = text.partition(point) if point else (text, "", "")
    if not _GROUPED[sign].fullmatch(whole) or not (decimals.isdigit() or not decimals):
        raise Unreadable("there are two numbers, or its digits are grouped in a way that is not common")
    return (f"{whole.replace(sign, '')}.{decimals}" if decimals else whole.replace(sign, ""),)


def _figures(mantissa: str) -> tuple[int, int]:
    """Significant figures: the zeros at the end of a whole number may count or not."""
    whole, point, decimals = mantissa.partition(".")
    digits = (whole + decimals).lstrip("0")
    if not digits:
        return (max(len(decimals), 1),) * 2
    most = len(digits)
    return (most if point and decimals else max(len(digits.rstrip("0")), 1), most)


def _unit(rest: str) -> str:
    unit = " ".join(rest.split())
    if unit[:1].isdigit():
        raise Unreadable("there are two numbers")
    return unit
