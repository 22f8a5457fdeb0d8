"""A tiny class: one assignment that starts fast, its submissions, and the real command line run on them.

A test of the assignment that fails leaves the grader's clock in its evidence, so that a verdict that was taken over can
be told from one that was made again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from dataclasses import dataclass, field
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
            assert student.call("add", 1, 2) == 3, f"clock {time.time_ns()}"

        @pytest.mark.question("add", points=2)
        def test_large(student):
            assert student.call("add", 100, 200) == 300, f"clock {time.time_ns()}"

        @pytest.mark.question("take", points=0.1)
        def test_take(student):
            assert student.call("take", 3, 2) == 1, f"clock {time.time_ns()}"
        """,
}
RIGHT = "def add(a, b):\n    return a + b"
WRONG = "def add(a, b):\n    return a"
CLOCK = re.compile(r"clock (\d+)")


@dataclass
class Classroom:
    """The course's folder, with what people do in it."""

    root: Path
    right: str = RIGHT
    wrong: str = WRONG
    results: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.submissions = self.root / "submissions"
        self.gradebook = self.root / ".autograder" / "gradebook.db"
        self.temporary = self.root / "tmp"
        self.temporary.mkdir(exist_ok=True)

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

    def submit_slow(self, count: int, seconds: float = 0.1) -> list[str]:
        """Hand in notebooks that take a while and are all different; every third one is wrong."""
        students = [f"s{number:03}" for number in range(count)]
        for number, student in enumerate(students):
            answer = RIGHT if number % 3 else WRONG
            self.submit(student, f"import time\ntime.sleep({seconds})\n{answer}\n# {student}")
        return students

    def command(self, *arguments: str | Path) -> list[str]:
        """A command line of `autograder`."""
        return [sys.executable, "-m", "autograder.cli.main", *map(str, arguments)]

    def options(self) -> dict[str, Any]:
        """How every command is started here."""
        # A mangled file name goes through a pipe as UTF-8, whatever the machine's locale is.
        environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONUTF8": "1", "COLUMNS": "200"}
        return {"cwd": self.root, "env": environment, "text": True, "stdin": subprocess.DEVNULL}

    def run(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; it never shows a traceback."""
        command = self.command(*arguments)
        done = subprocess.run(command, capture_output=True, timeout=120, check=False, **self.options() | options)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def grade(self, *options: str | Path, jobs: int = 2, expect: int = 0) -> dict[str, dict[str, Any]]:
        """Grade what was handed in and return the results by student."""
        path = self.root / "results.jsonl"
        done = self.run("grade", "sums", self.submissions, "--jobs", str(jobs), "--results", path, *options)
        assert done.returncode == expect, done.stdout + done.stderr
        self.results = [json.loads(line) for line in path.read_text().splitlines()]
        return {result["student"]: result for result in self.results}

    def start(self, *options: str | Path, jobs: int = 2) -> subprocess.Popen[str]:
        """Start grading what was handed in, in a process group of its own."""
        command = self.command("grade", "sums", self.submissions, "--jobs", str(jobs), *options)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}
        return subprocess.Popen(command, **self.options() | pipes)

    def recorded(self) -> dict[str, int]:
        """The report that counts of each student, seen from outside: this opens no gradebook and so mends none."""
        try:
            with closing(sqlite3.connect(f"file:{self.gradebook}?mode=ro", uri=True)) as connection:
                return dict(connection.execute("SELECT student, report_id FROM current"))
        except sqlite3.OperationalError:  # there is none yet
            return {}

    def wait_recorded(self, count: int, process: subprocess.Popen[str]) -> None:
        """Return once so many reports are recorded."""
        while len(self.recorded()) < count:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)

    def clocks(self, student: str) -> dict[str, str]:
        """Failed test → the time at which it was failed."""
        with Gradebook.open(self.gradebook) as gradebook:
            details = gradebook.grading(gradebook.current_ids("sums")[student]).evidence.details
        found = {test: CLOCK.search(text) for test, text in details.items()}
        return {test: match[1] for test, match in found.items() if match is not None}

    def assert_graded_once(self, count: int) -> None:
        """Everybody has one report that counts, and nobody has two for the same submission and key."""
        with Gradebook.open(self.gradebook) as gradebook:
            ids = gradebook.current_ids("sums")
            assert len(ids) == count
            for student in ids:
                entries = gradebook.history("sums", student)
                keys = [(entry.report.submission, entry.key) for entry in entries]
                assert len(set(keys)) == len(keys)
                assert [entry.current for entry in entries].count(True) == 1

    def left_over(self) -> list[str]:
        """What lies in the temporary folder."""
        return sorted(path.name for path in self.temporary.iterdir())


def notebook(add: str, **metadata: Any) -> dict[str, Any]:
    """A notebook of the assignment; its cells are found by what they define."""
    code = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    cells = [{**code, "id": "a", "source": add}, {**code, "id": "t", "source": "def take(a, b):\n    return a - b"}]
    about = {"autograder": {"assignment": "sums", "notebook": "sums.ipynb"}, **metadata}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": cells}


def write_course(root: Path) -> Path:
    """The course's files below `root`."""
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return root


@pytest.fixture
def classroom(tmp_path: Path) -> Classroom:
    """A course for a test of its own."""
    return Classroom(write_course(tmp_path / "course"))


@pytest.fixture(scope="session")
def graded_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a class that was graded: ada is right, bob wrong, and bea wrong in the same way."""
    classroom = Classroom(write_course(tmp_path_factory.mktemp("graded") / "course"))
    classroom.submit("ada", RIGHT)
    classroom.submit("bob", WRONG)
    classroom.grade()
    return classroom.root


@pytest.fixture
def graded(graded_course: Path, tmp_path: Path) -> Classroom:
    """The graded class once more, for a test that changes something."""
    return Classroom(Path(shutil.copytree(graded_course, tmp_path / "course")))
