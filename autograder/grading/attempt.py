"""One pass over one submission: run its notebooks in the fence, then let the grader test snapshots of them.

The controller's thread drives it with blocking calls under absolute deadlines. Four parties can end it: a cell that
takes the runner with it (found by an end of file between "cell" and "done"), a test's snapshot (an end of file that
only the grader sees), the grader's fork (an end of file on the result pipe) and the machine. Which of them it was
decides whose fault it is, and what the next pass repeats: see `submission`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.errors import InfrastructureError
from autograder.grading.job import PlannedTest, make_job, pair_names
from autograder.grading.outputs import OutputReader
from autograder.results import Verdict
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.host import Fence, Slots, Student
from autograder.sandbox.limits import Limits, wall
from autograder.sandbox.process import Process

_GRADER_SLACK = 60.0
"""Seconds that the grader may need beside waiting for the student, before we take it for stuck."""
_EXIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class CellToRun:
    """A code cell of a submission, by its position in the submitted notebook."""

    index: int
    source: str


@dataclass(slots=True)
class CellDone:
    """What a cell printed and whether it failed; `fatal` where it took the process with it."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    fatal: str | None = None


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test's end as the grader told it, with what the runner claims of the process's death."""

    __test__ = False

    verdict: Verdict
    error: str | None
    detail: str | None
    seconds: float
    lived: bool
    status: int | None = None
    cpu: float | None = None


@dataclass(slots=True)
class Pass:
    """What one attempt gave. `cells[n]` are notebook n's cells by index; `begun` is the test the grader died in."""

    cells: list[dict[int, CellDone]]
    tests: dict[str, TestOutcome] = field(default_factory=dict)
    fatal: tuple[int, int] | None = None  # (notebook, cell) that killed its process
    finished: bool = False
    begun: str | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """The far wall clock: seconds as a function of the CPU limit, and whether a test that slept gets a second
    chance."""

    wall: Callable[[float], float] = wall
    second_chance: bool = True


IMPATIENT = Patience(wall=lambda cpu_seconds: 0.5, second_chance=False)


@dataclass(slots=True)
class Crew:
    """The processes that an attempt works with, and what all attempts of a batch have in common."""

    fence: Fence
    grader: Process
    slots: Slots
    limits: Limits
    seed: int
    device: str = "cpu"
    patience: Patience = field(default_factory=Patience)


def run_attempt(
    crew: Crew,
    notebooks: Sequence[Sequence[CellToRun]],
    skipped: Mapping[tuple[int, int], str],
    tests: Sequence[PlannedTest],
) -> Pass:
    """Run the notebooks' cells but the `skipped` ones, then the tests. Raises InfrastructureError for what is ours."""
    names = pair_names(tests, len(notebooks))
    result = Pass(cells=[{} for _ in notebooks])
    students: list[Student] = []
    slots: list[int] = []
    try:
        for own in names:
            slots.append(crew.slots.take())
            students.append(crew.fence.spawn(slots[-1], crew.limits, crew.seed, len(own)))
        for number, student in enumerate(students):
            student.wait_ready()
            todo = [cell for cell in notebooks[number] if (number, cell.index) not in skipped]
            if not run_cells(student, todo, crew.limits, result, number):
                return result
        if tests:
            _Grading(crew, students, names, tests, result).run()
        else:
            result.finished = True
    finally:
        gone = [student.kill() for student in students]
        gone += [None] * (len(slots) - len(gone))
        for slot, pidfd in zip(slots, gone, strict=True):
            crew.slots.give(slot, pidfd)
    return result


def run_cells(student: Student, cells: Sequence[CellToRun], limits: Limits, result: Pass, number: int) -> bool:
    """Run notebook `number`'s cells in order, into `result`; False when one took the process with it."""
    done = result.cells[number]
    outputs = OutputReader()
    deadline = time.monotonic() + wall(limits.notebook_seconds)
    for cell in cells:
        fault = None
        try:
            source = cell.source.encode("utf-8", "replace").decode()  # a lone surrogate is a fault in any Python
            student.runner.send(("run", cell.index, source), deadline)
            while (message := student.runner.receive(deadline))[0] != "done":
                pass
            done[cell.index] = _cell_done(message, outputs)
        except ChannelTimeout:
            fault = f"Timeout: the notebook did not end within {wall(limits.notebook_seconds):g} s"
        except ProtocolFault as error:
            fault = f"ProtocolFault: {error}"
        except ChannelClosed:
            fault = _cell_death(student, limits)
        if fault is not None:
            done[cell.index] = CellDone(fatal=fault)
            result.fatal = (number, cell.index)
            return False
    return True


def _cell_done(message: tuple[Any, ...], outputs: OutputReader) -> CellDone:
    """What the runner says of a cell. It is the student's process that speaks: anything odd is a broken protocol."""
    if len(message) != 5 or type(message[3]) not in (dict, type(None)):
        raise ProtocolFault("a cell's result is malformed")
    return CellDone(outputs=outputs.read(message[2]), error=message[3])


def _cell_death(student: Student, limits: Limits) -> str:
    """How a cell ended its process. Raises InfrastructureError where the machine did that."""
    if student.runner_gone(_EXIT_SECONDS):
        assert student.runner_status is not None
        return describe_status(student.runner_status, limits.notebook_seconds)
    _check_fence(student)
    return "Crashed: the cell closed the connection to its process"


def _check_fence(student: Student) -> None:
    """A student whose runner fell silent did that itself, or the machine ended the whole fence: then raises."""
    if student.taken_away():
        raise InfrastructureError("the fence was ended from outside")


def describe_status(status: int, seconds: float) -> str:
    """A wait status in a student's words, as "Kind: sentence"."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return f"Timeout: more than {seconds:g} s of CPU time were used"
        name = signal.Signals(number).name if number in set(signal.Signals) else "real-time"
        return f"Crashed: the process crashed (signal {number}, {name})"
    return f"Crashed: the process ended itself with status {os.WEXITSTATUS(status)}"


class _Grading:
    """The second half of a pass: the grader's fork at work, the runner forking for it."""

    def __init__(
        self,
        crew: Crew,
        students: list[Student],
        names: list[list[str]],
        tests: Sequence[PlannedTest],
        result: Pass,
    ) -> None:
        self.crew = crew
        self.students = students
        self.tests = tests
        self.result = result
        self.places = [(number, k) for number, own in enumerate(names) for k in range(len(own))]
        self.names = [name for own in names for name in own]
        self.job = make_job(tests, names, crew.limits, crew.patience.wall, crew.seed, crew.device)
        self.exits: dict[str, tuple[int, float]] = {}
        self.deaf: set[int] = set()
        self.closed: set[int] = set()
        self.heard = [0] * len(students)

    def run(self) -> None:
        """Start the grader on the tests and serve it until it has finished or died."""
        reader, writer = os.pipe()
        try:
            ends = [end for student in self.students for pair in student.pairs for end in pair]
            self.crew.grader.send({"job": self.job.to_json()}, [writer, *ends])
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        for student in self.students:
            student.close_pairs()
        try:
            self._serve(reader)
        finally:
            os.close(reader)
        self._add_exits()
        for number in sorted(self.closed):
            _check_fence(self.students[number])

    def _serve(self, reader: int) -> None:
        buffer = b""
        pid: int | None = None
        patience = wall(self.crew.limits.longest) + _GRADER_SLACK
        while not self.result.finished:
            if not self._wait(reader, time.monotonic() + patience):
                self._stuck(pid)
                return
            data = os.read(reader, 1 << 16)
            if not data:
                return
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                event = json.loads(line)
                if event["event"] == "start":
                    pid = event["pid"]
                self._take(event)

    def _wait(self, reader: int, deadline: float) -> bool:
        """Wait for the grader, taking in what the runners say meanwhile."""
        while True:
            poller = select.poll()
            poller.register(reader, select.POLLIN)
            for number, student in enumerate(self.students):
                if number not in self.deaf:
                    poller.register(student.runner.reader, select.POLLIN)
            ready = {fd for fd, _ in poller.poll(max(0.0, deadline - time.monotonic()) * 1000)}
            if not ready:
                return False
            for number, student in enumerate(self.students):
                if student.runner.reader in ready:
                    self._hear(number)
            if reader in ready:
                return True

    def _hear(self, number: int) -> None:
        """Take in a runner's messages: which snapshots ended, and how."""
        runner = self.students[number].runner
        try:
            while True:
                self._note(number, runner.receive(time.monotonic() + 1.0))
                self.heard[number] += 1
                if self.heard[number] > 4 * len(self.places):
                    raise ProtocolFault("more messages than there are snapshots")  # or a flood would keep us here
                if not runner.pending():
                    return
        except ChannelClosed:
            self.closed.add(number)
            self.deaf.add(number)
        except (ChannelTimeout, ProtocolFault):
            self.deaf.add(number)

    def _note(self, number: int, message: tuple[Any, ...]) -> None:
        if message[0] == "exit" and len(message) == 4:
            _, k, status, cpu = message
            if type(k) is int and type(status) is int and type(cpu) is float and (number, k) in self.places:
                self.exits[self.names[self.places.index((number, k))]] = (status, cpu)

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "begin":
            self.result.begun = self.names[event["k"]]
            self._fork(event)
        elif kind == "inside":
            self.result.begun = self.names[event["k"]]
        elif kind == "overdue":
            number, k = self.places[event["k"]]
            self._tell(number, ("kill", k))
        elif kind == "end":
            self.result.begun = None
            self.result.tests[event["test"]] = TestOutcome(
                Verdict(event["verdict"]), event["error"], event["detail"], event["seconds"], event["lived"]
            )
        elif kind == "finished":
            self.result.finished = True

    def _fork(self, event: dict[str, Any]) -> None:
        number, k = self.places[event["k"]]
        keep = [self.places[other][1] for other in event["keep"]]
        self._tell(number, ("fork", k, event["seed"], event["seconds"], keep))

    def _tell(self, number: int, message: tuple[Any, ...]) -> None:
        with contextlib.suppress(ChannelClosed, ChannelTimeout):  # a runner that is gone shows in the tests' results
            self.students[number].runner.send(message, time.monotonic() + 5.0)

    def _stuck(self, pid: int | None) -> None:
        if pid is None:
            raise InfrastructureError("the grader did not start")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _add_exits(self) -> None:
        """Add how their processes ended to the tests that say that they did."""
        waiting = {name for name, test in self.result.tests.items() if test.error in ("Crashed", "Timeout")}
        deadline = time.monotonic() + _EXIT_SECONDS
        while not waiting <= self.exits.keys() and time.monotonic() < deadline:
            before = len(self.exits)
            for number in range(len(self.students)):
                if number not in self.deaf:
                    poller = select.poll()
                    poller.register(self.students[number].runner.reader, select.POLLIN)
                    if poller.poll(20):
                        self._hear(number)
            if len(self.exits) == before and len(self.deaf) == len(self.students):
                break
        for name in waiting & self.exits.keys():
            status, cpu = self.exits[name]
            old = self.result.tests[name]
            self.result.tests[name] = replace(old, status=status, cpu=cpu)
