"""A tiny class: one assignment that starts fast, its submissions, and the real command line run on them.

A test of the assignment that fails leaves a nonce in its evidence (the grader's clock), so that a verdict that was
taken over can be told from one that was made again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, load_assignment, load_course
from autograder.gradebook import Gradebook

COURSE = {
    "course.yml": """
        course: tiny
        title: A tiny course
        timezone: UTC
        assignments: [sums]
        """,
    "assignments/sums/assignment.yml": """
        assignment: sums
        title: Sums and differences of two numbers
        limits: {notebook_seconds: 5, test_seconds: 2, memory: 1 GiB}
        group: {max: 2}
        questions:
          - {id: add, title: A sum of two numbers, kind: code, points: 3}
          - {id: take, title: A difference of two numbers, kind: code, points: 0.1}
          - {id: why, title: Why, kind: written, points: 1, rubric: [{id: any, points: 1, text: Says why}]}
        """,
    "solutions/sums/master.py": """
        # %% [markdown]
        # # Sums and differences, told in more than forty characters

        # %% question="add"
        ### BEGIN SOLUTION
        def add(a, b):
            return a + b
        ### END SOLUTION

        # %% question="take"
        ### BEGIN SOLUTION
        def take(a, b):
            return a - b
        ### END SOLUTION

        # %% [markdown] question="why"
        # ### BEGIN SOLUTION
        # Because.
        # ### END SOLUTION
        """,
    "tests/hidden/sums/test_sums.py": """
        import time

        import pytest

        @pytest.mark.question("add", points=1, hint="Which of the two numbers counts?")
        def test_small(student):
            assert student.call("add", 1, 2) == 3, f"nonce {time.time_ns()}"

        @pytest.mark.question("add", points=2)
        def test_large(student):
            assert student.call("add", 100, 200) == 300, f"nonce {time.time_ns()}"

        @pytest.mark.question("take", points=0.1)
        def test_take(student):
            assert student.call("take", 3, 2) == 1, f"nonce {time.time_ns()}"
        """,
}
RIGHT = "def add(a, b):\n    return a + b"
WRONG = "def add(a, b):\n    return a"
SLOW = "import time\ntime.sleep(0.3)\n" + RIGHT
TAKE = "def take(a, b):\n    return a - b"
MESSAGE = re.compile(r"nonce (\d+)")
OURS = ("ag-zygote", "ag-grader", "ag-intake", "ag-middle", "ag-tests", "ag-init", "ag-runner", "ag-test")


@dataclass
class Classroom:
    """The course's folder, with what people do in it."""

    root: Path

    @property
    def submissions(self) -> Path:
        return self.root / "submissions"

    @property
    def gradebook(self) -> Path:
        return self.root / ".autograder" / "gradebook.db"

    @property
    def assignment(self) -> Assignment:
        return load_assignment(load_course(self.root), "sums")

    def change(self, name: str, old: str, new: str) -> None:
        """Edit a course file."""
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def submit(self, student: str, add: str = RIGHT, *, to: str | None = None, **metadata: Any) -> Path:
        """Hand in a notebook whose answer to `add` is given; `metadata` is what an editor leaves in it."""
        path = self.submissions / (to or f"{student}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook(add, **metadata)))
        return path

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of `autograder` in this course."""
        return [sys.executable, "-m", "autograder.cli.main", *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        temporary = self.root / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**os.environ, "TMPDIR": str(temporary)}

    def run(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        options = {"cwd": self.root, "env": self.environment(), "timeout": 120, **options}
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, **options)

    def grade(self, *options: str | Path, jobs: int = 2, expect: int = 0) -> list[dict[str, Any]]:
        """Grade what was handed in and return the results."""
        results = self.root / "results.jsonl"
        done = self.run("grade", "sums", self.submissions, "--jobs", str(jobs), "--results", results, *options)
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return read_results(results)

    def start(self, *options: str | Path, jobs: int = 2) -> subprocess.Popen[str]:
        """Start grading what was handed in, as the leader of a process group of its own."""
        return subprocess.Popen(
            self.command("grade", "sums", self.submissions, "--jobs", str(jobs), *options),
            cwd=self.root,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def recorded(self) -> int:
        """How many students have a report that counts."""
        if not self.gradebook.exists():
            return 0
        with Gradebook.open(self.gradebook) as gradebook:
            return len(gradebook.current_ids("sums"))

    def wait_recorded(self, count: int, process: subprocess.Popen[str]) -> None:
        """Return once so many reports are recorded."""
        while self.recorded() < count:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)

    def nonces(self, student: str) -> dict[str, str]:
        """Failed test → the nonce of the run that failed it."""
        with Gradebook.open(self.gradebook) as gradebook:
            details = gradebook.grading(gradebook.current_ids("sums")[student]).evidence.details
        found = {test: MESSAGE.search(text) for test, text in details.items()}
        return {test: match[1] for test, match in found.items() if match is not None}

    def assert_consistent(self, count: int) -> None:
        """Every report is whole, is counted once, and no key was decided twice for one submission."""
        with Gradebook.open(self.gradebook) as gradebook:
            ids = gradebook.current_ids("sums")
            assert len(ids) == count
            for student in ids:
                entries = gradebook.history("sums", student)
                assert sum(entry.current for entry in entries) == 1
                keys = [(entry.report.submission, entry.key) for entry in entries]
                assert len(set(keys)) == len(keys)


def notebook(add: str, **metadata: Any) -> dict[str, Any]:
    """A notebook of the assignment as an editor saves it; its cells are found by what they define."""
    cells = [
        {"id": "a", "cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": add},
        {"id": "t", "cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": TAKE},
    ]
    about = {"autograder": {"assignment": "sums", "notebook": "sums.ipynb"}, **metadata}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": cells}


def read_results(path: Path) -> list[dict[str, Any]]:
    """The results file, line by line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_course(root: Path) -> Path:
    """The course's files below `root`."""
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return root


def processes(session: int) -> set[int]:
    """Pids of the living processes whose environment or ancestry..."""
    return set()


@pytest.fixture
def classroom(tmp_path: Path) -> Classroom:
    """A course of its own for a test."""
    return Classroom(write_course(tmp_path / "course"))
