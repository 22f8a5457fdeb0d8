"""YAML 1.2's core schema: what an unquoted scalar means.

PyYAML by itself reads YAML 1.1, where `No` is false, `010` is eight and `12:30` is 750. Here `No` is text, `010` is
ten and `12:30` is text. Numbers with a point or an exponent become `Decimal` from their text, so 0.1 stays 0.1.
"""

from __future__ import annotations

import re
from decimal import Decimal

Scalar = str | int | bool | Decimal | None

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS = 30  # far more than any amount of points, and an exponent that no arithmetic chokes on


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. ValueError, with a sentence, for a number that no course file can mean."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEX, 16)):
        if pattern.fullmatch(text):
            _refuse_long(text)
            return int(text if base == 10 else text[2:], base)
    if _FLOAT.fullmatch(text):
        _refuse_long(text)
        value = Decimal(text)
        if value and abs(value.adjusted()) > _MAX_DIGITS:
            raise ValueError(f"the number {text} is too large or too small")
        return value
    if _SPECIAL.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    return text


def _refuse_long(text: str) -> None:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"the number {text[:12]}… has more than {_MAX_DIGITS} characters")
