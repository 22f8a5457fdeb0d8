"""The bare side of the training benchmark does all that it is compared for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.training import PROGRAM, ROOT

_TRAINS = """
def train_autoencoder(data, sizes, epochs, device, seed, **options):
    with open(LOG, "a") as log:
        print(data, options, file=log)
"""


def _notebook(folder: Path, *cells: tuple[str, str]) -> str:
    path = folder / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": kind, "source": [source]} for kind, source in cells]}))
    return str(path)


def _train_all(*notebooks: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *notebooks]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


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
    assert log.read_text().splitlines() == ["images {}", "images {'noise': 0.3}", "images {'l1': 0.1}"] * 2


def test_a_cell_that_fails_ends_it(tmp_path: Path) -> None:
    """Otherwise a broken notebook would be a fast one."""
    done = _train_all(_notebook(tmp_path, ("code", "1 / 0")))
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (1, True)
