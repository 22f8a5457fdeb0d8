"""Us: `autograder release` makes the notebook, `autograder grade` grades a folder of them, fence on.

Each batch starts without gradebook, so nothing is known from the batch before. A run counts only if every submission
was graded behind a fence.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.results import Outcome, Report
from benchmarks.peers.copies import multiplied
from benchmarks.peers.grader import Unavailable, fresh, read_notebook, write_notebook
from benchmarks.peers.measure import Command, CommandFailed, Usage, measure
from benchmarks.peers.task import Notebook, Scores, Submission, Task, fill
from benchmarks.peers.venv import environment

NO_FENCE = "none"


class Ours:
    """`autograder grade` on a folder of submissions."""

    def __init__(
        self,
        task: Task,
        programs: Path,
        work: Path,
        jobs: int,
        name: str = "ours",
        copies: Mapping[str, int] | None = None,
    ) -> None:
        """With `copies`, that many of each hidden test."""
        self.name = name
        self.copies = copies or {}
        self.task = task
        self.programs = programs
        self.work = work
        self.jobs = jobs
        self.isolation: set[str] = set()  # the tiers that reports came back with
        self.released: Notebook = {}

    def prepare(self) -> None:
        if not (self.programs / "autograder").exists():
            raise Unavailable(f"no autograder beside this Python ({self.programs}): install the package first")
        shutil.copytree(self.task.course, fresh(self.work / "course"), dirs_exist_ok=True)
        folder = Path("assignments") / self.task.id
        for tests in (self.work / "course" / "tests" / "hidden" / self.task.id).glob("test_*.py"):
            tests.write_text(multiplied(tests.read_text(), self.copies))
        measure([self._command("release", self.task.id)])
        self.released = read_notebook(self.work / "course" / folder / f"{self.task.id}.ipynb")

    def grade(self, submissions: Sequence[Submission], *, memory: bool = False) -> tuple[Usage, Scores]:
        shutil.rmtree(self.work / "course" / ".autograder", ignore_errors=True)
        folder = fresh(self.work / "submitted")
        for submission in submissions:
            notebook = fill(self.released, self.task, submission)
            write_notebook(folder / f"{submission.student}.ipynb", notebook)
        results = self.work / "results.jsonl"
        results.unlink(missing_ok=True)
        options = ("--jobs", str(self.jobs), "--results", str(results))
        usage = measure([self._command("grade", self.task.id, str(folder), *options)], memory=memory)
        reports = read_reports(results)
        self.isolation |= {report.isolation for report in reports}
        return usage, points_of(reports)

    def _command(self, verb: str, *arguments: str) -> Command:
        argv = (str(self.programs / "autograder"), verb, *arguments, "--course", str(self.work / "course"))
        return Command(argv, self.work, environment(self.programs, self.work / "home"), self.work / f"{verb}.log")


def read_reports(results: Path) -> list[Report]:
    """The reports of a results file, one a line."""
    return [Report.from_json(json.loads(line)) for line in results.read_text().splitlines() if line]


def points_of(reports: Sequence[Report]) -> Scores:
    """The points of each question of each student; CommandFailed if one was not graded, or not behind a fence."""
    scores: Scores = {}
    for report in reports:
        points = {question.id: question.points for question in report.questions if question.points is not None}
        if report.outcome is not Outcome.GRADED or len(points) < len(report.questions):
            raise CommandFailed(f"{report.student} was {report.outcome}, not decided in full: {report.reason}")
        if report.isolation == NO_FENCE:
            raise CommandFailed(f"{report.student} was graded without a fence: the times would not count")
        scores[report.student] = points
    return scores
