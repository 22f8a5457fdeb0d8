"""How numbers are written."""

from decimal import Decimal

import pytest

from autograder.reports import amounts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("17.0"), "17"),
        (Decimal("0.1") + Decimal("0.2"), "0.3"),
        (Decimal(str(0.1 + 0.2)), "0.3"),
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal(2) / 3, "0.67"),
        (Decimal("-0.001"), "0"),
        (Decimal("2.25"), "2.25"),
        (None, "–"),
        (Decimal("NaN"), "–"),
    ],
)
def test_amount(value, shown):
    """Points as people write them."""
    assert amounts.amount(value) == shown


@pytest.mark.parametrize(("share", "shown"), [(1.0, "100%"), (0.999, "99%"), (0.0, "0%"), (0.001, "1%"), (None, "–")])
def test_percent_keeps_none_and_all(share, shown):
    """Rounding never says that all passed when one did not."""
    assert amounts.percent(share) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("2025-02-03T23:59:00-08:00", "3 February 2025, 23:59 UTC-08:00"), ("yesterday", "yesterday"), (None, None)],
)
def test_moment_of(text, shown):
    """ISO moments are spelt out, other text stays."""
    assert amounts.moment_of(text) == shown


def test_memory():
    """Whole mebibytes, and gibibytes where there are many."""
    sizes = (0, 180 * 2**20, 999 * 2**20, 2.5 * 2**30)
    assert [amounts.memory(int(size)).replace("\xa0", " ") for size in sizes] == [
        "0 MiB",
        "180 MiB",
        "999 MiB",
        "2.5 GiB",
    ]


def test_seconds_and_counts():
    """Two figures that matter; one test, two tests."""
    assert [amounts.seconds(value).replace("\xa0", " ") for value in (0.041, 1.26, 75.2)] == ["0.04 s", "1.3 s", "75 s"]
    assert [amounts.count(value, "test") for value in (0, 1, 2_000)] == ["0 tests", "1 test", "2,000 tests"]
