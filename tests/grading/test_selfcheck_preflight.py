"""What `autograder check` makes of a file before anything runs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autograder.cli.release import release
from autograder.course import load_assignment, load_course
from autograder.errors import CourseError, SubmissionRejected
from autograder.grading.material import load_material
from autograder.grading.preflight import PreflightQuestion, read_preflight
from autograder.notebook.packing import check_cell_source

TESTS = "import pytest\n\n\n@pytest.mark.question('q', points=1)\ndef test_one(student):\n    student.get('x')\n"


def notebook(*sources: str, **own: Any) -> bytes:
    """A notebook of code cells; `own` is our metadata."""
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for n, source in enumerate(sources)
    ]
    metadata = {"autograder": own} if own else {}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one assignment, released."""
    root = tmp_path / "course"
    test = "import pytest\n\n\n@pytest.mark.question('double', points={})\ndef test_double_of_{}(student):\n"
    files = {
        "course.yml": "course: c\ntitle: C\ntimezone: UTC\nassignments: [hw]\n",
        "assignments/hw/assignment.yml": (
            "assignment: hw\ntitle: H\nquestions:\n  - {id: double, title: D, kind: code, points: 3}\n"
        ),
        "assignments/hw/public/test_public.py": test.format(1, "two") + "    student.call('double', 2)\n",
        "tests/hidden/hw/test_hidden.py": test.format(2, "three") + "    student.call('double', 3)\n",
        "solutions/hw/master.py": (
            '# %% question="double"\ndef double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n'
        ),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    release(load_material(load_assignment(load_course(root), "hw")), None)
    return root


def test_lone_notebook_brings_its_own_tests(tmp_path: Path) -> None:
    """Check cells give tests and points, the metadata the rest; check cells are not run."""
    facts = {"q": {"points": 4, "public_points": 1}, "why": {"points": 3, "public_points": 0}}
    facts["lost"] = {"points": 2, "public_points": 1}
    path = tmp_path / "a.ipynb"
    check = check_cell_source("q", TESTS, "pip", Decimal("4"))
    path.write_bytes(notebook("import torch.nn\nx = 1", check, assignment="hw", questions=facts))
    preflight = read_preflight(path)
    assert preflight.assignment == "hw"
    assert preflight.cells == ((0, "import torch.nn\nx = 1"),)
    assert preflight.imports == ("torch",)
    assert preflight.questions == (
        PreflightQuestion("q", Decimal(4), Decimal(1), tests=TESTS),
        PreflightQuestion("why", Decimal(3), Decimal(0), written=True),
        PreflightQuestion("lost", Decimal(2), Decimal(1)),
    )


def test_check_cell_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    """Without points in the cell and without metadata the points are simply not known."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook(check_cell_source("q", TESTS, "pip")))
    assert read_preflight(path).questions == (PreflightQuestion("q", tests=TESTS),)


def test_percent_file_is_a_notebook_too(tmp_path: Path) -> None:
    """A `.py` file in percent format is read like the notebook it came from."""
    path = tmp_path / "a.py"
    path.write_text(f"# %%\nx = 1\n\n# %%\n{check_cell_source('q', TESTS, 'pip', Decimal(2))}\n")
    preflight = read_preflight(path)
    assert preflight.cells == ((0, "x = 1"),)
    assert preflight.questions == (PreflightQuestion("q", Decimal(2), tests=TESTS),)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"{", "cut off"), (b"%PDF-1.7", "PDF"), (notebook("x = 1"), "no check cells")],
)
def test_unusable_file_is_refused_with_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    """The sentence is the one that handing it in would give."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    with pytest.raises(SubmissionRejected, match=sentence):
        read_preflight(path)


def test_course_that_is_none_is_the_callers_mistake(tmp_path: Path) -> None:
    """A course that was named must be one; a course that happens to lie around is only asked."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook(check_cell_source("q", TESTS, "pip")))
    with pytest.raises(CourseError):
        read_preflight(path, tmp_path)
    (tmp_path / "course.yml").write_text("course: x\n")
    assert read_preflight(path).questions


def test_notebook_in_its_course_meets_the_courses_tests(course: Path) -> None:
    """The public folder counts there, and the answer is taken in as it would be for grading."""
    path = course / "submissions" / "ada.ipynb"
    path.parent.mkdir()
    released = json.loads((course / "assignments" / "hw" / "hw.ipynb").read_bytes())
    for cell in released["cells"]:
        cell["source"] = "check = print" if cell["id"] == "double-check" else cell["source"]
    path.write_text(json.dumps(released))
    preflight = read_preflight(path)
    (question,) = preflight.questions
    assert (question.id, question.points, question.public_points) == ("double", Decimal(3), Decimal(1))
    assert "def test_double_of_two" in question.tests
    assert any("double" in note for note in preflight.notes)


def test_course_can_be_named(course: Path, tmp_path: Path) -> None:
    """`--course` serves a notebook that lies elsewhere."""
    path = tmp_path / "elsewhere.ipynb"
    path.write_bytes((course / "assignments" / "hw" / "hw.ipynb").read_bytes())
    assert read_preflight(path, course).questions[0].public_points == 1
