"""The host inside the grader process: students are snapshots in the fence, reached by the pipes that came with the job.

What the controller has to know goes up the result pipe as lines of JSON:

    {"event": "begin", "k", "seed", "seconds", "keep"}   fork snapshot k now
    {"event": "inside", "k"}                             snapshot k is being forked by its prepared set-up
    {"event": "overdue", "k"}                            end snapshot k: its wall clock ran out
    {"event": "end", "test", "verdict", "error", "detail", "seconds", "lived", "process", "wall", "card",
     "death"}
                                                         process: whose failure it is, the test's or its set-up's;
                                                         wall: the seconds of wall clock that it ran out of;
                                                         death: how it ended, where its set-up had forked it
    {"event": "finished"}
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

from autograder.errors import StudentError
from autograder.grading.job import Job
from autograder.grading.plugin import GradingPlugin, Observation, verdict_of
from autograder.grading.seeds import derive
from autograder.grading.student import PipeLink, Student
from autograder.results import Verdict
from autograder.sandbox.channel import Channel

_PATIENCE = 3
"""Tests of one submission that may reach the far wall clock; after them it stands nearer."""
_SHORT_WALL = 5.0


class ForkHost:
    """Hands out students over pipes and reports to the controller."""

    def __init__(self, reference: Any) -> None:
        self.reference = reference
        self.seed = 0
        self.device = "cpu"
        self.limits = SimpleNamespace()
        self.job: Job | None = None
        self._pairs: list[tuple[int, int]] = []
        self._result = -1
        self._links: dict[str, PipeLink] = {}
        self._students: dict[str, Student] = {}
        self._prepared: dict[str, PipeLink] = {}
        self._overdue = 0

    def accept(self, job: Job, result: int, pairs: list[tuple[int, int]]) -> None:
        """Take on one job, in the process that was forked for it."""
        self.job = job
        self.seed = job.seed
        self.device = job.device
        self.limits = SimpleNamespace(**job.limits)
        self._result = result
        self._pairs = pairs

    def tell(self, event: str, **facts: Any) -> None:
        """Send one line to the controller."""
        line = memoryview(json.dumps({"event": event, **facts}).encode("utf-8", "replace") + b"\n")
        while line:
            line = line[os.write(self._result, line) :]

    @contextmanager
    def test(self, test: str, prepared: str | None) -> Iterator[Student]:
        """A student for `test`; all cases of a parametrised test share one."""
        if test not in self._students:
            if test in self._links:  # an earlier case of it could not begin: there is no second snapshot
                raise self._links[test].fault or StudentError("Crashed", "the process ended before it answered")
            self._students[test] = self._begin(test, prepared)
        student = self._students[test]
        before, student._link = student._link, self._links[test]
        try:
            yield student
        finally:
            student._link = before

    @contextmanager
    def prepare(self, prepared: str) -> Iterator[Student]:
        """The student in which a set-up runs."""
        link = self._link(prepared)
        student = link.student = Student(link)
        self._prepared[prepared] = link
        assert self.job is not None
        keep = [self.job.numbers[test] for test in self.job.shared.get(prepared, ())]
        self._tell_begin(prepared, keep)
        link.start()
        yield student

    def _begin(self, test: str, prepared: str | None) -> Student:
        assert self.job is not None
        link = self._links[test] = self._link(test)
        parent = self._prepared.get(prepared) if prepared is not None else None
        if parent is None:
            self._tell_begin(test, [])
            student = Student(link)
        else:
            self.tell("inside", k=self.job.numbers[test])
            parent.send(("fork", 0, self.job.local[test], derive(self.seed, test), self.job.cpu[test]))
            assert parent.student is not None
            student = parent.student
            link.callbacks = list(parent.callbacks)  # those that the set-up left with the student keep their numbers
        link.student = student
        link.start()
        return student

    def _tell_begin(self, name: str, keep: list[int]) -> None:
        assert self.job is not None
        k = self.job.numbers[name]
        self.tell("begin", k=k, seed=derive(self.seed, name), seconds=self.job.cpu[name], keep=keep)

    def _link(self, name: str) -> PipeLink:
        assert self.job is not None
        k = self.job.numbers[name]
        reader, writer = self._pairs[k]
        seconds = self.job.wall[name]
        if self._overdue >= _PATIENCE:  # a notebook that sleeps everywhere must not hold up the class for an hour
            seconds = min(seconds, self.job.cpu[name] + _SHORT_WALL)
        link = PipeLink(Channel(reader, writer), seconds, partial(self._tell_overdue, k))
        link.tree = self.job.trees.get(name)
        return link

    def _tell_overdue(self, k: int) -> None:
        self._overdue += 1
        self.tell("overdue", k=k)

    def blamed(self, test: str) -> tuple[str, PipeLink | None]:
        """The process whose failure is the test's: its own, or its set-up's where that has failed."""
        assert self.job is not None
        if test not in self._links:
            for name, tests in self.job.shared.items():
                if test in tests and name in self._prepared:
                    return name, self._prepared[name]
        return test, self._links.get(test)

    def finish(self, test: str, plugin: GradingPlugin, started: float) -> None:
        """Report the verdict of a test whose last case has run, and let its snapshot go."""
        verdict = verdict_of([seen for seen in plugin.observations if seen.test == test])
        process, link = self.blamed(test)
        self.tell(
            "end",
            test=test,
            verdict=verdict.verdict.value,
            error=verdict.error,
            detail=_told(verdict, link),
            seconds=round(time.monotonic() - started, 4),
            lived=(link is not None and link.lived) or not _blames_process(verdict),
            process=process,
            wall=link.seconds if link is not None and link.overdue else None,
            card=link.card if link is not None else None,
            death=self._death(test) if verdict.error in ("Crashed", "Timeout") else (None, None),
        )
        if test in self._links:
            self._links[test].channel.close()
        plugin.observations.clear()

    def _death(self, test: str) -> tuple[int | None, float | None]:
        """How the snapshot of `test` ended, if one of a set-up had forked it: the runner cannot know."""
        assert self.job is not None
        if test in self._links:
            for name, tests in self.job.shared.items():
                if test in tests and name in self._prepared:
                    return self._prepared[name].end(self.job.local[test])
        return None, None


def _told(verdict: Observation, link: PipeLink | None) -> str | None:
    """What staff get to read of a test."""
    if verdict.verdict is Verdict.PASSED or link is None or not link.printed:
        return verdict.detail
    return f"{verdict.detail}\nprinted by the student's code:\n{link.printed}"


def _blames_process(verdict: Observation) -> bool:
    return verdict.error in ("Crashed", "ProtocolFault", "Timeout")
