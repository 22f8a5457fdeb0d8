"""One pass over one submission: run its notebooks in the fence, then let the grader test snapshots of them.

The controller's thread drives it with blocking calls under absolute deadlines. Four parties can end it: a cell that
takes the runner with it (found by an end of file before its "done"), a test's snapshot (an end of file that
only the grader sees), the grader's fork (an end of file on the result pipe) and the machine. Which of them it was
decides whose fault it is, and what the next pass repeats: see `submission`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from autograder.errors import InfrastructureError
from autograder.grading import endings
from autograder.grading.examiner import Examiner
from autograder.grading.job import PlannedTest, make_job, pair_names
from autograder.grading.outputs import OutputReader, read_error
from autograder.grading.runners import Runners
from autograder.results import Verdict
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import Limits, wall
from autograder.sandbox.slots import Slots

if TYPE_CHECKING:
    from autograder.grading.station import Station

_GRADER_SLACK = 60.0
"""Seconds that the grader may need beside waiting for the student, before we take it for stuck."""
_EXIT_SECONDS = 0.5
_GRADER_SECONDS = 2.0
"""Where a fork of the grader is gone: how long the grader may take to go with it, if both were killed."""


@dataclass(frozen=True, slots=True)
class CellToRun:
    """A code cell of a submission, by its position in the submitted notebook."""

    index: int
    source: str

    def sound(self) -> str:
        """The source as it can be sent: a lone surrogate is a fault in any Python."""
        return self.source.encode("utf-8", "replace").decode()


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
    process: str = ""  # whose failure it is: the test's own process, or its set-up's
    wall: float | None = None  # the wall clock that ran out, in seconds
    card: tuple[int, float] | None = None  # bytes and seconds on the card, says the student's process
    status: int | None = None
    cpu: float | None = None
    starved: bool = False


@dataclass(slots=True)
class Pass:
    """What one attempt gave. `cells[n]` are notebook n's cells by index; `begun` is the test the grader died in."""

    cells: list[dict[int, CellDone]]
    tests: dict[str, TestOutcome] = field(default_factory=dict)
    fatal: tuple[int, int] | None = None  # (notebook, cell) that killed its process
    finished: bool = False
    begun: str | None = None
    peak: int | None = None  # bytes of memory that a notebook's processes held at most; None where nobody counts
    started: bool = False  # the notebook has started CUDA: no test can be forked from it
    card: int | None = None  # bytes of the card that were held at most, as its driver says; None where it does not


@dataclass(frozen=True, slots=True)
class Patience:
    """The far wall clock in seconds, by the CPU limit, and whether a test that slept gets a second chance."""

    wall: Callable[[float], float] = wall
    second_chance: bool = True


IMPATIENT = Patience(wall=lambda cpu_seconds: 0.5, second_chance=False)


@dataclass(slots=True)
class Crew:
    """The processes that an attempt works with, and what all attempts of a batch have in common."""

    fence: Fence
    examiner: Examiner
    slots: Slots
    limits: Limits
    seed: int
    device: str = "cpu"
    patience: Patience = field(default_factory=Patience)
    station: Station | None = None  # where students meet a card


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
        run_tests(crew, students, names, tests, result)
    finally:
        result.peak = max(filter(None, [student.peak() for student in students]), default=None)
        gone = [student.kill() for student in students]
        for slot, pidfd in zip_longest(slots, gone):
            crew.slots.give(slot, pidfd)
    return result


def run_tests(
    crew: Crew,
    students: list[Student],
    names: list[list[str]],
    tests: Sequence[PlannedTest],
    result: Pass,
    operation: str = "fork",
) -> None:
    """Let the grader test snapshots of the students, into `result`; with "serve" the students themselves."""
    if tests:
        _Grading(crew, students, names, tests, result, operation).run()
    else:
        result.finished = True


def run_cells(
    student: Student,
    cells: Sequence[CellToRun],
    limits: Limits,
    result: Pass,
    number: int,
    stop: Callable[[], bool] | None = None,
) -> bool:
    """Run notebook `number`'s cells in order, into `result`, until `stop` says so after one; False when one took the
    process with it."""
    done = result.cells[number]
    outputs = OutputReader()
    deadline = time.monotonic() + wall(limits.notebook_seconds)
    for place, cell in enumerate(cells):
        fault = None
        try:
            if stop is not None or place == 0:  # all at once, where nobody has a look between them
                ordered = [(one.index, one.sound()) for one in (cells if stop is None else (cell,))]
                student.runner.send(("run_all", tuple(ordered)), deadline)
            while (message := student.runner.receive(deadline))[0] != "done":
                pass
            done[cell.index] = _cell_done(message, outputs, limits)
        except ChannelTimeout:
            fault = f"Timeout: the notebook was still running after {wall(limits.notebook_seconds):g} s"
        except ProtocolFault as error:
            fault = f"ProtocolFault: {error}"
        except ChannelClosed:
            fault = _cell_death(student, limits)
        if fault is not None:
            done[cell.index] = CellDone(fatal=fault)
            result.fatal = (number, cell.index)
            return False
        if stop is not None and stop():
            break
    return True


def _cell_done(message: tuple[Any, ...], outputs: OutputReader, limits: Limits) -> CellDone:
    """What the runner says of a cell. It is the student's process that speaks: anything odd is a broken protocol."""
    if len(message) != 5 or type(message[3]) not in (dict, type(None)):
        raise ProtocolFault("a cell's result is malformed")
    error = None if message[3] is None else read_error(message[3])
    if error is not None and error["name"] == "MemoryError" and not error["message"]:
        error = {**error, "message": f"the memory limit is {limits.memory / 2**30:.3g} GiB"}
    return CellDone(outputs=outputs.read(message[2]), error=error)


def _cell_death(student: Student, limits: Limits) -> str:
    """How a cell ended its process. Raises InfrastructureError where the machine did that."""
    if student.runner_gone(_EXIT_SECONDS):
        assert student.runner_status is not None
        return describe_runner(student, limits)
    _check_fence(student)
    return "Crashed: the cell closed the connection to its process"


def describe_runner(student: Student, limits: Limits) -> str:
    """How the runner ended, which is gone."""
    status, seconds = student.runner_status or 0, limits.notebook_seconds
    if endings.reaped_cpu(student.pid) >= limits.longest:  # it ignored the signal, and met the kernel's hard limit
        return endings.describe_status(status, seconds, cpu=seconds)
    return endings.describe_status(status, seconds, starved=student.starved())


def _check_fence(student: Student) -> None:
    """A student whose runner fell silent did that itself, or the machine ended the whole fence: then raises."""
    if student.taken_away():
        raise InfrastructureError("the fence was ended from outside")


class _Grading:
    """The second half of a pass: the grader's fork at work, the runner forking for it."""

    def __init__(
        self,
        crew: Crew,
        students: list[Student],
        names: list[list[str]],
        tests: Sequence[PlannedTest],
        result: Pass,
        operation: str,
    ) -> None:
        self.crew = crew
        self.operation = operation
        self.students = students
        self.tests = tests
        self.result = result
        self.places = [(number, k) for number, own in enumerate(names) for k in range(len(own))]
        self.names = [name for own in names for name in own]
        trees = [student.pid for student in students]
        self.job = make_job(tests, names, crew.limits, crew.patience.wall, crew.seed, crew.device, trees)
        self.runners = Runners(students, names)

    def run(self) -> None:
        """Start the grader on the tests and serve it until it has finished or died."""
        reader, writer = os.pipe()
        try:
            ends = [end for student in self.students for pair in student.pairs for end in pair]
            self.crew.examiner.begin(self.job, writer, ends)
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
        for number in sorted(self.runners.closed):
            _check_fence(self.students[number])

    def _serve(self, reader: int) -> None:
        buffer = b""
        pid: int | None = None
        patience = wall(self.crew.limits.longest) + _GRADER_SLACK
        while not self.result.finished:
            if not self.runners.wait(reader, time.monotonic() + patience):
                self._stuck(pid)
                return
            data = os.read(reader, 1 << 16)
            if not data:
                if self.crew.examiner.ends_within(_GRADER_SECONDS):  # else the test has ended its own process
                    raise InfrastructureError("the grader is gone, and with it what it had forked")
                return
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                event = json.loads(line)
                if event["event"] == "start":
                    pid = event["pid"]
                self._take(event)

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "begin":
            self.result.begun = self.names[event["k"]]
            self._fork(event)
        elif kind == "inside":
            self.result.begun = self.names[event["k"]]
        elif kind == "overdue":
            number, k = self.places[event["k"]]
            if self.operation == "fork":
                self.runners.tell(number, ("kill", k))
            else:
                self.students[number].end_runner()  # it is busy with the test, and hears nothing
        elif kind == "end":
            self.result.begun = None
            told = {name: event[name] for name in ("error", "detail", "seconds", "lived", "process", "wall")}
            card, (status, cpu) = event["card"], event["death"]
            told |= {"card": (card[0], card[1]) if card is not None else None, "status": status, "cpu": cpu}
            self.result.tests[event["test"]] = TestOutcome(Verdict(event["verdict"]), **told)
        elif kind == "finished":
            self.result.finished = True

    def _fork(self, event: dict[str, Any]) -> None:
        number, k = self.places[event["k"]]
        keep = [self.places[other][1] for other in event["keep"]]
        self.runners.tell(number, (self.operation, k, event["seed"], event["seconds"], keep))

    def _stuck(self, pid: int | None) -> None:
        if pid is None:
            raise InfrastructureError("the grader did not start")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _add_exits(self) -> None:
        """Add how their processes ended to the tests that say that they did."""
        waiting = {
            name: test.process
            for name, test in self.result.tests.items()
            if test.error in ("Crashed", "Timeout") and test.status is None
        }
        if self.operation == "fork":
            self.runners.wait_for(waiting.values())
        else:
            self.runners.add_own_ends(waiting.values())
        for name, process in waiting.items():
            if process in self.runners.exits:
                status, cpu = self.runners.exits[process]
                self.result.tests[name] = replace(self.result.tests[name], status=status, cpu=cpu)
        if any(student.starved() for student in self.students):
            for name, test in self.result.tests.items():
                self.result.tests[name] = replace(test, starved=True)
