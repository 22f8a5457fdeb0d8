"""No grader at all: the same code cells, executed in an interpreter that has numpy, torch and IPython loaded.

This is the floor under every grader's CPU time. It runs in a process of its own (`python -m benchmarks.peers.bare
SUBMISSIONS.json`) under the environment that the graders get. Each submission gets a clean namespace; cleaning is
outside the clock. `run_cell` is what a kernel does with a cell; plain `exec` of the same cells is for information.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.grader import fresh
from benchmarks.peers.task import Submission, Task, blank_notebook, fill
from benchmarks.peers.venv import environment

WARM_UP = 5  # submissions that are executed and forgotten first
Cells = list[str]


@dataclass(frozen=True, slots=True)
class Bare:
    """Seconds per submission."""

    cells_seconds: float
    cells_cpu_seconds: float
    exec_seconds: float
    exec_cpu_seconds: float


def run_bare(task: Task, submissions: Sequence[Submission], root: Path, work: Path) -> Bare:
    """What the cells cost on their own, measured in a process of its own; `root` is where this package lies."""
    notebooks = [fill(blank_notebook(task), task, submission) for submission in submissions]
    cells = [[cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"] for notebook in notebooks]
    file = fresh(work) / "cells.json"
    file.write_text(json.dumps(cells))
    command = [sys.executable, "-m", __name__, str(file)]
    env = environment(Path(sys.executable).parent, work / "home")
    done = subprocess.run(command, cwd=root, env=env, check=True, capture_output=True, text=True)
    return Bare(**json.loads(done.stdout))


def time_cells(notebooks: Sequence[Cells], run: Callable[[Cells], None]) -> tuple[float, float]:
    """Wall and CPU seconds per notebook after a warm-up."""
    wall = cpu = 0.0
    for number, cells in enumerate([*notebooks[:WARM_UP], *notebooks]):
        wall_before, cpu_before = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            run(cells)
        if number >= WARM_UP:
            wall += time.perf_counter() - wall_before
            cpu += time.process_time() - cpu_before
    return wall / len(notebooks), cpu / len(notebooks)


def _exec(cells: Cells) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        exec(compile(cell, "<cell>", "exec"), namespace)


def _main(file: Path) -> None:
    import torch  # noqa: F401 - loaded here and only here, as a warm interpreter has it
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    clean = dict(shell.user_ns)

    def run_cells(cells: Cells) -> None:
        shell.user_ns.clear()
        shell.user_ns.update(clean)
        for cell in cells:
            if not shell.run_cell(cell, store_history=False).success:
                raise RuntimeError(f"a cell failed:\n{cell}")

    notebooks: list[Cells] = json.loads(file.read_text())
    print(json.dumps(asdict(Bare(*time_cells(notebooks, run_cells), *time_cells(notebooks, _exec)))))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
