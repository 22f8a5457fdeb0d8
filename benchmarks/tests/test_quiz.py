"""The quiz benchmark measures every step, and says what is not as contracted."""

from __future__ import annotations

from pathlib import Path

from benchmarks.quiz import CONTRACTED_CLASS, faults, measure

STEPS = ["read responses", "score", "store", "regrade, dry run", "regrade, written", "analyse"]


def _seconds(score: float, regrade: float) -> dict[str, float]:
    return dict(zip(STEPS, (0.1, score, 0.1, regrade, 0.1, 0.1), strict=True))


def test_every_step_is_measured(tmp_path: Path) -> None:
    """A small class runs through all steps, in order; none takes no time at all but for rounding."""
    found = measure(tmp_path, 40)
    assert list(found) == STEPS
    assert sum(found.values()) > 0


def test_missed_numbers_are_named() -> None:
    """Scoring and regrading beyond the contract are each a sentence; within it there is none."""
    assert faults({CONTRACTED_CLASS: _seconds(0.5, 4.0)}) == []
    slow = faults({CONTRACTED_CLASS: _seconds(1.2, 6.0)})
    assert [text.split()[0] for text in slow] == ["scoring", "a"]


def test_time_that_grows_faster_than_the_class_is_named() -> None:
    """Ten times the students may take ten times as long, not thirty times."""
    small = _seconds(0.5, 1.0)
    linear = {name: 10 * value for name, value in small.items()}
    worse = {name: 30 * value for name, value in small.items()}
    assert faults({1000: small, 10_000: linear}) == []
    (text,) = faults({1000: small, 10_000: worse})
    assert "3.0 times as much" in text
