"""pytest for authors: `pytest tests/hidden/<id> --submission FILE` runs an assignment's tests by hand.

This module is a pytest plugin by entry point, so it imports nothing heavy before `--submission` is given. Then the
notebook runs in the fence as in a batch, and pytest's own process plays the controller and the grader: it may be
stopped, traced and debugged like any test run. Whatever the student's code does stays in the fence.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.errors import CourseError

if TYPE_CHECKING:
    from autograder.grading.bench import Bench

_MARKER = "question(id, points=0, hint=None): the question that a test belongs to"
_BENCH: pytest.StashKey[Bench] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--submission` and `--submission-seed`."""
    group = parser.getgroup("autograder", "hidden and public tests of an assignment")
    group.addoption("--submission", metavar="FILE", help="run an assignment's tests on this notebook")
    group.addoption("--submission-seed", metavar="N", type=int, default=0, help="the assignment's seed (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Run the notebook and offer it to the tests, where there is one."""
    config.addinivalue_line("markers", _MARKER)
    submission = config.getoption("--submission")
    if submission is None or config.getoption("collectonly"):
        return
    from autograder.grading.bench import Bench, SafeToRead  # heavy: numpy, the fence, the course
    from autograder.grading.plugin import GradingPlugin

    where = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
    try:
        bench = Bench.open(where[0], Path(submission), config.getoption("--submission-seed"))
    except CourseError as error:
        raise pytest.UsageError("\n".join(str(problem) for problem in error.problems)) from error
    config.stash[_BENCH] = bench
    sys.path += [str(bench.material.assignment.hidden), str(bench.material.assignment.public)]  # their helper modules
    config.pluginmanager.register(GradingPlugin(bench.host), "autograder-grading")
    config.pluginmanager.register(SafeToRead(), "autograder-safe-to-read")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What happened when the notebook ran."""
    bench = config.stash.get(_BENCH, None)
    return bench.notes if bench is not None else []


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the fence."""
    bench: Any = config.stash.get(_BENCH, None)
    if bench is not None:
        with contextlib.suppress(OSError):
            bench.close()
