"""A pass over a submission on a card: a place at the desk, the notebook's processes, a watch from outside, a clean end.

A pass without the card is `attempt.run_attempt`. Here each pass runs the tests of one turn. As long as the notebook
leaves CUDA alone, tests are forked from it; when it is seen from outside to have started CUDA, the pass ends there and
`started` says so: from then on workers that started CUDA ahead run the notebook and serve the tests themselves.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from autograder.errors import FenceError, InfrastructureError
from autograder.grading.ahead import Ahead, Worker
from autograder.grading.attempt import CellToRun, Crew, Pass, run_cells, run_tests
from autograder.grading.desk import Desk
from autograder.grading.job import pair_names
from autograder.grading.turns import Turn
from autograder.grading.watch import Seen
from autograder.results import Verdict
from autograder.sandbox.cards import has_started
from autograder.sandbox.proc import descendants
from autograder.sandbox.share import START_SECONDS

_TOO_MUCH = "CardMemory: more of the card's memory was held than is allowed"


class Station:
    """Where the students of one crew meet the card. `pairs` is the most that a turn's process needs."""

    def __init__(self, crew: Crew, desk: Desk, pairs: int) -> None:
        self.crew = crew
        self.desk = desk
        self.pairs = pairs
        self._proven = False
        limits = crew.limits
        together = limits.notebook_seconds + limits.prepare_seconds + pairs * limits.test_seconds
        self._limits = replace(limits, together=together + START_SECONDS)
        self.ahead = Ahead(self._start_ahead, desk.ahead)

    def run(
        self,
        crew: Crew,
        notebooks: Sequence[Sequence[CellToRun]],
        skipped: Mapping[tuple[int, int], str],
        turn: Turn,
        which: Sequence[int],
        *,
        alone: bool,
    ) -> Pass:
        """Run the notebooks `which` but their `skipped` cells, then the turn's tests; `alone` on the card or beside
        others. Raises InfrastructureError for what is ours."""
        with self.desk.turn(alone=alone):
            return self._run(crew, notebooks, skipped, turn, which)

    def prove(self) -> None:
        """Return if CUDA starts in a fence. Raises InfrastructureError: then no student is to blame for the card."""
        worker = self.ahead.take()
        try:
            worker.wait_started()
        finally:
            self._end([worker])

    def prove_once(self) -> None:
        """`prove`, before the first student. Raises FenceError: nothing of a student's was run."""
        if self._proven:
            return
        try:
            self.prove()
        except InfrastructureError as error:
            raise FenceError(f"{error}. Grade on the CPU with --device cpu") from error
        self._proven = True

    def close(self) -> None:
        """End the workers that nobody has taken."""
        for worker in self.ahead.close():
            pidfd = worker.student.kill()
            if pidfd is not None:
                os.close(pidfd)

    def _run(
        self,
        crew: Crew,
        notebooks: Sequence[Sequence[CellToRun]],
        skipped: Mapping[tuple[int, int], str],
        turn: Turn,
        which: Sequence[int],
    ) -> Pass:
        every = pair_names(turn.tests, len(notebooks))
        names = [every[number] for number in which]
        result = Pass(cells=[{} for _ in notebooks])
        workers: list[Worker] = []
        seen: list[Seen] = []
        try:
            with contextlib.ExitStack() as following:
                for own in names:
                    workers.append(self._worker(len(own)) if turn.worker else self._spawn(len(own)))
                    init = workers[-1].student.pid
                    seen.append(following.enter_context(self.desk.watch.follow(init, self.desk.bound)))
                for number, worker in zip(which, workers, strict=True):
                    todo = [cell for cell in notebooks[number] if (number, cell.index) not in skipped]
                    started = partial(has_started, worker.student.pid, self.desk.card)
                    stop = None if turn.worker else started
                    if not run_cells(worker.student, todo, self._limits, result, number, stop):
                        return result
                    if not turn.worker and started():
                        result.started = True
                        return result
                students = [worker.student for worker in workers]
                run_tests(crew, students, names, turn.tests, result, "serve" if turn.worker else "fork")
        finally:
            result.peak = max(filter(None, [worker.student.peak() for worker in workers]), default=None)
            self._end(workers)
            _add_seen(result, seen)
        return result

    def _worker(self, pairs: int) -> Worker:
        worker = self.ahead.take()
        try:
            worker.wait_started()
        except InfrastructureError:
            self._end([worker])
            raise
        worker.student.keep_pairs(pairs)
        return worker

    def _start_ahead(self) -> Worker:
        worker = self._spawn(self.pairs)
        worker.student.runner.send(("start",))
        return worker

    def _spawn(self, pairs: int) -> Worker:
        slot = self.crew.slots.take()
        try:
            student = self.crew.fence.spawn(slot, self._limits, self.crew.seed, pairs)
        except BaseException:
            self.crew.slots.give(slot, None)
            raise
        try:
            student.wait_ready()
        except BaseException:
            self.crew.slots.give(slot, student.kill())
            raise
        return Worker(slot, student)

    def _end(self, workers: Sequence[Worker]) -> None:
        """End these and all that they have started, and see that the card is clean of them."""
        processes: dict[int, int] = {}
        for worker in workers:
            processes |= descendants(worker.student.pid)
        gone = [worker.student.kill() for worker in workers]
        try:
            self.desk.see_out([pidfd for pidfd in gone if pidfd is not None], processes)
        finally:
            for worker, pidfd in zip(workers, gone, strict=True):
                self.crew.slots.give(worker.slot, pidfd)


def _add_seen(result: Pass, seen: Sequence[Seen]) -> None:
    """Add what was seen from outside, and blame the memory where a process was ended for it."""
    result.card = max(filter(None, [one.peak for one in seen]), default=None)
    if not any(one.exceeded for one in seen):
        return
    for name, test in result.tests.items():
        if test.verdict is Verdict.FAILED and test.error == "Crashed":
            result.tests[name] = replace(test, error="CardMemory")
    if result.fatal is not None:
        number, index = result.fatal
        result.cells[number][index].fatal = _TOO_MUCH
