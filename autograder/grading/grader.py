"""The grader process: hidden tests collected once, then a fork for every submission.

Started separately from the zygote, as `python -s -P -B` in a clean folder with copies of the test files and a
configuration of its own. It holds the hidden tests and the reference; of a student it sees decoded frames only.

    ← setup {folder, reference: [(file, line, source)], seconds}      → ready {tests} | fault {text}
    ← grade {job}, descriptors: result, then reader and writer per pair
"""

from __future__ import annotations

import os
import socket
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn

import pytest

from autograder.errors import CourseError
from autograder.grading import warming
from autograder.grading.forkhost import ForkHost
from autograder.grading.job import Job
from autograder.grading.plugin import GradingPlugin, test_id
from autograder.grading.reference import load_reference
from autograder.grading.seclusion import seclude
from autograder.grading.stuck import noticed
from autograder.sandbox import libc
from autograder.sandbox.descriptors import receive_message, send_message
from autograder.sandbox.heap import Heap
from autograder.sandbox.lifeline import hold_on

_OPTIONS = (
    "-c", "pytest.ini", "--rootdir=.", "--confcutdir=.", "--import-mode=importlib", "--capture=no",
    "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler",
    "-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:doctest", "-p", "no:stepwise", "-p", "no:debugging",
    "-p", "no:threadexception", "-p", "no:unraisableexception", "-p", "no:warnings",
)  # fmt: skip


class BriefReports:
    """pytest's reports without a listing of the failure: a verdict needs none, and to make one takes 5 ms in a fresh
    fork. `GradingPlugin` looks at the exception itself."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Whether a phase passed, failed or was skipped."""
        outcome: Literal["passed", "failed", "skipped"] = "passed"
        if call.excinfo is not None:
            outcome = "skipped" if isinstance(call.excinfo.value, pytest.skip.Exception) else "failed"
        assert call.when != "collect"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)


class Grader(GradingPlugin):
    """The plugin, with the test loop replaced by a fork server."""

    def __init__(self, control: socket.socket, host: ForkHost, heap: Heap, collected: Callable[[], None]) -> None:
        """`collected` is called when the tests are."""
        super().__init__(host)
        self.collected = collected
        self.heap = heap
        self.control = control
        self.fork_host = host
        self.faults: list[str] = []

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Without the terminal plugin these options are missing, and pytest's core asks for them."""
        parser.addoption("--verbose", dest="verbose", default=0, type=int)
        parser.addoption("--tb", dest="tbstyle", default="short")
        parser.addoption("--showlocals", dest="showlocals", default=False)
        parser.addoption("--show-capture", dest="showcapture", default="no")
        parser.addoption("--fulltrace", dest="fulltrace", default=False)
        parser.addoption("--maxfail-unused", dest="reportchars", default="")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.faults.append(report.longreprtext)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.collected()
        items: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            items.setdefault(test_id(item), []).append(item)
        if self.faults:
            send_message(self.control, {"fault": "\n".join(self.faults)[:20_000]})
            return True
        for item in session.items:
            _ = item.location  # cached on first use
        self.warm_up(items.pop(warming.TEST)[0])
        self.heap.settle()
        send_message(self.control, {"ready": True, "tests": sorted(items)})
        self.serve(items)
        return True

    def warm_up(self, item: pytest.Item) -> None:
        """Run a test like many a few times; its fixtures of session scope go when it ends."""
        self.host = warming.EchoHost()
        for _ in range(warming.TIMES):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        self.host = self.fork_host
        self.observations.clear()

    def serve(self, items: dict[str, list[pytest.Item]]) -> None:
        """Fork for every job until the controller closes the socket."""
        while (received := receive_message(self.control)) is not None:
            message, descriptors = received
            if libc.fork() == 0:
                libc.name_process("ag-tests")
                self.control.close()
                self.grade(Job.from_json(message["job"]), descriptors, items)
                os._exit(0)
            for descriptor in descriptors:
                os.close(descriptor)
            _reap_finished()

    def grade(self, job: Job, descriptors: list[int], items: dict[str, list[pytest.Item]]) -> None:
        """Run one job's tests in this process and report each."""
        result, *ends = descriptors
        self.fork_host.accept(job, result, list(zip(ends[::2], ends[1::2], strict=True)))
        self.fork_host.tell("start", pid=os.getpid())
        cases = [item for test in job.tests for item in items.get(test, [])]
        started = time.monotonic()
        for item, following in zip(cases, [*cases[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if following is None or test_id(following) != test_id(item):
                self.fork_host.finish(test_id(item), self, started)
                started = time.monotonic()
        self.fork_host.tell("finished")


def _reap_finished() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main(heap: Heap) -> None:
    """Entry point of the process."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    hold_on(int(sys.argv[2]))
    received = receive_message(control)
    if received is None:
        return
    setup: dict[str, Any] = received[0]
    os.chdir(setup["folder"])
    libc.name_process("ag-grader")
    seclude(setup["folder"])

    def stuck(text: str) -> NoReturn:
        send_message(control, {"fault": text})
        os._exit(1)

    masters = {file for file, _, _ in setup["reference"]}
    with noticed(setup["seconds"], masters, setup["folder"], stuck) as collected:
        _collect(control, heap, setup, collected)


def _collect(control: socket.socket, heap: Heap, setup: dict[str, Any], collected: Callable[[], None]) -> None:
    """Execute the reference, collect the tests and serve them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = load_reference(setup["reference"])
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.set_num_threads(1)
    except CourseError as error:
        send_message(control, {"fault": str(error)})
        return
    sys.path += [str(Path(setup["folder"], name)) for name in ("hidden", "public")]  # their helper modules
    grader = Grader(control, ForkHost(reference), heap, collected)
    status = pytest.main([*_OPTIONS, "public", "hidden", warming.FOLDER], plugins=[grader, BriefReports()])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        send_message(control, {"fault": "\n".join(grader.faults)[:20_000] or f"pytest ended with {status!r}"})
