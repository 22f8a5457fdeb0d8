"""The course of this repository: right files, student notebooks as the masters give them, graders that are proven."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course import check_course, load_assignment, load_course

ROOT = Path(__file__).resolve().parents[1]
AUTOGRADER = Path(sys.executable).parent / "autograder"
ASSIGNMENTS = load_course(ROOT).assignments


def test_course_files_have_no_problem() -> None:
    """Every course file of the repository is right."""
    assert not check_course(ROOT)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_assignment_has_enough_known_answers(name: str) -> None:
    """Every assignment comes with at least eight wrong and three right answers."""
    solution = load_assignment(load_course(ROOT), name).solution
    assert len(list((solution / "wrong").glob("*.py"))) >= 8
    assert len(list((solution / "right").glob("*.py"))) >= 3


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def verification(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What `autograder verify --json` says of an assignment."""
    command = [AUTOGRADER, "verify", request.param, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_graders_are_proven(verification: dict[str, Any]) -> None:
    """Reference, blank, wrong, right and hostile answers all get exactly the verdicts that they must get."""
    assert verification["problems"] == []
    assert verification["ok"]


def test_every_kind_of_answer_was_graded(verification: dict[str, Any]) -> None:
    """The proof covers every kind of known answer, and each of them was really graded."""
    answers = verification["answers"]
    assert {answer["sort"] for answer in answers} == {"reference", "blank", "right", "wrong", "hostile"}
    assert all(answer["fault"] is None and set(answer["verdicts"]) == set(verification["tests"]) for answer in answers)
