"""`autograder check`: a notebook run and tested on the student's own machine, with a receipt."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder.cli.main import main
from autograder.notebook.packing import check_cell_source

TESTS = """import pytest
from autograder.checks import assert_equal


@pytest.mark.question("double", points=1, hint="Add it to itself.")
def test_double(student):
    \"\"\"Twice two is four.\"\"\"
    assert_equal(student.call("double", 2), 4)
"""
RIGHT = "def double(x):\n    print('doubling', flush=True)\n    return 2 * x"
FACTS = {"double": {"points": 3, "public_points": 1}, "why": {"points": 2, "public_points": 0}}


def write(path: Path, *sources: str) -> Path:
    """A released notebook with these cells before its check cell."""
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Homework"}]
    for number, source in enumerate([*sources, check_cell_source("double", TESTS, "pip", Decimal(3))]):
        cell = {"cell_type": "code", "id": f"c{number}", "metadata": {}, "outputs": [], "execution_count": None}
        cells.append({**cell, "source": source})
    own = {"assignment": "hw", "notebook": path.name, "questions": FACTS}
    path.write_text(json.dumps({"cells": cells, "metadata": {"autograder": own}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def check(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """The exit code and what was printed."""
    with pytest.raises(SystemExit) as ended:
        main(["check", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code, "".join(capfd.readouterr())


def test_right_notebook_passes_with_a_receipt(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 0, the tests, the table, and a receipt with the file's hash and the points that stay hidden."""
    path = write(tmp_path / "hw.ipynb", RIGHT, "%matplotlib inline\nimport os\nawait __import__('asyncio').sleep(0)")
    code, out = check(capfd, path)
    assert code == 0
    assert "  ✓ Twice two is four.\n1 of 1 public test passed (1 of 3 points). 2 points stay hidden" in out
    assert "1 of 1 public point; 2 points stay hidden until grading; 2 points are graded by hand" in out
    assert hashlib.sha256(path.read_bytes()).hexdigest() in out
    assert "doubling" not in out
    assert "failed" not in out
    assert {entry.name for entry in tmp_path.iterdir()} == {"hw.ipynb"}


def test_wrong_notebook_fails_as_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 1 and one JSON object: failed cells with their line, verdicts, and packages that are missing."""
    cells = ("def double(x):\n    return 1 / x", "import no_such_package.part", "1\n\ndouble(0)")
    code, out = check(capfd, write(tmp_path / "hw.ipynb", *cells), "--json")
    receipt = json.loads(out)
    assert code == 1
    assert receipt["ok"] is False
    assert receipt["missing"] == ["no_such_package"]
    first, second = receipt["failed_cells"]
    assert (first["ran"], first["name"]) == (3, "ModuleNotFoundError")  # counted from 1, as people count them
    assert (second["ran"], second["cell"], second["line"], second["source"]) == (4, 2, 2, "return 1 / x")
    assert receipt["versions"]["autograder"] == autograder.__version__
    assert receipt["questions"][0]["tests"][0]["verdict"] == "failed"
    assert (receipt["public_points_earned"], receipt["public_points"], receipt["hidden_points"]) == (0, 1, 2)
    assert receipt["points_graded_by_hand"] == 2
    assert receipt["versions"]["numpy"]


def test_notebook_finds_files_beside_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It runs in its own folder; a file there that is called like a package of ours harms nobody but itself."""
    (tmp_path / "factor.py").write_text("FACTOR = 2\n")
    (tmp_path / "click.py").write_text("raise RuntimeError\n")
    source = "from factor import FACTOR\nopen('factor.py').close()\ndef double(x):\n    return FACTOR * x"
    assert check(capfd, write(tmp_path / "hw.ipynb", source))[0] == 0


def test_hanging_cell_is_stopped_and_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--timeout ends the run; the receipt says where it was."""
    code, out = check(capfd, write(tmp_path / "hw.ipynb", "1", "while True: pass"), "--timeout", "4")
    assert code == 1
    assert "Stopped after 4 s, while cell 3 was running." in out
    assert "the run ended before them" in out


def test_cell_that_ends_python_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A crash is no crash of ours."""
    code, out = check(capfd, write(tmp_path / "hw.ipynb", "import os\nos._exit(3)"))
    assert code == 1
    assert "Python ended while cell 2 was running (exit status 3)." in out


@pytest.mark.parametrize(("data", "sentence"), [("{", "cut off"), ('{"cells": []}', "no check cells")])
def test_file_that_is_no_notebook(tmp_path: Path, capfd: pytest.CaptureFixture[str], data: str, sentence: str) -> None:
    """Exit 2 and the sentence that handing it in would give."""
    path = tmp_path / "hw.ipynb"
    path.write_text(data)
    code, out = check(capfd, path)
    assert code == 2
    assert sentence in out
    assert "Traceback" not in out


def test_missing_file_is_a_wrong_call(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 2 as well."""
    assert check(capfd, tmp_path / "none.ipynb")[0] == 2


def test_interrupt_ends_the_notebook_too(tmp_path: Path) -> None:
    """Ctrl-C says one word and leaves no process behind."""
    sign = tmp_path / "pid"
    cell = f"import os, pathlib, time\npathlib.Path({str(sign)!r}).write_text(str(os.getpid()))\ntime.sleep(600)"
    path = write(tmp_path / "hw.ipynb", cell)
    running = subprocess.Popen(
        [sys.executable, "-m", "autograder.cli.main", "check", str(path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while not (sign.exists() and sign.read_text()):
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate()
    assert running.returncode == 130
    assert out.strip() == "Stopped."
    with pytest.raises(ProcessLookupError):
        os.kill(int(sign.read_text()), 0)
