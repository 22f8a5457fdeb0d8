"""One submission: passes over it until every test has a verdict, and whose fault each failure is.

A pass (`attempt`) can end early or leave tests without a verdict. What happens then:

    a cell took the process with it      the next pass leaves that cell out, and the report names it
    a test's snapshot never lived        the runner was gone: the test runs again, on a fresh one
    a test slept through its wall clock  it runs once more before it counts: the machine may have been busy
    a cell or a test was killed          it runs once more: the machine may have run out of memory
    a card was full, or CUDA failed      it runs once more, alone on the card, before it counts
    the notebook started CUDA            it cannot be forked: workers run it again, each for some tests (`station`)
    the grader died in a test            that test is undecided, the others run again
    the machine failed                   InfrastructureError: the caller tries the whole submission again
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.errors import InfrastructureError
from autograder.grading.attempt import (
    CellDone,
    CellToRun,
    Crew,
    Pass,
    TestOutcome,
    run_attempt,
)
from autograder.grading.endings import Ending, describe_status
from autograder.grading.job import PlannedTest
from autograder.grading.student import student_error
from autograder.grading.turns import next_turn
from autograder.results import Verdict
from autograder.sandbox.limits import Limits

MAX_FATAL_CELLS = 8
"""Cells that may take their process with them before the rest of the notebook is given up."""
_MAX_UNLIVED = 2
_MAX_SECOND_CHANCES = 2
"""Processes of one submission whose tests may run again because they slept: a busy machine does not hit them all."""
_OF_A_CARD = ("CardMemory", "CardFault")
_IDLE_SHARE = 0.5
"""A test that used less than this share of its CPU limit when its wall clock ran out was waiting, not working."""


@dataclass(frozen=True, slots=True)
class TestVerdict:
    """The final word on one test. `told` says to the student which limit or crash decided it; `message` is the whole
    text for the student where it is known from an earlier run."""

    __test__ = False

    verdict: Verdict
    detail: str | None = None
    seconds: float = 0.0
    told: str | None = None
    message: str | None = None
    card: tuple[int, float] | None = None  # bytes and seconds on the card, says the student's process


@dataclass(slots=True)
class Run:
    """Everything that running a submission gave."""

    cells: list[dict[int, CellDone]]
    verdicts: dict[str, TestVerdict] = field(default_factory=dict)
    peak: int | None = None  # bytes of memory, see `Pass`
    card: int | None = None  # bytes of a card, see `Pass`
    snapshots: bool = True  # every test had a fresh one


def run_submission(crew: Crew, notebooks: Sequence[Sequence[CellToRun]], tests: Sequence[PlannedTest]) -> Run:
    """Pass over the notebooks until every test has a verdict. Raises InfrastructureError."""
    state = _State(crew, notebooks, tests)
    while state.left:
        state.give_up()
        if not state.left:
            break
        state.take(_next_pass(crew, notebooks, state))
    if not tests:
        state.take(run_attempt(crew, notebooks, state.skipped, ()))
    return state.run


def _next_pass(crew: Crew, notebooks: Sequence[Sequence[CellToRun]], state: _State) -> Pass:
    if crew.station is None:
        return run_attempt(crew, notebooks, state.skipped, state.left)
    turn = next_turn(state.left, started=state.started)
    own = {test.notebook for test in turn.tests}
    which = [number for number in range(len(notebooks)) if number in own or not turn.worker or not state.ran[number]]
    alone = state.alone
    result = crew.station.run(crew, notebooks, state.skipped, turn, which, alone=alone)
    if alone and any(outcome.error == "CardFault" for outcome in result.tests.values()):
        crew.station.prove()
    if turn.worker:
        state.run.snapshots = False
    return result


class _State:
    """What is known after some passes."""

    def __init__(self, crew: Crew, notebooks: Sequence[Sequence[CellToRun]], tests: Sequence[PlannedTest]) -> None:
        self.limits = crew.limits
        self.second_chance = crew.patience.second_chance
        self.on_card = crew.station is not None
        self.left = list(tests)
        self.skipped: dict[tuple[int, int], str] = {}
        self.notebooks = notebooks
        self.run = Run(cells=[{} for _ in notebooks])
        self.again: Counter[str] = Counter()
        self.stalled = 0
        self.slept: set[str] = set()
        self.killed: set[tuple[int, int]] = set()
        self.started = False  # the notebook starts CUDA
        self.alone = False  # the card was full, or failed: from now on this submission has it to itself
        self.ran = [False for _ in notebooks]

    def take(self, result: Pass) -> None:
        """Learn from a pass. Raises InfrastructureError where it got nowhere and no student can be blamed."""
        self.run.peak = max(filter(None, (self.run.peak, result.peak)), default=None)
        self.run.card = max(filter(None, (self.run.card, result.card)), default=None)
        if result.started:
            self.started = True
            return
        if (result.fatal is not None and self._was_killed(result)) or self._met_full_card(result):
            return
        for number, cells in enumerate(result.cells):
            self.run.cells[number].update(cells)
            self.ran[number] |= bool(cells)
        if result.fatal is not None:
            number, index = result.fatal
            self.skipped[result.fatal] = self.run.cells[number][index].fatal or ""
            return
        before = len(self.left)
        others_lived = any(outcome.lived for outcome in result.tests.values())
        for test, outcome in result.tests.items():
            if not self._wants_another_run(test, outcome, others_lived=others_lived):
                self.run.verdicts[test] = judge(test, outcome, self.limits)
        self.alone |= self.on_card and any(outcome.error in _OF_A_CARD for outcome in result.tests.values())
        if not result.finished and result.begun is not None:
            detail = "the grader's process ended in this test, or was stuck in it"
            self.run.verdicts[result.begun] = TestVerdict(Verdict.UNDECIDED, detail)
        self.left = [test for test in self.left if test.id not in self.run.verdicts]
        self.stalled = self.stalled + 1 if len(self.left) == before else 0
        if self.stalled > _MAX_UNLIVED:
            raise InfrastructureError("the grader gave no verdict in three passes")

    def _was_killed(self, result: Pass) -> bool:
        """Whether the pass ended because a cell's process was killed for the first time: then all runs again."""
        assert result.fatal is not None
        number, index = result.fatal
        fatal = result.cells[number][index].fatal or ""
        first = result.fatal not in self.killed and fatal.startswith(("Killed", "CardMemory"))
        self.killed.add(result.fatal)
        self.alone |= fatal.startswith("CardMemory")
        return first

    def _met_full_card(self, result: Pass) -> bool:
        """Whether a cell found the card full beside others, or CUDA at fault: then all runs again, alone."""
        errors = (done.error for cells in result.cells for done in cells.values() if done.error is not None)
        found = (student_error(error["name"], error["message"], (), "").type for error in errors)
        full = not self.alone and self.on_card and any(kind in _OF_A_CARD for kind in found)
        self.alone |= full
        return full

    def give_up(self) -> None:
        """Fail what is left to test in a notebook of which too many cells end their process, and run it no more."""
        told = f"More than {MAX_FATAL_CELLS} cells of the notebook ended its process, so nothing was left to test."
        for number, cells in enumerate(self.notebooks):
            if sum(place == number for place, _ in self.skipped) <= MAX_FATAL_CELLS:
                continue
            for test in self.left:
                if test.notebook == number:
                    self.run.verdicts[test.id] = TestVerdict(Verdict.FAILED, told, 0.0, told)
            self.left = [test for test in self.left if test.notebook != number]
            self.skipped = {**{(number, cell.index): "" for cell in cells}, **self.skipped}

    def _wants_another_run(self, test: str, outcome: TestOutcome, *, others_lived: bool) -> bool:
        if outcome.verdict is not Verdict.FAILED:
            return False
        if not outcome.lived:
            self.again[test] += not others_lived  # another test took the runner with it: that is not this one's doing
            return self.again[test] <= _MAX_UNLIVED
        end = ending(test, outcome, self.limits)
        if end.kind in _OF_A_CARD and self.on_card:
            return not self.alone
        if end.kind not in ("Timeout", "Killed") or not self.second_chance:
            return False
        self.again[test] += 1
        if end.kind == "Killed":
            return self.again[test] <= 1
        idle = outcome.wall is not None and (outcome.cpu is None or outcome.cpu < _IDLE_SHARE * end.seconds)
        if idle:
            self.slept.add(outcome.process)
        return idle and self.again[test] <= 1 and len(self.slept) <= _MAX_SECOND_CHANCES


def ending(test: str, outcome: TestOutcome, limits: Limits) -> Ending:
    """What became of a failed test's process, or of its set-up's."""
    own = outcome.process in ("", test)
    seconds = limits.test_seconds if own else limits.prepare_seconds
    here = "here" if own else "in the set-up of this test"
    kind, sentence = outcome.error, ""
    if kind == "Crashed" and not outcome.lived:
        kind = "NotBegun"
    elif kind == "Crashed" and outcome.status is None:
        sentence = "the process ended"
    elif kind == "Crashed":
        assert outcome.status is not None
        told = describe_status(outcome.status, seconds, cpu=outcome.cpu, starved=outcome.starved)
        kind, _, sentence = told.partition(": ")
    return Ending(kind, sentence, seconds, outcome.wall, here)


def judge(test: str, outcome: TestOutcome, limits: Limits) -> TestVerdict:
    """The verdict of an outcome, with a sentence for the student where a limit or a crash decided it."""
    if outcome.verdict is not Verdict.FAILED:
        return TestVerdict(outcome.verdict, outcome.detail, outcome.seconds, card=outcome.card)
    end = ending(test, outcome, limits)
    detail = "\n".join(filter(None, (outcome.detail, end.sentence)))
    return TestVerdict(Verdict.FAILED, detail or None, outcome.seconds, end.told(limits), card=outcome.card)
