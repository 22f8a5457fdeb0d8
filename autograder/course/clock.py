"""Times in course files: ISO 8601, with or without seconds, in the course's timezone unless they carry an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class NoSuchTime(ValueError):
    """A local time that the clocks skip, or that they show twice; `remedy` says what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def parse_time(text: str) -> datetime:
    """A time as written, aware only if it carries an offset. ValueError if it is no ISO 8601 time."""
    if not _ISO.fullmatch(text):
        raise ValueError(f"{text!r} is not an ISO 8601 time")
    return datetime.fromisoformat(text)


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """The aware time in `zone`. NoSuchTime where the clocks change and the local time does not say which."""
    if moment.tzinfo is not None:
        return moment.astimezone(zone)
    local = moment.replace(tzinfo=zone)
    shown = local.astimezone(UTC).astimezone(zone)
    if shown.replace(tzinfo=None) != moment:
        raise NoSuchTime(
            f"{_short(moment)} does not exist in {zone.key}: the clocks skip it",
            f"write `{_short(shown)}`, or another time",
        )
    first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    if first != second:
        later = local.replace(fold=1)
        raise NoSuchTime(
            f"{_short(moment)} happens twice in {zone.key}: the clocks go back",
            f"add the offset that you mean: `{local.isoformat()}` or, later, `{later.isoformat()}`",
        )
    return local


def _short(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes" if not moment.second else "auto")
