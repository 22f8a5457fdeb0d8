"""What a student's processes use, seen from outside the fence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.checks import assert_usage
from autograder.errors import InfrastructureError
from autograder.grading.usage import usage_of
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import submission_notebook, to_bytes
from autograder.results import Verdict

CELL = """
import os
import time

def burn(seconds):
    started = time.process_time()
    while time.process_time() < started + seconds:
        pass

def hold(megabytes):
    return len(bytearray(b"x") * (megabytes * 2**20))

def count_to(number):
    while number:
        number -= 1

def hidden_burn(seconds):
    child = os.fork()
    if child == 0:
        burn(seconds)
        os._exit(0)
    os.waitpid(child, 0)

def disguise():
    time.process_time = lambda: 0.0
    import resource
    resource.getrusage = None
"""


@pytest.fixture
def student(box: Any) -> Any:
    """A snapshot of a notebook that can use up time and memory."""
    box.text(CELL)
    student = box.snapshot()
    box.links[-1].tree = box.tree.pid
    return student


def test_cpu_time_of_a_call(student: Any) -> None:
    """A call's CPU time is seen, and that of a process that the call has started."""
    before = student.usage()
    student.call("burn", 0.3)
    burnt = student.usage()
    assert burnt.cpu_seconds - before.cpu_seconds >= 0.25
    student.call("hidden_burn", 0.3)
    assert student.usage().cpu_seconds - burnt.cpu_seconds >= 0.25


def test_peak_of_memory_stays_after_it_was_freed(student: Any) -> None:
    """What a call held and gave back is seen; a small call raises nothing by much."""
    before = student.usage().peak_bytes
    student.call("hold", 1)
    small = student.usage().peak_bytes
    student.call("hold", 100)
    assert small - before < 50 * 2**20
    assert student.usage().peak_bytes - small > 90 * 2**20


def test_student_cannot_disguise_it(student: Any) -> None:
    """Code that replaces the clocks of its own process is measured all the same."""
    assert_usage(student.usage, lambda: student.call("burn", 0.01), cpu_seconds=5, memory=200 * 2**20)
    with pytest.raises(AssertionError, match="CPU time"):
        assert_usage(student.usage, lambda: student.call("burn", 0.3), cpu_seconds=0.1)
    with pytest.raises(AssertionError, match="MiB of memory"):
        assert_usage(student.usage, lambda: student.call("hold", 100), memory=20 * 2**20)
    student.call("disguise")
    with pytest.raises(AssertionError, match="CPU time"):
        assert_usage(student.usage, lambda: student.call("count_to", 5_000_000), cpu_seconds=0.01)


TESTS = """
import pytest
from autograder.checks import assert_usage
from autograder.grading import prepared

def burn(student, name, **limits):
    return assert_usage(student.usage, lambda: student.call(name, 3_000_000), **limits)

@pytest.mark.question("calls", points=1)
def test_cheap(student):
    assert_usage(student.usage, lambda: student.call("zero"), cpu_seconds=2, memory=100 * 2**20)

@pytest.mark.question("calls", points=1)
def test_dear(student):
    burn(student, "count_to", cpu_seconds=0.01)

@prepared
def counter(student):
    return student.new("Counter")

@pytest.mark.question("calls", points=1)
def test_dear_after_a_set_up(student, counter):
    burn(student, "count_to", cpu_seconds=0.01)
"""


def test_grader_sees_it(own_course: Path, load: Callable[..., Any]) -> None:
    """The grader process, which has given up what it could, measures its students, prepared or not."""
    settings = own_course / "assignments/small/assignment.yml"
    settings.write_text(
        settings.read_text().replace("Three calls, kind: code, points: 4", "Calls, kind: code, points: 7")
    )
    (own_course / "tests/hidden/small/test_usage.py").write_text(TESTS)
    master = own_course / "solutions/small/master.py"
    count_to = "def count_to(number):\n    while number:\n        number -= 1\n\ndef zero"
    master.write_text(master.read_text().replace("def zero", count_to))
    material = load(own_course, "small")
    path = own_course / "ada.ipynb"
    path.write_bytes(to_bytes(submission_notebook(material.masters[0], material.releases[0])))
    with Workshop(material, jobs=1, seed=5) as workshop:
        graded = workshop.grade(Submitted("ada", {material.assignment.notebooks[0]: path}), "00").grading
    verdicts = {test.id: test.verdict for question in graded.report.questions for test in question.tests}
    assert verdicts["test_cheap"] is Verdict.PASSED
    assert verdicts["test_dear"] is verdicts["test_dear_after_a_set_up"] is Verdict.FAILED


def test_unseen_tree_is_nobodys_failure() -> None:
    """Without a process to look at, the machine is at fault and not the student."""
    for pid in (None, 2**22 + 1):
        with pytest.raises(InfrastructureError):
            usage_of(pid)


def test_own_tree_is_seen() -> None:
    """A process and its children can be added up by anybody."""
    used = usage_of(os.getpid())
    assert used.cpu_seconds > 0
    assert used.peak_bytes > 2**20
