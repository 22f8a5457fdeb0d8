"""The quiz's pictures: everything lies inside, at the right place, and labels keep apart."""

import math
from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from autograder.reports.quiz_charts import curves, item_map
from autograder.reports.quiz_info import ItemView

LIMITS = (0.2, 0.9, 0.1)
BARE = ItemView(1, "q", "", "single", 1, 40, 0, 0, 0.5, None, 0.3, None, None, None, None, None, (0.1, 0.5, 0.9))  # type: ignore[arg-type]


def items(*places):
    """Questions at (difficulty, item-rest)."""
    return [
        replace(BARE, number=number, id=f"q{number}", difficulty=difficulty, item_rest=rest)
        for number, (difficulty, rest) in enumerate(places, 1)
    ]


@pytest.mark.parametrize("size", [(760, 420), (320, 340)])
def test_marks_stand_at_their_numbers(size):
    """Twice as easy is twice as far right; the zero line and a point on it agree; no number leaves the frame."""
    map = item_map(
        items((0.25, 0.0), (0.5, 0.4), (1.0, 0.8), (0.0, -0.5)), width=size[0], height=size[1], limits=LIMITS
    )
    at = {mark.item.id: mark for mark in map.marks}
    assert at["q2"].x - map.left == pytest.approx(2 * (at["q1"].x - map.left))
    zero = next(tick.at for tick in map.up if tick.text == "0.0")
    assert at["q1"].y == pytest.approx(zero)
    assert at["q4"].y > zero > at["q2"].y > at["q3"].y
    for mark in map.marks:
        assert map.left <= mark.label_x <= map.right
        assert map.top <= mark.label_y <= map.base
        assert map.top <= mark.y <= map.base


def test_marks_at_one_place_are_moved_apart():
    """Twenty questions with the same numbers can all be read; each still points at its own place."""
    map = item_map(items(*[(0.6, 0.3)] * 20), width=760, height=420, limits=LIMITS)
    for one, other in combinations(map.marks, 2):
        assert math.dist((one.label_x, one.label_y), (other.label_x, other.label_y)) > 20
        assert (one.x, one.y) == (other.x, other.y)


def test_question_without_numbers_is_not_on_the_map():
    """What has no difficulty or no correlation has no place."""
    map = item_map(items((None, 0.2), (0.5, None), (0.5, 0.2)), width=760, height=420, limits=LIMITS)
    assert [mark.item.id for mark in map.marks] == ["q3"]


def test_curves_rise_with_their_shares():
    """More is higher, the whole picture is 0 to 100 percent, and the key alone has no dashes."""
    picture = curves([("A", True, (0.0, 0.5, 1.0)), ("B", False, (0.4, 0.3, 0.2))], width=420, height=200)
    key, other = picture.lines
    low, middle, high = (y for _, y in key.dots)
    assert [low, middle, high] == [tick.at for tick in picture.up]
    assert (key.dash, bool(other.dash)) == ("", True)


def test_labels_of_curves_keep_apart():
    """Seven choices that end at the same height have seven labels that can be read, inside the picture."""
    picture = curves([(name, False, (0.1, 0.1, 0.0)) for name in "ABCDEFG"], width=420, height=200)
    heights = sorted(line.label_y for line in picture.lines)
    assert all(b - a >= 15.9 for a, b in pairwise(heights))
    assert heights[-1] <= picture.up[0].at
    assert heights[0] >= 0


def test_curve_without_a_third_is_left_out():
    """A class of nobody has no curve."""
    assert curves([("A", True, (None, None, None))], width=420, height=200).lines == ()
