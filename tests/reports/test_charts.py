"""The geometry of the histogram."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.charts import MAX_BARS, bins, histogram

POINTS = st.decimals(min_value=0, max_value=100, places=1)


@given(st.lists(POINTS, max_size=60), st.sampled_from(["0", "0.5", "1", "7.5", "20", "24", "25", "100", "1000"]))
def test_bins_lose_nobody(points, most):
    """Every student is in one of at most 25 bins, whatever the points."""
    content = bins(points, Decimal(most))
    assert sum(bin.count for bin in content) == len(points)
    assert 1 <= len(content) <= MAX_BARS
    for size in ((760, 300), (300, 260)):
        chart = histogram(content, points[0] if points else None, width=size[0], height=size[1])
        assert all(0 <= bar.x <= bar.x + bar.width <= chart.right + 0.01 for bar in chart.bars)
        assert all(bar.y >= chart.ticks[-1].y - 0.01 for bar in chart.bars)
        assert chart.median is None or chart.left <= chart.median <= chart.right


def test_bins_are_single_values_where_points_are_whole():
    """Out of 20, whole points have a bar each, and full points one of their own."""
    content = bins([Decimal(17), Decimal("20.0")], Decimal(20))
    assert [bin.label for bin in content if bin.count] == ["17", "20"]
    assert len(content) == 21


def test_bins_are_ranges_where_points_are_not_whole():
    """Half points share a bar with the whole point below."""
    content = bins([Decimal("17.5"), Decimal(20)], Decimal(20))
    assert [bin.label for bin in content if bin.count] == ["17 to under 18", "20"]


@pytest.mark.parametrize("width", [300, 760])
def test_histogram_labels_do_not_touch(width):
    """Labels that are drawn are far enough apart, also on a phone."""
    chart = histogram(bins([Decimal(50)], Decimal(100)), None, width=width, height=260)
    places = [(bar.text_x, len(bar.text) * 7.5) for bar in chart.bars if bar.text]
    for (x, wide), (next_x, next_wide) in pairwise(places):
        assert next_x - x >= (wide + next_wide) / 2
