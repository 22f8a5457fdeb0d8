"""How numbers are written: points without float noise, seconds, shares, moments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

NOTHING = "–"
_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


def amount(value: Decimal | None) -> str:
    """Points as people write them: `17`, `0.1`, `2.25`; `–` while there are none."""
    if value is None or not value.is_finite():
        return NOTHING
    rounded = value.quantize(_CENT, ROUND_HALF_UP)
    text = f"{rounded:f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def average(value: Decimal | None) -> str:
    """A mean or a spread, to a tenth."""
    return NOTHING if value is None else f"{value.quantize(_TENTH, ROUND_HALF_UP):f}"


def percent(share: float | None) -> str:
    """A share of one as whole percents; 0% and 100% are kept for none and all."""
    if share is None:
        return NOTHING
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return f"{whole}%"


def seconds(value: float | None) -> str:
    """A duration with two figures that matter: `0.04 s`, `1.3 s`, `75 s`."""
    if value is None:
        return NOTHING
    if value < 0.1:
        return f"{value:.2f}\N{NO-BREAK SPACE}s"
    return f"{value:.1f}\N{NO-BREAK SPACE}s" if value < 10 else f"{value:.0f}\N{NO-BREAK SPACE}s"


def memory(size: int) -> str:
    """Bytes as people count memory: `180 MiB`, `2.5 GiB`."""
    mebibytes = size / 2**20
    text = f"{mebibytes:.0f} MiB" if mebibytes < 1000 else f"{mebibytes / 1024:.1f} GiB"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def moment(value: datetime) -> str:
    """A moment in full, with its zone: `3 February 2025, 23:59 UTC`."""
    zone = value.tzname() or ""
    return f"{value.day} {value:%B %Y, %H:%M} {zone}".rstrip()


def moment_of(text: str | None) -> str | None:
    """A moment from its ISO form; text that is no moment is shown as it is."""
    if text is None:
        return None
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 test`, `3 tests`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
