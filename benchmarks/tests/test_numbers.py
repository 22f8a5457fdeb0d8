"""From runs to contracted numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from benchmarks.peers.bench import shares
from benchmarks.peers.measure import Usage
from benchmarks.peers.numbers import NOTHING, Run, TooNoisy, disagreements, figures, goals
from benchmarks.peers.task import Submission


def _runs(submissions: int, *seconds: float) -> list[Run]:
    return [Run(submissions, Usage(value, value / 2)) for value in seconds]


def test_figures_are_the_line_through_the_medians() -> None:
    """The slope is the steady state; one slow run of three changes nothing."""
    ours = figures("ours", _runs(50, 5.0, 4.0, 30.0), _runs(150, 7.0, 6.0, 8.0), None)
    assert ours.seconds == pytest.approx(0.02)
    assert ours.cpu_seconds == pytest.approx(0.01)
    assert ours.whole(50) == pytest.approx(5.0)


def test_figures_without_start_are_proportional() -> None:
    """A grader that starts anew for each submission has no start-up of its own."""
    otter = figures("otter", [NOTHING], _runs(6, 48.0), None)
    assert otter.whole(50) == pytest.approx(400.0)


def test_figures_of_a_busy_machine() -> None:
    """A line that does not rise is no result."""
    with pytest.raises(TooNoisy, match="quiet"):
        figures("ours", _runs(50, 5.0), _runs(150, 4.9), None)


def test_goals_say_what_was_met() -> None:
    """Ratios of steady states and of whole commands, and milliseconds above the bare cells."""
    measured = {
        "ours": figures("ours", _runs(50, 4.0), _runs(150, 6.0), None),
        "ours-20": figures("ours-20", _runs(50, 4.0), _runs(150, 30.0), None),
        "nbgrader": figures("nbgrader", _runs(1, 4.5), _runs(50, 127.0), None),
        "otter": figures("otter", [NOTHING], _runs(6, 12.0), None),
    }
    reached = {goal.name: (round(goal.reached, 2), goal.met) for goal in goals(measured, 0.004, 50)}
    assert reached == {
        "one more, against nbgrader": (125.0, True),
        "50 in all, against nbgrader": (31.75, True),
        "one more, against otter": (100.0, False),
        "CPU of one more above the bare cells": (6.0, True),
        "CPU above the bare cells, 20 tests": (126.0, True),
    }


def test_goals_need_ours() -> None:
    """Without our own run there is nothing to judge."""
    assert goals({"otter": figures("otter", [NOTHING], _runs(6, 12.0), None)}, 0.004, 50) == []


def test_disagreements_name_student_question_and_points() -> None:
    """A missing submission and a wrong number are both found; equal amounts of other scale are not."""
    expected = {"relu": Decimal(1), "step": Decimal(2)}
    submissions = [Submission(name, {}, expected) for name in ("ada", "bob", "cy")]
    scores = {"ada": {"relu": Decimal("1.0"), "step": Decimal("2.0")}, "bob": {"relu": Decimal(0), "step": Decimal(2)}}
    assert disagreements("otter", submissions, scores) == [
        "otter: bob, relu: 0 instead of 1",
        "otter: cy, relu: None instead of 1",
        "otter: cy, step: None instead of 2",
    ]


def test_rounds_are_shared_out_evenly() -> None:
    """What is left over goes to the first places."""
    assert shares(6, 3) == [2, 2, 2]
    assert shares(5, 3) == [2, 2, 1]
    assert shares(1, 3) == [1, 0, 0]
    assert shares(3, 1) == [3]
