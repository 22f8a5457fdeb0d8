"""nbgrader: `generate_assignment` releases, `autograde` grades one notebook after the other (it cannot do more).

Each test is an autograder cell behind the demonstration of its question, hidden as a whole, so that `autograde` puts it
back from the database as it does in a course. Points are read from nbgrader's database. All other settings are its own.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.peers.grader import fresh, read_notebook, write_notebook
from benchmarks.peers.measure import Command, Usage, measure
from benchmarks.peers.task import Notebook, Question, Scores, Submission, Task, answer_cell, fill, master_notebook
from benchmarks.peers.venv import environment

POINTS = """
SELECT submitted_assignment.student_id, base_cell.name, coalesce(grade.manual_score, grade.auto_score)
FROM grade
JOIN base_cell ON base_cell.id = grade.cell_id
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
"""


class Nbgrader:
    """`nbgrader autograde` on a folder of submissions."""

    name = "nbgrader"

    def __init__(self, task: Task, programs: Path, work: Path) -> None:
        self.task = task
        self.programs = programs
        self.work = work
        self.released: Notebook = {}

    def prepare(self) -> None:
        course = fresh(self.work / "course")
        write_notebook(course / "source" / self._file, source_notebook(self.task))
        measure([self._command("generate_assignment", course)])
        self.released = read_notebook(course / "release" / self._file)

    def grade(self, submissions: Sequence[Submission], *, memory: bool = False) -> tuple[Usage, Scores]:
        course = self.work / "run"
        shutil.rmtree(course, ignore_errors=True)
        shutil.copytree(self.work / "course", course)
        for submission in submissions:
            notebook = fill(self.released, self.task, submission)
            write_notebook(course / "submitted" / submission.student / self._file, notebook)
        usage = measure([self._command("autograde", course)], memory=memory)
        return usage, read_points(course / "gradebook.db")

    @property
    def _file(self) -> Path:
        return Path(self.task.id) / f"{self.task.id}.ipynb"

    def _command(self, verb: str, course: Path) -> Command:
        argv = (str(self.programs / "nbgrader"), verb, self.task.id, f"--course-dir={course}")
        return Command(argv, course, environment(self.programs, self.work / "home"), self.work / f"{verb}.log")


def source_notebook(task: Task) -> Notebook:
    """The master with nbgrader's metadata and its test cells."""
    notebook = master_notebook(task)
    for question in task.questions:
        cell = answer_cell(notebook, question)
        cell["metadata"]["nbgrader"] = _metadata(question.id, solution=True)
        after = notebook["cells"].index(cell) + 2  # behind the demonstration
        notebook["cells"].insert(after, _test_cell(task, question))
    return notebook


def read_points(database: Path) -> Scores:
    """The points of each test cell of each student."""
    scores: Scores = {}
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for student, cell, points in connection.execute(POINTS):
        scores.setdefault(student, {})[cell.removeprefix("test-")] = Decimal(str(points))
    connection.close()
    return scores


def _test_cell(task: Task, question: Question) -> dict[str, Any]:
    lines = ["### BEGIN HIDDEN TESTS", task.check_header, question.check]
    lines += [f"test_{question.id}({question.function})", "### END HIDDEN TESTS"]
    metadata = {"nbgrader": _metadata(f"test-{question.id}", points=float(question.points))}
    source = "\n".join(lines)
    return {
        "cell_type": "code",
        "id": f"test-{question.id}",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _metadata(grade_id: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    graded = {} if points is None else {"points": points}
    return {
        "grade_id": grade_id,
        "schema_version": 3,
        "solution": solution,
        "grade": points is not None,
        "locked": not solution,
        "task": False,
        **graded,
    }
