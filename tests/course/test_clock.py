"""Times in course files."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.clock import NoSuchTime, in_zone, parse_time

ZONE = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("text", "utc"),
    [("2025-02-03T23:59", "2025-02-04T07:59"), ("2025-07-03T23:59:30", "2025-07-04T06:59:30"),
     ("2025-02-03 23:59", "2025-02-04T07:59"), ("2025-02-03T23:59Z", "2025-02-03T23:59"),
     ("2025-11-02T01:30-07:00", "2025-11-02T08:30")],
)  # fmt: skip
def test_time_in_zone(text: str, utc: str) -> None:
    """A time is local to the course unless it carries an offset; seconds are optional."""
    moment = in_zone(parse_time(text), ZONE)
    assert moment.timestamp() == datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()
    assert moment.tzinfo is ZONE


@pytest.mark.parametrize(
    "text", ["2025-02-03", "2025-02-30T10:00", "3 Feb 2025", "2025-02-03T24:01", "20250203T1000", ""]
)
def test_time_malformed(text: str) -> None:
    """Dates without a time, days that do not exist and other spellings are refused."""
    with pytest.raises(ValueError, match=r"ISO|day|hour"):
        parse_time(text)


def test_time_skipped_by_the_clocks() -> None:
    """A local time in the gap of spring does not exist."""
    with pytest.raises(NoSuchTime, match="skip") as caught:
        in_zone(parse_time("2025-03-09T02:30"), ZONE)
    assert "`2025-03-09T03:30`" in caught.value.remedy


def test_time_shown_twice() -> None:
    """A local time in the autumn's doubled hour needs an offset; the remedy spells both."""
    with pytest.raises(NoSuchTime, match="twice") as caught:
        in_zone(parse_time("2025-11-02T01:30"), ZONE)
    assert "2025-11-02T01:30:00-07:00" in caught.value.remedy
    assert "2025-11-02T01:30:00-08:00" in caught.value.remedy


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1)))
def test_time_keeps_the_wall_clock(moment: datetime) -> None:
    """Whatever is accepted shows the same time on the wall, and comes back from UTC unchanged."""
    try:
        local = in_zone(moment, ZONE)
    except NoSuchTime:
        return
    assert local.replace(tzinfo=None) == moment
    assert local.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None) == moment
    assert timedelta(hours=-8) <= (local.utcoffset() or timedelta()) <= timedelta(hours=-7)
