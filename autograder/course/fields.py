"""The types of single values in course files, each with its own message and remedy.

Every type is a pydantic validator that takes plain data from a `YamlFile` and raises `wrong(message, remedy)`;
`schema.py` turns that into a `Problem` with file, line and key. Nothing is converted silently: text is no number,
`yes` is no boolean, a number is no text.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from autograder.course.clock import parse_time
from autograder.course.problems import described, did_you_mean, shortened

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?B)", re.IGNORECASE)
_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_LEAST_MEMORY = 2**20
_MOST_POINTS = 10**6


class Entry(BaseModel):
    """A mapping in a course file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def wrong(message: str, remedy: str) -> PydanticCustomError:
    """The error that a field's validator raises."""
    return PydanticCustomError("field", "{message}", {"message": message, "remedy": remedy})


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | Decimal):
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        raise wrong(f"must be text, but is {described(value)}", f'put it in quotes: "{shown}"')
    raise wrong(f"must be text, but is {described(value)}", "write a text after the colon")


def _prose(value: Any) -> str:
    text = _text(value).strip()
    if not text:
        raise wrong("must not be empty", "write a text after the colon")
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text):
        raise wrong("contains a control character", "delete it")
    return text


def _line(value: Any) -> str:
    text = _prose(value)
    if "\n" in text:
        raise wrong("must be a single line", "write it on one line")
    return text


def slug(value: Any) -> str:
    """An id: lower-case letters, digits and hyphens. Raises the field error."""
    text = _text(value)
    if _SLUG.fullmatch(text) and len(text) <= 80:
        return text
    better = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80]
    remedy = f"write `{better}`" if better else "write an id such as `cosine-similarity`"
    raise wrong(f"“{shortened(text)}” is not an id: only a-z, 0-9 and hyphens", remedy)


def _points(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(f"must be a number, but is {described(value)}", "write a number such as 4 or 2.5, without quotes")
    amount = Decimal(value)
    if amount < 0:
        raise wrong(f"must not be negative, but is {value}", "write 0 or more")
    exponent = amount.normalize().as_tuple().exponent
    if amount > _MOST_POINTS or (isinstance(exponent, int) and exponent < -6):
        raise wrong(f"{value} is out of range", f"write at most {_MOST_POINTS}, with at most six decimals")
    return amount


def _percent(value: Any) -> Decimal:
    amount = _points(value)
    if amount > 100:
        raise wrong(f"must be at most 100, but is {value}", "write a number from 0 to 100")
    return amount


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wrong(f"must be a number of seconds, but is {described(value)}", "write a number such as 10, no unit")
    if not 0 < value <= 86_400:
        raise wrong(f"must be more than 0 and at most a day (86400), but is {value}", "write seconds, such as 10")
    return float(value)


def memory(value: Any) -> int:
    """An amount of memory in bytes from `2 GiB`, `512 MiB` or `1.5 GB`. Raises the field error."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= _LEAST_MEMORY:
        return value
    found = _MEMORY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise wrong(f"must be an amount of memory, but is {described(value)}", "write it with a unit: `2 GiB`")
    amount = int(Decimal(found[1]) * _UNITS[found[2].lower()])
    if not _LEAST_MEMORY <= amount <= 2**50:
        raise wrong(f"{value} is out of range", "write 1 MiB or more, such as `2 GiB`")
    return amount


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise wrong(f"must be `true` or `false`, but is {described(value)}", "write `true` or `false`, without quotes")


def whole(least: int, most: int) -> PlainValidator:
    """A validator for whole numbers from `least` to `most`."""

    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise wrong(
            f"must be a whole number from {least} to {most}, but is {described(value)}", f"write {least} or more"
        )

    return PlainValidator(check)


def one_of(*names: str) -> PlainValidator:
    """A validator for one of a few words."""

    def check(value: Any) -> str:
        if isinstance(value, str) and value in names:
            return value
        words = " or ".join(f"`{name}`" for name in names)
        raise wrong(f"must be {words}, but is {described(value)}", f"write {words}")

    return PlainValidator(check)


def _time(value: Any) -> datetime:
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        remedy = "write date and time of a real day, such as `2025-02-03T23:59`"
        raise wrong(f"must be a time in ISO 8601, but is {described(value)}", remedy) from None


def _timezone(value: Any) -> ZoneInfo:
    text = _text(value)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        remedy = did_you_mean(text, available_timezones(), "write a name such as `America/Los_Angeles`")
        raise wrong(f"there is no timezone “{shortened(text)}”", remedy) from None


def relative_path(value: Any) -> str:
    """A path below the file's folder, with forward slashes. Raises the field error."""
    text = _text(value)
    path = PurePosixPath(text)
    outside = path.is_absolute() or ".." in path.parts or bool(PureWindowsPath(text).drive)
    if not path.parts or outside or "\\" in text or not text.isprintable():
        remedy = "write a path below this file's folder, with forward slashes: `data/movies.csv`"
        raise wrong(f"must be a relative path inside the folder, but is {described(text)}", remedy)
    return str(path)


def _notebook(value: Any) -> str:
    text = relative_path(value)
    if "/" in text or not text.endswith(".ipynb") or text == ".ipynb":
        raise wrong(f"must be the name of a notebook, but is {described(text)}", "write a name that ends in `.ipynb`")
    return text


def _module(value: Any) -> str:
    text = _text(value)
    if not _MODULE.fullmatch(text):
        raise wrong(
            f"must be the name of a module, but is {described(text)}", "write a name such as `torch` or `torch.nn`"
        )
    return text


Prose = Annotated[str, PlainValidator(_prose)]
Line = Annotated[str, PlainValidator(_line)]
Slug = Annotated[str, PlainValidator(slug)]
Points = Annotated[Decimal, PlainValidator(_points)]
Percent = Annotated[Decimal, PlainValidator(_percent)]
Seconds = Annotated[float, PlainValidator(_seconds)]
Memory = Annotated[int, PlainValidator(memory)]
Flag = Annotated[bool, PlainValidator(_flag)]
LocalTime = Annotated[datetime, PlainValidator(_time)]
Timezone = Annotated[ZoneInfo, PlainValidator(_timezone)]
RelativePath = Annotated[str, PlainValidator(relative_path)]
NotebookName = Annotated[str, PlainValidator(_notebook)]
ModuleName = Annotated[str, PlainValidator(_module)]
