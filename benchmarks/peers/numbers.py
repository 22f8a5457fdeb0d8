"""From measured runs to the contracted numbers. Pure: no clock, no file.

Two runs of different length give a line: what one more submission costs (its slope, the steady state) and what a whole
command costs, start-up included. Ours is drawn through N and 3 N submissions, nbgrader's through 1 and N, otter's
through 0 and the few that it graded, because it starts anew for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from benchmarks.peers.measure import Usage
from benchmarks.peers.task import Scores, Submission

STEADY_OVER_NBGRADER = (60.0, 100.0)  # times the throughput: contracted, aimed at
STEADY_OVER_OTTER = 120.0
WHOLE_OVER_NBGRADER = (25.0, 50.0)
CPU_OVER_BARE = 0.080  # seconds per submission of three tests
CPU_OVER_BARE_TWENTY = 0.220  # of twenty


class Bound(StrEnum):
    """Which side of a number is good."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Run:
    """One measured batch."""

    submissions: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Figures:
    """What one grader costs; seconds and CPU seconds are of one more submission, `start` of none."""

    grader: str
    graded: int  # submissions in the longest run
    seconds: float
    cpu_seconds: float
    start: float
    start_cpu: float
    peak_bytes: int | None

    def whole(self, submissions: int) -> float:
        """Wall seconds of one command on that many submissions."""
        return self.start + self.seconds * submissions

    def whole_cpu(self, submissions: int) -> float:
        """CPU seconds of one command on that many submissions."""
        return self.start_cpu + self.cpu_seconds * submissions


@dataclass(frozen=True, slots=True)
class Goal:
    """A contracted number beside what was reached."""

    name: str
    bound: Bound
    contracted: float
    aim: float | None
    reached: float
    unit: str

    @property
    def met(self) -> bool:
        return self.reached >= self.contracted if self.bound is Bound.AT_LEAST else self.reached <= self.contracted


class TooNoisy(Exception):
    """A longer run took no longer than a shorter one: the machine was busy with something else."""


NOTHING = Run(0, Usage(0.0, 0.0))


def figures(grader: str, short: Sequence[Run], long: Sequence[Run], peak_bytes: int | None) -> Figures:
    """The line through the medians of short and long runs of one grader; TooNoisy if it does not rise."""
    (few,), (many,) = {run.submissions for run in short}, {run.submissions for run in long}
    wall_few, wall_many = (median(run.usage.seconds for run in runs) for runs in (short, long))
    cpu_few, cpu_many = (median(run.usage.cpu_seconds for run in runs) for runs in (short, long))
    seconds, cpu = (wall_many - wall_few) / (many - few), (cpu_many - cpu_few) / (many - few)
    if seconds <= 0:
        raise TooNoisy(f"{grader}: {many} submissions took no longer than {few}; run it again on a quiet machine")
    return Figures(grader, many, seconds, cpu, wall_few - seconds * few, cpu_few - cpu * few, peak_bytes)


def goals(measured: Mapping[str, Figures], bare_cpu: float | None, submissions: int) -> list[Goal]:
    """Every contracted number that the measured graders allow to be judged."""
    ours, nbgrader, otter = (measured.get(name) for name in ("ours", "nbgrader", "otter"))
    found: list[Goal] = []
    if ours is None:
        return found
    if nbgrader:
        steady = nbgrader.seconds / ours.seconds
        whole = nbgrader.whole(submissions) / ours.whole(submissions)
        name = f"{submissions} in all, against nbgrader"
        found.append(Goal("one more, against nbgrader", Bound.AT_LEAST, *STEADY_OVER_NBGRADER, steady, "times"))
        found.append(Goal(name, Bound.AT_LEAST, *WHOLE_OVER_NBGRADER, whole, "times"))
    if otter:
        ratio = otter.seconds / ours.seconds
        found.append(Goal("one more, against otter", Bound.AT_LEAST, STEADY_OVER_OTTER, None, ratio, "times"))
    if bare_cpu is not None:
        found.append(_above_bare("CPU of one more above the bare cells", CPU_OVER_BARE, ours, bare_cpu))
        if twenty := measured.get("ours-20"):
            found.append(_above_bare("CPU above the bare cells, 20 tests", CPU_OVER_BARE_TWENTY, twenty, bare_cpu))
    return found


def _above_bare(name: str, contracted: float, ours: Figures, bare_cpu: float) -> Goal:
    return Goal(name, Bound.AT_MOST, contracted * 1000, None, (ours.cpu_seconds - bare_cpu) * 1000, "ms")


def disagreements(grader: str, submissions: Sequence[Submission], scores: Scores) -> list[str]:
    """One sentence for each question whose points are not the expected ones."""
    found = []
    for submission in submissions:
        given = scores.get(submission.student, {})
        for question, points in submission.points.items():
            if given.get(question) != points:
                found.append(f"{grader}: {submission.student}, {question}: {given.get(question)} instead of {points}")
    return found
