"""`python -m benchmarks.training`: a class that trains networks, graded, beside the bare training on the same cores.

The class hands in the reference of `autoencoder-loss`, each time a little different. Bare means: as many IPython
processes as jobs, each with torch loaded once, run every notebook's cells, and then the trainings that the hidden tests
ask for: no fence, no tests, no reports. They draw the pictures as Jupyter does; `--no-pictures` leaves that out, and is
the stricter rival. Both are wall time, start-up included; the contracted ratio is 1.2.

Exit status: 0 met, 1 not, 2 there is no result.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import torch
from IPython.core.interactiveshell import InteractiveShell

from autograder.course import load_assignment, load_course
from autograder.grading.material import load_material
from autograder.notebook import submission_notebook, to_bytes

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "autoencoder-loss"
CONTRACTED = 1.2
_TRAININGS: tuple[tuple[list[int], int, dict[str, float]], ...] = (
    ([64, 128, 64, 2], 60, {}),
    ([64, 128, 32], 40, {"noise": 0.3}),
    ([64, 128, 64], 25, {"l1": 0.1}),
)
"""Sizes, epochs and options of the set-ups in tests/hidden/autoencoder-loss/test_train.py."""
_SHORT_SIZES = [6, 16, 3]
_SHORT: tuple[tuple[int, int, float], ...] = (
    *((300, epochs, 0.0) for epochs in (0, 1, 2)),
    *((rows, epochs, 0.0) for rows in (1, 3) for epochs in (0, 3)),
    *((150, 1, noise) for noise in (0.0, 0.2) for _ in range(3)),
    *((20, 1, 0.1) for _ in range(6)),
    (20, 1, 0.0),
    (40, 2, 0.3),
)
"""Rows, epochs and noise of the short trainings that tests of the same file ask for."""
DRAWS = "module://matplotlib_inline.backend_inline"
"""The backend that Jupyter uses."""
PROGRAM = "from benchmarks.training import train_all; import sys; train_all(sys.argv[1:])"


@click.command()
@click.option("--students", type=click.IntRange(min=2), default=100, show_default=True, help="Size of the class.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Side by side, in both.")
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Whether the bare side draws them.")
def main(students: int, jobs: int, pictures: bool) -> None:
    """Grade a class whose notebooks train networks, and do the same trainings without a grader."""
    with tempfile.TemporaryDirectory(prefix="autograder-benchmark-") as name:
        folder = Path(name)
        notebooks = write_class(folder / "class", students)
        click.echo(f"{students} notebooks, {jobs} at a time: bare …")
        bare = bare_seconds(notebooks, jobs, pictures)
        click.echo(f"bare {bare:.1f} s; graded …")
        graded = graded_seconds(folder, jobs)
    ratio = graded / bare
    met = "met" if ratio <= CONTRACTED else "NOT MET"
    click.echo(f"graded {graded:.1f} s, {ratio:.2f} times the bare training (contracted: {CONTRACTED}, {met})")
    sys.exit(0 if ratio <= CONTRACTED else 1)


def write_class(folder: Path, students: int, assignment: str = ASSIGNMENT) -> list[Path]:
    """The reference as so many submissions, no two alike."""
    material = load_material(load_assignment(load_course(ROOT), assignment))
    folder.mkdir()
    paths = []
    for number in range(students):
        notebook = submission_notebook(material.masters[0], material.releases[0])
        answers = (cell for cell in notebook["cells"] if cell["cell_type"] == "code" and "-answer-" in cell["id"])
        first = next(answers)
        first["source"] = f"{''.join(first['source'])}\n# student {number}"
        paths.append(folder / f"student-{number:04}.ipynb")
        paths[-1].write_bytes(to_bytes(notebook))
    return paths


def bare_seconds(notebooks: Sequence[Path], jobs: int, pictures: bool) -> float:
    """Wall seconds of the notebooks' cells and the tests' trainings in plain processes."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "MPLBACKEND": DRAWS if pictures else "agg", "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *map(str, notebooks[first::jobs])],
            cwd=ROOT / "assignments" / ASSIGNMENT,
            env=environment,
        )
        for first in range(jobs)
    ]
    statuses = [worker.wait() for worker in workers]
    if any(statuses):
        click.echo("Error: a bare training failed", err=True)
        sys.exit(2)
    return time.perf_counter() - started


def train_all(notebooks: Sequence[str]) -> None:
    """What a plain process does with its share of the class."""
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    clean = dict(shell.user_ns)
    for notebook in notebooks:
        shell.user_ns.clear()
        shell.user_ns.update(clean)
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in json.loads(Path(notebook).read_bytes())["cells"]:
                source = "".join(cell["source"])
                if cell["cell_type"] == "code" and "from autograder import check" not in source:
                    shell.run_cell(source, store_history=False).raise_error()
            names: dict[str, Any] = shell.user_ns
            for sizes, epochs, options in _TRAININGS:
                names["train_autoencoder"](names["TRAIN"], sizes, epochs, "cpu", 4, **options)
            for rows, epochs, noise in _SHORT:
                data = torch.rand(rows, _SHORT_SIZES[0])
                names["train_autoencoder"](data, _SHORT_SIZES, epochs, "cpu", 4, noise=noise)


def graded_seconds(folder: Path, jobs: int) -> float:
    """Wall seconds of `autograder grade` on the class; all must get full marks."""
    results = folder / "results.jsonl"
    command = [str(Path(sys.executable).parent / "autograder"), "grade", ASSIGNMENT, str(folder / "class")]
    command += ["--jobs", str(jobs), "--device", "cpu"]
    command += ["--gradebook", str(folder / "gradebook.db"), "--results", str(results)]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode or not full_marks(results):
        click.echo(f"Error: the class was not graded as expected: {done.stderr[-500:]}", err=True)
        sys.exit(2)
    return seconds


def full_marks(results: Path) -> bool:
    """Whether a results file holds submissions, and each got all points that need no person."""
    reports = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    whole = (report["points"] == report["max_points"] - report["manual_points_pending"] for report in reports)
    return bool(reports) and all(whole)


if __name__ == "__main__":
    main()
