"""What this program asks of everything that it compares."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.peers.measure import Usage
from benchmarks.peers.task import Notebook, Scores, Submission


class Unavailable(Exception):
    """A grader cannot be run here; the message says what to do."""


class Grader(Protocol):
    """One way of grading a batch. The usage is that of the command alone, without set-up and reading of results."""

    name: str

    def prepare(self) -> None:
        """Release the assignment; once, before anything is graded."""

    def grade(self, submissions: Sequence[Submission], *, memory: bool = False) -> tuple[Usage, Scores]:
        """Grade a batch as if for the first time."""


def fresh(folder: Path) -> Path:
    """An empty folder of that name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_notebook(path: Path, notebook: Notebook) -> None:
    """One nbformat file, its folder made on the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1))


def read_notebook(path: Path) -> Notebook:
    """The JSON of one nbformat file."""
    notebook: Notebook = json.loads(path.read_text())
    return notebook
