"""Our own results file, as this program reads it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.grader import Unavailable
from benchmarks.peers.measure import CommandFailed
from benchmarks.peers.ours import Ours, points_of, read_reports
from benchmarks.peers.task import load_task

COURSE = Path(__file__).resolve().parent.parent / "torch_three"


def _line(**changed: Any) -> str:
    test = {"id": "test_relu", "verdict": "passed", "points": 1.0, "max_points": 1.0, "visibility": "hidden"}
    report = {
        "schema": 1,
        "assignment": "torch-three",
        "student": "student-0001",
        "members": ["student-0001"],
        "submission": "sha256:00",
        "submitted_at": None,
        "outcome": "graded",
        "reason": None,
        "points": 1.0,
        "max_points": 1.0,
        "manual_points_pending": 0.0,
        "questions": [{"id": "relu", "points": 1.0, "max_points": 1.0, "tests": [{**test, "message": None}]}],
        "repairs": [],
        "flags": [],
        "isolation": "full",
        "snapshots": True,
        "device": "cpu",
        "seed": 20250203,
        "seconds": 0.08,
    }
    return json.dumps(report | changed)


def test_points_are_read_from_the_results_file(tmp_path: Path) -> None:
    """One line for each student, points as exact decimals."""
    results = tmp_path / "results.jsonl"
    results.write_text(_line() + "\n" + _line(student="student-0002") + "\n")
    points = {"relu": Decimal("1.0")}
    assert points_of(read_reports(results)) == {"student-0001": points, "student-0002": points}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"outcome": "rejected", "reason": "not a notebook"}, "not a notebook"),
        ({"outcome": "undecided", "reason": "no runner"}, "no runner"),
        ({"questions": [{"id": "relu", "points": None, "max_points": 1.0, "tests": []}]}, "not decided in full"),
        ({"isolation": "none"}, "without a fence"),
    ],
)
def test_runs_that_must_not_count(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    """Speed is worth nothing if a submission was not graded, or not behind a fence."""
    results = tmp_path / "results.jsonl"
    results.write_text(_line(**changed))
    with pytest.raises(CommandFailed, match=reason):
        points_of(read_reports(results))


def test_missing_command_is_a_sentence(tmp_path: Path) -> None:
    """Without an installed package the run says what to do."""
    with pytest.raises(Unavailable, match="install"):
        Ours(load_task(COURSE), tmp_path, tmp_path / "work", jobs=2).prepare()
