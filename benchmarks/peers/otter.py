"""otter-grader: `otter generate` packs the tests, `otter run` grades one notebook, two of them at a time.

The notebook holds none of otter's own cells (no `import otter`, no `grader.check`), which saves it time: the tests of
`autograder.zip` run after the last cell. All other settings are its own; no PDF is made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from benchmarks.peers.grader import fresh, write_notebook
from benchmarks.peers.measure import Command, Usage, measure
from benchmarks.peers.task import Question, Scores, Submission, Task, blank_notebook, fill
from benchmarks.peers.venv import environment

TEST_FILE = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{question}"
points = {points}

{header}

@test_case(hidden=True)
{check}
"""


class Otter:
    """One `otter run` for each submission, `at_once` of them side by side."""

    name = "otter"

    def __init__(self, task: Task, programs: Path, work: Path, at_once: int) -> None:
        self.task = task
        self.programs = programs
        self.work = work
        self.at_once = at_once

    def prepare(self) -> None:
        tests = fresh(self.work / "source") / "tests"
        tests.mkdir()
        for question in self.task.questions:
            (tests / f"{question.id}.py").write_text(test_file(self.task, question))
        options = ("-t", str(tests), "-o", str(self._zip), "--no-requirements", "--no-environment", "--no-config")
        measure([self._command(("generate", *options), "generate")])

    def grade(self, submissions: Sequence[Submission], *, memory: bool = False) -> tuple[Usage, Scores]:
        run = fresh(self.work / "run")
        commands = []
        for submission in submissions:
            folder = run / submission.student
            notebook = folder / f"{submission.student}.ipynb"
            write_notebook(notebook, fill(blank_notebook(self.task), self.task, submission))
            commands.append(
                self._command(("run", "-a", str(self._zip), "-o", str(folder), str(notebook)), "run", folder)
            )
        usage = measure(commands, self.at_once, memory=memory)
        return usage, {
            item.student: read_points(run / item.student / "results.json", self.task) for item in submissions
        }

    @property
    def _zip(self) -> Path:
        return self.work / "source" / "autograder.zip"

    def _command(self, arguments: tuple[str, ...], log: str, folder: Path | None = None) -> Command:
        where = folder or self.work
        env = environment(self.programs, self.work / "home")
        return Command((str(self.programs / "otter"), *arguments), where, env, where / f"{log}.log")


def test_file(task: Task, question: Question) -> str:
    """One exception-based test file that is worth the question's points."""
    return TEST_FILE.format(
        question=question.id, points=float(question.points), header=task.check_header, check=question.check
    )


def read_points(results: Path, task: Task) -> dict[str, Decimal]:
    """The points of each question of one submission."""
    wanted = {question.id for question in task.questions}
    tests = json.loads(results.read_text())["tests"]
    return {test["name"]: Decimal(str(test["score"])) for test in tests if test["name"] in wanted}
