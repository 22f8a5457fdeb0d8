"""Authors run an assignment's tests by hand: plain pytest, the notebook in the fence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

AUTOGRADER = Path(sys.executable).parent / "autograder"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new course as `autograder init` writes it."""
    folder = tmp_path_factory.mktemp("byhand") / "course"
    subprocess.run([AUTOGRADER, "init", folder], check=True, capture_output=True)
    return folder


def by_hand(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pytest` in the course's folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)


def submission(course: Path, student: str) -> str:
    """The path of a sample submission, from the course's folder."""
    return str(next((course / "submissions").rglob(f"{student}.ipynb")).relative_to(course))


def test_hidden_tests_pass_on_a_right_notebook(course: Path) -> None:
    """The sample student who answered everything right passes every hidden and public test."""
    done = by_hand(course, "tests/hidden/first-steps", "--submission", submission(course, "ada"))
    assert done.returncode == 0, done.stdout + done.stderr
    public = by_hand(course, "assignments/first-steps/public", "--submission", submission(course, "ada"))
    assert public.returncode == 0, public.stdout + public.stderr


def test_hidden_tests_fail_on_a_wrong_notebook(course: Path) -> None:
    """The sample student with a mistake fails, and pytest says where."""
    done = by_hand(course, "tests/hidden/first-steps", "--submission", submission(course, "grace"))
    assert done.returncode == 1
    assert "FAILED tests/hidden/first-steps" in done.stdout


def test_missing_submission_is_one_clear_message(course: Path) -> None:
    """A file that is not there is a usage error in one line, not a traceback."""
    done = by_hand(course, "tests/hidden/first-steps", "--submission", "nobody.ipynb")
    assert done.returncode == 4
    assert "nobody.ipynb" in done.stderr
    assert "Traceback" not in done.stderr


def test_cell_that_fails_is_named_in_the_header(course: Path, tmp_path: Path) -> None:
    """An author sees at once that a cell of the notebook failed."""
    notebook = json.loads((course / submission(course, "ada")).read_text())
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": "1 / 0", "outputs": []})
    path = tmp_path / "broken.ipynb"
    path.write_text(json.dumps(notebook))
    done = by_hand(course, "tests/hidden/first-steps", "-v", "--submission", str(path))
    assert done.returncode == 0
    assert "ZeroDivisionError" in done.stdout


def test_nothing_of_a_student_moves_the_authors_cursor(course: Path, tmp_path: Path) -> None:
    """Escape sequences in an exception, raised by a cell or in a test, are shown as signs."""
    notebook = json.loads((course / submission(course, "ada")).read_text())
    clear = "\\x1b]52;c;QQ==\\x07\\x9b2J\\u202etxt"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "def " in "".join(cell["source"]):
            name = "".join(cell["source"]).partition("def ")[2].partition("(")[0]
            cell["source"] = f"def {name}(*args, **kwargs):\n    raise ValueError('LOUD {clear}')"
    notebook["cells"].append(
        {"cell_type": "code", "metadata": {}, "source": f"raise KeyError('{clear}')", "outputs": []}
    )
    path = tmp_path / "loud.ipynb"
    path.write_text(json.dumps(notebook))
    done = by_hand(course, "tests/hidden/first-steps", "-v", "-rA", "--color=no", "--submission", str(path))
    assert done.returncode == 1
    assert "LOUD" in done.stdout
    assert done.stdout.replace("\n", "").isprintable()
