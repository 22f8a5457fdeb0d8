"""The types of single values in quiz files, each with its own message and remedy; the rest is `course.fields`."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from autograder.course.fields import wrong
from autograder.course.problems import described, shortened

_CHOICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_SHARE = re.compile(r"(-?[0-9]{1,9})\s*/\s*([1-9][0-9]{0,8})")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def word(kind: type[StrEnum]) -> PlainValidator:
    """A validator for the words of an enumeration."""
    names = tuple(each.value for each in kind)

    def check(value: Any) -> StrEnum:
        if isinstance(value, str) and value in names:
            return kind(value)
        words = " or ".join(f"`{name}`" for name in names)
        raise wrong(f"must be {words}, but is {described(value)}", f"write {words}")

    return PlainValidator(check)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(f"must be a number, but is {described(value)}", "write a number such as 4 or 0.05, without quotes")
    return Decimal(value)


def _tolerance(value: Any) -> Decimal:
    amount = _number(value)
    if amount < 0:
        raise wrong(f"must not be negative, but is {value}", "write 0 or more")
    return amount


def _share(value: Any) -> Fraction:
    """A part of the points, exactly: 0.5, or the text 1/3, which no decimal is."""
    found = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is not None:
        share = Fraction(int(found[1]), int(found[2]))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        share = Fraction(value)
    else:
        raise wrong(f"must be a part of the points, but is {described(value)}", "write a number such as 0.5, or 1/3")
    if abs(share) > 1:
        raise wrong(f"must be between -1 and 1, but is {value}", "write a part of the points: 0.5 for half of them")
    return share


def _credit(value: Any) -> Fraction:
    share = _share(value)
    if share < 0:
        raise wrong(f"must not be negative, but is {value}", "write a number from 0 to 1")
    return share


def _penalty(value: Any) -> Fraction | Literal["guessing"]:
    if value == "guessing":
        return "guessing"
    if isinstance(value, str) and _SHARE.fullmatch(value.strip()) is None:
        remedy = "write `guessing`, or the part of the points that a wrong answer costs, such as 0.25 or 1/3"
        raise wrong(f"must be `guessing` or a number, but is {described(value)}", remedy)
    return _credit(value)


def _choice_id(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _CHOICE_ID.fullmatch(text):
        return text
    raise wrong(f"must be the id of a choice, but is {described(value)}", "write letters, digits and hyphens: `A`")


def _name(value: Any) -> str:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    shown = f"“{shortened(value)}”" if isinstance(value, str) else described(value)
    raise wrong(f"{shown} is no name of a variable", "write a letter, then letters, digits and underscores: `hidden_1`")


def _expression(value: Any) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.strip() and "\n" not in value.strip():
        return value.strip()
    raise wrong(f"must be a formula on one line, but is {described(value)}", 'write one such as "inputs*hidden + 1"')


def _response(value: Any) -> str:
    """An answer as a student's row would have it."""
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise wrong(f"must be an answer, but is {described(value)}", 'write it as a response file has it: "A;C" or 0.5')


def _response_list(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_response(item) for item in value)
    return (_response(value),)


Number = Annotated[Decimal, PlainValidator(_number)]
Tolerance = Annotated[Decimal, PlainValidator(_tolerance)]
Share = Annotated[Fraction, PlainValidator(_share)]
Credit = Annotated[Fraction, PlainValidator(_credit)]
Penalty = Annotated[Fraction | Literal["guessing"], PlainValidator(_penalty)]
ChoiceId = Annotated[str, PlainValidator(_choice_id)]
Name = Annotated[str, PlainValidator(_name)]
Expression = Annotated[str, PlainValidator(_expression)]
Responses = Annotated[tuple[str, ...], PlainValidator(_response_list)]
