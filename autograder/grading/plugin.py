"""The pytest plugin of hidden and public tests: fixtures, the `question` marker and the kind of each outcome.

The same plugin serves the grader process, an author's `pytest tests/hidden/<id> --submission FILE`, and a student's
`check("question")`; they differ in the `Host` that makes students. Whose fault an exception is follows one rule:

    AssertionError, StudentError, pytest.fail     the student's: failed
    anything else, skip and xfail                 the author's: undecided
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

import numpy as np
import pytest

from autograder.errors import StudentError
from autograder.grading.prepared import HOST, PREPARED
from autograder.grading.seeds import derive
from autograder.grading.student import Student
from autograder.results import Verdict

MAX_DETAIL = 20_000
"""Characters kept of what a test saw; for staff only."""


class Host(Protocol):
    """Where students come from."""

    seed: int
    device: str
    limits: SimpleNamespace
    reference: Any

    def test(self, test: str, prepared: str | None) -> AbstractContextManager[Student]:
        """A student for one test: a fresh snapshot of the notebook, or of the prepared set-up."""
        ...

    def prepare(self, prepared: str) -> AbstractContextManager[Student]:
        """The student in which a prepared set-up runs, which stays for its tests."""
        ...


def session_fixtures(host: Host) -> ModuleType:
    """The fixtures of session scope as a plugin: functions in a module, since pytest deprecates methods for them."""

    @pytest.fixture(scope="session")
    def reference() -> Any:
        """The reference solution's names, as attributes."""
        if host.reference is None:
            raise LookupError("public tests have no `reference`: students run them without the solution")
        return host.reference

    @pytest.fixture(scope="session")
    def device() -> str:
        """The torch device on which the student's code is to run: "cpu" or "cuda"."""
        return host.device

    @pytest.fixture(scope="session")
    def limits() -> SimpleNamespace:
        """The assignment's limits: notebook_seconds, test_seconds, prepare_seconds, memory (bytes)."""
        return host.limits

    plugin = ModuleType("autograder_session_fixtures")
    vars(plugin).update(reference=reference, device=device, limits=limits)
    return plugin


@dataclass(frozen=True, slots=True)
class Observation:
    """What one phase of one test (or one case of it) gave."""

    test: str
    verdict: Verdict
    error: str | None = None  # the StudentError's type
    detail: str | None = None  # staff only


def test_id(item: pytest.Item) -> str:
    """A test's id: its function's name; all cases of a parametrised test share it."""
    return getattr(item, "originalname", None) or item.name


def prepared_id(item: pytest.Item, name: str) -> str:
    """A prepared set-up's id: modules may use the same name for different set-ups."""
    return f"{item.path.name}::{name}"


class GradingPlugin:
    """Registers fixtures and marker, and hands an Observation for every phase to `observe`."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.observations: list[Observation] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "question(id, points=0, hint=None): the question that a test belongs to")
        config.stash[HOST] = _PreparedSide(self.host)
        config.pluginmanager.register(session_fixtures(self.host), "autograder-session-fixtures")

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[Student]:
        """The student's notebook, as a fresh snapshot."""
        with self.host.test(test_id(request.node), _prepared_of(request.node)) as student:
            yield student

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """A numpy Generator seeded from the assignment's seed and the test's name."""
        return np.random.default_rng(derive(self.host.seed, request.node.name))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        seen = observe(item, call)
        expected = hasattr(report, "wasxfail") or item.get_closest_marker("xfail") is not None
        if report.skipped or expected:  # an expected failure that passes counts as little as a skip
            seen = Observation(
                seen.test, Verdict.UNDECIDED, None, seen.detail or "the test is skipped or marked as xfail"
            )
        self.observations.append(seen)
        return report

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """A test that names a prepared set-up, but not `student`, runs in a snapshot of it all the same."""
        names = getattr(item, "fixturenames", None)
        if names is not None and "student" not in names and _prepared_of(item) is not None:
            names.append("student")


def observe(item: pytest.Item, call: pytest.CallInfo[None]) -> Observation:
    """Whose fault it is that a phase of a test raised."""
    test = test_id(item)
    if call.excinfo is None:
        return Observation(test, Verdict.PASSED)
    error = call.excinfo.value
    place = next((e for e in reversed(call.excinfo.traceback) if str(e.path).endswith(item.path.name)), None)
    where = f"{item.path.name}:{place.lineno + 1}: " if place is not None else ""
    if isinstance(error, StudentError):
        told = f"\nin the student's process:\n{error.traceback}" if error.traceback else ""
        return Observation(test, Verdict.FAILED, error.type, f"{where}{error}{told}"[:MAX_DETAIL])
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return Observation(test, Verdict.FAILED, None, f"{where}{error}"[:MAX_DETAIL])
    told = f"{where}{type(error).__name__}: {error}"
    return Observation(test, Verdict.UNDECIDED, None, told[:MAX_DETAIL])


def verdict_of(observations: list[Observation]) -> Observation:
    """One verdict out of all phases and cases of a test: a failure decides, else anything undecided, else passed.

    Without any observation (the test did not run) it is undecided.
    """
    if not observations:
        return Observation("", Verdict.UNDECIDED, None, "the test did not run")
    order = {Verdict.FAILED: 0, Verdict.UNDECIDED: 1, Verdict.PASSED: 2}
    return min(observations, key=lambda observation: order[observation.verdict])


def _prepared_of(item: pytest.Item) -> str | None:
    manager = item.session._fixturemanager
    for name in getattr(item, "fixturenames", ()):
        for definition in manager.getfixturedefs(name, item) or ():
            if getattr(definition.func, PREPARED, False):
                return prepared_id(item, name)
    return None


class _PreparedSide:
    """What `prepared` needs of the host: a student, and a random generator of the set-up's own."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @contextmanager
    def run(self, prepared: str) -> Iterator[dict[str, Any]]:
        rng = np.random.default_rng(derive(self.host.seed, prepared))
        with self.host.prepare(prepared) as student:
            yield {"student": student, "rng": rng}
