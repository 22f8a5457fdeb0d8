"""One submission on an author's bench: run once in the fence, then snapshots of it for tests in this very process."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import chdir, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

from autograder.course import find_course, load_assignment, load_course
from autograder.errors import CourseError, InfrastructureError, Problem, SubmissionRejected
from autograder.grading.assemble import run_index
from autograder.grading.attempt import CellToRun, Pass, run_cells
from autograder.grading.forkhost import ForkHost
from autograder.grading.job import make_job, pair_names
from autograder.grading.material import Material, load_material
from autograder.grading.reference import load_reference
from autograder.notebook import Intake, read_submission
from autograder.reports.sanitise import line, visible
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import wall

_NOTE = 1_000
"""Characters of a note on what happened in a cell."""


class BenchHost(ForkHost):
    """A host whose controller is in the same process: what would go up the result pipe is done at once."""

    def __init__(self, reference: Any, students: list[Student], places: list[tuple[int, int]]) -> None:
        super().__init__(reference)
        self.students = students
        self.places = places

    def tell(self, event: str, **facts: Any) -> None:
        """Have snapshots forked and ended."""
        if event == "begin":
            number, k = self.places[facts["k"]]
            keep = [self.places[other][1] for other in facts["keep"]]
            self._send(number, ("fork", k, facts["seed"], facts["seconds"], keep))
        elif event == "overdue":
            number, k = self.places[facts["k"]]
            self._send(number, ("kill", k))

    def _send(self, number: int, message: tuple[Any, ...]) -> None:
        with suppress(ChannelClosed, ChannelTimeout):  # a runner that is gone shows in the tests
            self.students[number].runner.send(message)


class SafeToRead:
    """Makes pytest's listing of a failure safe for the author's terminal: student code wrote some of it."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        for traceback, crash, _ in getattr(report.longrepr, "chain", ()):
            for entry in traceback.reprentries:
                entry.lines[:] = map(visible, entry.lines)
            if crash is not None:
                crash.message = visible(crash.message)
        return report


class Bench:
    """A fence with one submission in it. `notes` say what happened when its cells ran."""

    def __init__(self, material: Material, intakes: list[Intake], seed: int) -> None:
        self.material = material
        self.notes = [f"submission: {note}" for intake in intakes for note in intake.repairs]
        self.fence = Fence(material.files, material.preload, material.secrets)
        self.students: list[Student] = []
        names = pair_names(material.planned, len(intakes))
        try:
            self.students = [self.fence.spawn(slot, material.limits, seed, len(own)) for slot, own in enumerate(names)]
            self._run(material, intakes)
            reference = _reference(material)
        except BaseException:
            self.close()
            raise
        places = [(number, k) for number, own in enumerate(names) for k in range(len(own))]
        self.host = BenchHost(reference, self.students, places)
        trees = [student.pid for student in self.students]
        job = make_job(material.planned, names, material.limits, wall, seed, "cpu", trees)
        pairs = [pair for student in self.students for pair in student.pairs]
        self.host.accept(job, -1, pairs)
        for student in self.students:
            student.pairs = []  # the host's channels own and close them

    @classmethod
    def open(cls, tests: Path, submission: Path, seed: int) -> Bench:
        """Run `submission` for the assignment to which the tests in `tests` belong. Raises CourseError."""
        material = load_material(load_assignment(load_course(find_course(tests)), tests))
        template = material.templates[0]
        if len(material.templates) > 1:
            template = next((one for one in material.templates if one.notebook == submission.name), template)
        try:
            intake = read_submission(submission.read_bytes(), submission.name, template)
        except (OSError, SubmissionRejected) as error:
            raise CourseError(
                [Problem(submission, None, None, str(error), "name a notebook of this assignment")]
            ) from error
        blank = Intake((), (), (), {}, {})
        return cls(material, [intake if one is template else blank for one in material.templates], seed)

    def _run(self, material: Material, intakes: list[Intake]) -> None:
        result = Pass(cells=[{} for _ in intakes])
        for number, (student, intake) in enumerate(zip(self.students, intakes, strict=True)):
            student.wait_ready()
            cells = [CellToRun(run_index(cell, k), cell.source) for k, cell in enumerate(intake.cells) if cell.runs]
            whole = run_cells(student, cells, material.limits, result, number)
            for index, done in result.cells[number].items():
                if done.error is not None or done.fatal is not None:
                    error = done.error or {}
                    what = done.fatal or f"{error.get('name')}: {error.get('message')}"
                    self.notes.append(f"submission: cell {index + 1} failed: {line(what, _NOTE)}")
            if not whole:
                raise InfrastructureError("a cell ended the notebook's process; `autograder grade` would leave it out")

    def close(self) -> None:
        """End the student and the fence."""
        for student in self.students:
            pidfd = student.kill()
            if pidfd is not None:
                os.close(pidfd)
        self.fence.close()


def _reference(material: Material) -> Any:
    """The reference, run in a temporary folder with the assignment's files."""
    with tempfile.TemporaryDirectory(prefix="autograder-reference-") as folder:
        for name, path in material.files.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, Path(folder) / name)
        with chdir(folder), redirect_stdout(io.StringIO()):
            return load_reference(material.reference_cells)
