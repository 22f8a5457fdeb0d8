"""The controller's end of the grader process: started early, waited for only when the first snapshot is to be tested.

A reference may train networks of its own before the grader is ready. Meanwhile students' notebooks run.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Assignment
from autograder.errors import CourseError, Problem
from autograder.grading.job import Job
from autograder.grading.material import Material
from autograder.grading.stuck import allowed
from autograder.grading.testfolder import prepare_grader_folder
from autograder.sandbox.heap import mebibytes_for
from autograder.sandbox.process import Process

_REMEDY = "make the reference run to its end and the tests collect"


class Examiner:
    """One grader process over an assignment's hidden tests, used by several threads."""

    def __init__(self, material: Material, folder: Path, collected: threading.Event) -> None:
        """Start it in `folder`, which is made. Sets `collected` when it is ready. Raises InfrastructureError."""
        self._assignment = material.assignment
        self._lock = threading.Lock()
        self._collected = collected
        self._ready = False
        prepare_grader_folder(material, folder)
        self._process = Process(
            "autograder.grading.grader",
            folder=folder,
            home=str(folder),
            environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "MPLBACKEND": "agg", "TMPDIR": str(folder)},
            mebibytes=mebibytes_for(material.preload),
        )
        seconds = allowed(material.limits.notebook_seconds, len(material.masters))
        self._process.send({"folder": str(folder), "reference": material.reference_cells, "seconds": seconds})

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.alive

    def wait_ready(self) -> None:
        """Return once the tests are collected and the reference has run. Raises CourseError where they cannot be, and
        InfrastructureError when the process ends."""
        with self._lock:
            if self._ready:
                return
            answer = self._process.receive()
            if "fault" in answer:
                raise CourseError([_collection_problem(self._assignment, answer["fault"])])
            expected = sorted(test.id for test in self._assignment.tests)
            if answer["tests"] != expected:
                different = ", ".join(sorted(set(answer["tests"]) ^ set(expected)))
                text = f"pytest collects other tests than the files declare: {different}"
                raise CourseError([_collection_problem(self._assignment, text)])
            self._ready = True
            self._collected.set()

    def begin(self, job: Job, result: int, ends: Sequence[int]) -> None:
        """Test snapshots that are served at `ends` (reader and writer of each), and tell of it at the pipe `result`.

        Waits until the grader is ready, and raises what `wait_ready` does.
        """
        self.wait_ready()
        self._process.send({"job": job.to_json()}, [result, *ends])

    def ends_within(self, seconds: float) -> bool:
        """Whether the process has ended, or does so in this time."""
        return self._process.ends_within(seconds)

    def close(self) -> None:
        """End the process with all its forks; who waits for it gets an InfrastructureError."""
        self._process.close()


def _collection_problem(assignment: Assignment, text: str) -> Problem:
    return Problem(assignment.hidden, None, None, text, _REMEDY)
