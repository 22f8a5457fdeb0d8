"""The bare side of the training benchmark does all that it is compared for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.training import DRAWS, PROGRAM, ROOT

_TRAINS = """
def train_autoencoder(data, sizes, epochs, device, seed, **options):
    with open(LOG, "a") as log:
        print(len(data), sizes, epochs, options, file=log)
"""


def _notebook(folder: Path, *cells: tuple[str, str]) -> str:
    path = folder / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": kind, "source": [source]} for kind, source in cells]}))
    return str(path)


def _train_all(*notebooks: str, backend: str = "agg") -> subprocess.CompletedProcess[str]:
    command, environment = [sys.executable, "-c", PROGRAM, *notebooks], {**os.environ, "MPLBACKEND": backend}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_cells_and_trainings_are_run(tmp_path: Path) -> None:
    """Every code cell but the checks, as IPython runs it, then the trainings of the hidden tests with their options."""
    log = tmp_path / "log"
    notebook = _notebook(
        tmp_path,
        ("markdown", "1 / 0"),
        ("code", f"%time LOG, TRAIN = {str(log)!r}, 'images'"),
        ("code", "from autograder import check\n1 / 0"),
        ("code", _TRAINS),
    )
    assert _train_all(notebook, notebook).returncode == 0
    lines = log.read_text().splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert lines[:4] == [
        "6 [64, 128, 64, 2] 60 {}",
        "6 [64, 128, 32] 40 {'noise': 0.3}",
        "6 [64, 128, 64] 25 {'l1': 0.1}",
        "300 [6, 16, 3] 0 {'noise': 0.0}",
    ]
    assert len(lines) == 2 * (3 + 21)


_PLOTS = """
import matplotlib.pyplot as plt
from matplotlib.text import Text

class Drawn(Text):
    def draw(self, renderer):
        with open(LOG, "a") as log:
            print("drawn", file=log)

figure, panel = plt.subplots()
panel.add_artist(Drawn(0.5, 0.5, "x"))
plt.show()
plt.close(figure)
"""


@pytest.mark.parametrize(("backend", "drawn"), [(DRAWS, True), ("agg", False)])
def test_pictures_are_drawn_as_jupyter_does(tmp_path: Path, backend: str, drawn: bool) -> None:
    """By the inline backend, and by no other."""
    log = tmp_path / "log"
    start = f"LOG, TRAIN = {str(log)!r}, 'images'"
    done = _train_all(_notebook(tmp_path, ("code", start), ("code", _TRAINS), ("code", _PLOTS)), backend=backend)
    assert done.returncode == 0, done.stderr
    assert ("drawn" in log.read_text()) is drawn


def test_a_cell_that_fails_ends_it(tmp_path: Path) -> None:
    """Otherwise a broken notebook would be a fast one."""
    done = _train_all(_notebook(tmp_path, ("code", "1 / 0")))
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (1, True)
