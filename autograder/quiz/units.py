"""Units of measurement: the one place that knows Pint, which comes with the extra `quiz`."""

from __future__ import annotations

import importlib
import re
from fractions import Fraction
from functools import cache
from typing import Any

from autograder.errors import AutograderError

MISSING = "units are converted by the package Pint, which is missing; in the project's folder: pip install -e '.[quiz]'"
_UNIT = re.compile(r"[A-Za-zµμΩ°Å%_ ./*·^()⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*(?:[0-9]{1,2}[A-Za-zµμΩ°Å%_ ./*·^()⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*){0,6}")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_MOST_CHARACTERS = 40


class UnitsMissing(AutograderError):
    """A question needs units to be converted and Pint is not there."""


def known(unit: str) -> bool:
    """Whether this is a unit. Raises UnitsMissing."""
    return _parsed(unit) is not None


def same(unit: str, other: str) -> bool:
    """Whether two texts are the same unit, however they are written: m/s and m s^-1."""
    if _tidy(unit) == _tidy(other):
        return True
    parsed, wanted = _parsed(unit), _parsed(other)
    return parsed is not None and parsed == wanted


def convert(value: Fraction, unit: str, wanted: str) -> Fraction | None:
    """The value in the wanted unit, exactly; None if the text is no unit or one of something else."""
    if _tidy(unit) == _tidy(wanted):
        return value
    parsed, target = _parsed(unit), _parsed(wanted)
    if parsed is None or target is None:
        return None
    try:
        converted = _registry().Quantity(value, parsed).to(target).magnitude
        return Fraction(converted)
    except Exception:  # other dimensions, or a unit on a logarithmic scale, which Pint computes in floats or not at all
        return None


@cache
def _registry() -> Any:
    """Pint's units, loaded when the first one is met: most quizzes have none, and it takes a fifth of a second."""
    try:
        pint = importlib.import_module("pint")
    except ImportError as error:
        raise UnitsMissing(MISSING) from error
    return pint.UnitRegistry(non_int_type=Fraction, autoconvert_offset_to_baseunit=True)


@cache
def _parsed(unit: str) -> Any:
    text = _tidy(unit)
    if not text or len(text) > _MOST_CHARACTERS or not _UNIT.fullmatch(text):
        return None
    try:
        return _registry().parse_units(text)
    except UnitsMissing:
        raise
    except Exception:  # Pint raises whatever its tokenizer does: the text is no unit
        return None


def _tidy(unit: str) -> str:
    text = re.sub(r"([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "^" + found[1].translate(_SUPERSCRIPT), unit.strip())
    text = text.replace("·", "*").replace("%", "percent")
    return re.sub(r"\s*([/*^])\s*", r"\1", text)
