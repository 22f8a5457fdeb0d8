"""The benchmark of a card: it grades rightly in each way, and says what it lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.cards import Card, find_cards
from benchmarks.gpu.class_of_models import WAYS, measure_all

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
STAND_IN = Card("the CPU", 2**35, 2**34, torch="cpu", nodes=("/dev/full",), started="/dev/full")


def test_every_way_grades_rightly(tmp_path: Path) -> None:
    """With the CPU in the card's place each way gives all students all points, and a time."""
    measured = measure_all(STAND_IN, tmp_path, students=2, jobs=2, repeat=1)
    assert list(measured) == [way.name for way in WAYS]
    for one in measured.values():
        assert (one.wrong, len(one.seconds)) == (0, 1)
        assert one.students_per_minute > 0


def test_no_card_is_no_result() -> None:
    """Without a card the command says so, and that there is no result."""
    if find_cards()[0]:
        pytest.skip("there is a card")
    done = subprocess.run([sys.executable, "-m", "benchmarks.gpu"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Nothing to measure: " in done.stderr
