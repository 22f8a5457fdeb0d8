"""The course of this repository: right files, student notebooks as the masters give them, graders that are proven."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course import check_course, load_assignment, load_course
from autograder.grading.material import load_material
from autograder.notebook import submission_notebook, to_bytes
from autograder.results import Visibility

ROOT = Path(__file__).resolve().parents[1]
AUTOGRADER = Path(sys.executable).parent / "autograder"
ASSIGNMENTS = load_course(ROOT).assignments

# Runs a notebook's cells one by one as Jupyter does, without its kernel; ends with the first that raises.
TOP_TO_BOTTOM = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
"""


def test_course_files_have_no_problem() -> None:
    """Every course file of the repository is right."""
    assert not check_course(ROOT)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_assignment_has_enough_known_answers(name: str) -> None:
    """Every assignment comes with at least eight wrong and three right answers."""
    solution = load_assignment(load_course(ROOT), name).solution
    assert len(list((solution / "wrong").glob("*.py"))) >= 8
    assert len(list((solution / "right").glob("*.py"))) >= 3


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_checks_pass_as_a_student_meets_them(name: str, tmp_path: Path) -> None:
    """The notebook with right answers, run from top to bottom: nothing raises, and every check passes."""
    material = load_material(load_assignment(load_course(ROOT), name))
    assert len(material.masters) == 1
    notebook = submission_notebook(material.masters[0], material.releases[0])
    folder = shutil.copytree(ROOT / "assignments" / name, tmp_path / name)
    (folder / "own.ipynb").write_bytes(to_bytes(notebook))
    settings = {"IPYTHONDIR": str(tmp_path / "ipython"), "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", TOP_TO_BOTTOM, "own.ipynb"]
    done = subprocess.run(command, cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    told = re.findall(r"^(\d+) of (\d+) public tests? passed", done.stdout, re.MULTILINE)
    assert all(passed == public for passed, public in told), re.findall(r"^ +✗[^✓]*", done.stdout, re.MULTILINE)
    questions = {test.question for test in material.assignment.tests if test.visibility is Visibility.PUBLIC}
    assert len(told) == len(questions) > 0


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
