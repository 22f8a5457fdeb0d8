"""Runs public tests in this process, against a namespace, and leaves no trace: the process may be a student's kernel.

pytest gets a temporary folder with an ini file of its own and no plugin but ours.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import StudentError
from autograder.grading.localhost import LocalHost
from autograder.grading.plugin import GradingPlugin, observe, test_id
from autograder.grading.undisturbed import undisturbed
from autograder.results import Verdict, number, points

_INI = "[pytest]\npython_files = test_*.py\npython_functions = test_*\npython_classes =\n"
_OPTIONS = (
    "--import-mode=importlib", "--capture=sys", "-q", "--color=no", "--tb=no",
    "-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:faulthandler", "-p", "no:junitxml", "-p", "no:pastebin",
    "-p", "no:doctest", "-p", "no:stepwise", "-p", "no:debugging", "-p", "no:threadexception",
    "-p", "no:unraisableexception",
)  # fmt: skip
_WHERE = re.compile(r"\s*\+\s+(where|and) ")
"""Lines in which pytest explains a value by the objects behind it: here they are ours."""
_MAX_MESSAGE = 1200
_MAX_LINES = 12
_INSTALLED_AS = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "PyYAML"}


@dataclass(frozen=True, slots=True)
class CheckedTest:
    """What a student is told of one public test. `message` says why it did not pass; `printed` is their own output."""

    id: str
    doc: str
    points: Decimal
    verdict: Verdict
    hint: str | None = None
    message: str | None = None
    printed: str = ""

    def to_json(self) -> dict[str, Any]:
        own = {slot: getattr(self, slot) for slot in self.__slots__}
        return {**own, "points": number(self.points), "verdict": self.verdict.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CheckedTest:
        amount = points(data["points"])
        assert amount is not None
        return cls(**{**data, "points": amount, "verdict": Verdict(data["verdict"])})


@dataclass(frozen=True, slots=True)
class CheckedQuestion:
    """The public tests of one question. `fault` says why they could not be run, which is no fault of the answer."""

    question: str
    tests: tuple[CheckedTest, ...] = ()
    fault: str | None = None

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(test.verdict is Verdict.PASSED for test in self.tests)

    @property
    def earned(self) -> Decimal:
        """The points of the tests that passed."""
        return sum((test.points for test in self.tests if test.verdict is Verdict.PASSED), Decimal(0))

    @property
    def public_points(self) -> Decimal:
        """The points of all of these tests."""
        return sum((test.points for test in self.tests), Decimal(0))

    @property
    def ok(self) -> bool:
        """Whether all tests ran and passed."""
        return self.fault is None and self.passed == len(self.tests)

    def to_json(self) -> dict[str, Any]:
        return {"question": self.question, "tests": [test.to_json() for test in self.tests], "fault": self.fault}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CheckedQuestion:
        return cls(data["question"], tuple(CheckedTest.from_json(test) for test in data["tests"]), data["fault"])


def run_public_tests(names: dict[str, Any], question: str, source: str) -> CheckedQuestion:
    """Run the tests in `source`, one module, against the notebook whose names are `names`.

    KeyboardInterrupt passes through; whatever else goes wrong is in the result.
    """
    if not source.strip():
        return CheckedQuestion(question)
    with tempfile.TemporaryDirectory(prefix="autograder-check-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        files = folder / "files"
        files.mkdir()
        # modules are kept by name: this one has the question's id in it, and a word that no student's module has
        module = folder / f"test_autograder_{re.sub(r'[^0-9A-Za-z]', '_', question)}.py"
        module.write_text(source, encoding="utf-8")
        (folder / "pytest.ini").write_text(_INI, encoding="utf-8")
        plugin = _Checker(LocalHost(names, files))
        places = ("-c", str(folder / "pytest.ini"), f"--rootdir={folder}", f"--confcutdir={folder}")
        with undisturbed(folder):
            status = pytest.main([*_OPTIONS, *places, str(module)], plugins=[plugin])
    if status == pytest.ExitCode.INTERRUPTED and plugin.fault is None:
        raise KeyboardInterrupt
    fault = plugin.fault
    if fault is None and status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        fault = "pytest could not run them"
    return CheckedQuestion(question, tuple(plugin.results()), fault)


@dataclass(frozen=True, slots=True)
class _Phase:
    test: str
    case: str
    verdict: Verdict
    message: str | None
    printed: str


class _Checker(GradingPlugin):
    """The grader's plugin, which also remembers what to tell the student."""

    def __init__(self, host: LocalHost) -> None:
        super().__init__(host)
        self.items: dict[str, pytest.Item] = {}
        self.phases: list[_Phase] = []
        self.fault: str | None = None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self.items.setdefault(test_id(item), item)

    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]) -> None:
        if isinstance(node, pytest.Collector) and call.excinfo is not None:
            self.fault = _collection_fault(call.excinfo.value)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report: pytest.TestReport = yield
        observation = observe(item, call)
        message = None if call.excinfo is None else _told(call.excinfo.value)
        case = item.name.removeprefix(test_id(item))
        self.phases.append(_Phase(test_id(item), case, observation.verdict, message, report.capstdout))
        return report

    def results(self) -> Iterator[CheckedTest]:
        """One result per test, in the order of the file; of several cases the worst counts."""
        worst = {Verdict.FAILED: 0, Verdict.UNDECIDED: 1, Verdict.PASSED: 2}
        for name, item in self.items.items():
            phases = [phase for phase in self.phases if phase.test == name]
            mark = item.get_closest_marker("question")
            options = mark.kwargs if mark is not None else {}
            doc = _first_sentence(getattr(getattr(item, "obj", None), "__doc__", None) or name)
            amount = Decimal(str(options.get("points", 0)))
            if not phases:
                yield CheckedTest(name, doc, amount, Verdict.UNDECIDED, None, "the test did not run")
                continue
            phase = min(phases, key=lambda phase: worst[phase.verdict])
            case = f"(case {phase.case}) " if phase.case and phase.message else ""
            message = f"{case}{phase.message}" if phase.message else None
            yield CheckedTest(name, doc, amount, phase.verdict, options.get("hint"), message, phase.printed)


def _first_sentence(doc: str) -> str:
    return " ".join(doc.strip().split("\n\n")[0].split())


def _told(error: BaseException) -> str:
    """Why a test did not pass, in the student's terms."""
    if isinstance(error, StudentError):
        place = f"\n{error.traceback}" if error.traceback else ""
        if error.type == "NameError" and not place:  # a name that the test asked for
            return error.message
        return f"Your code raised {_cut(str(error))}{place}"
    if isinstance(error, AssertionError | pytest.fail.Exception):
        lines = [line for line in str(error).split("\n") if not _WHERE.match(line)]
        cause = error.__cause__
        place = f"\n{cause.traceback}" if isinstance(cause, StudentError) and cause.traceback else ""
        return _cut("\n".join(lines) or "the assertion does not hold") + place
    if isinstance(error, pytest.skip.Exception):
        return f"This test was left out: {error}"
    return f"The test itself broke off ({_cut(f'{type(error).__name__}: {error}')})."


def _collection_fault(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"they need ‘{error.name}’, which is not installed here: {install_command([error.name])}"
    return _cut(f"{type(error).__name__}: {error}")


def install_command(modules: list[str]) -> str:
    """The command that installs modules, by the names under which packages of that name are published."""
    names = dict.fromkeys(module.partition(".")[0] for module in modules)
    return "python -m pip install " + " ".join(_INSTALLED_AS.get(name, name) for name in names)


def _cut(text: str) -> str:
    lines = text.split("\n")
    short = "\n".join(lines[:_MAX_LINES])[:_MAX_MESSAGE]
    return short if short == text else f"{short} …"
