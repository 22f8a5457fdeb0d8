"""The order of the measurements. Every grader grades one submission first that does not count: disk caches are warm."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.peers.bare import Bare, run_bare
from benchmarks.peers.copies import TWENTY
from benchmarks.peers.grader import Grader
from benchmarks.peers.nbgrader import Nbgrader
from benchmarks.peers.numbers import NOTHING, Figures, Goal, Run, disagreements, figures, goals
from benchmarks.peers.otter import Otter
from benchmarks.peers.ours import Ours
from benchmarks.peers.task import Submission, Task, load_task, make_submissions, warm_up
from benchmarks.peers.venv import ensure_peers

NAMES = ("ours", "ours-20", "nbgrader", "otter", "bare")
LONG = 3  # our long run has this many times the submissions of the short one
MEMORY_BATCH = 20  # submissions of ours while memory is sampled
TWENTY_REPEAT = 2  # runs with twenty tests: nothing is compared with them but the bare cells


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    root: Path  # the repository
    only: tuple[str, ...] = NAMES
    submissions: int = 50
    nbgrader_submissions: int = 50
    otter_submissions: int = 6
    jobs: int = 2
    repeat: int = 6

    @property
    def work(self) -> Path:
        return self.root / "build" / "bench"


@dataclass(slots=True)
class Results:
    """What was measured, filled in grader by grader."""

    figures: dict[str, Figures] = field(default_factory=dict)
    runs: dict[str, list[Run]] = field(default_factory=dict)
    bare: Bare | None = None
    isolation: tuple[str, ...] = ()
    wrong: list[str] = field(default_factory=list)  # points that are not the expected ones
    goals: list[Goal] = field(default_factory=list)


class Bench:
    """Runs a plan; `say` is told what happens next."""

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.say = say
        self.task: Task = load_task(plan.root / "benchmarks" / "torch_three")
        self.results = Results()

    def run(self) -> Results:
        """Ours in rounds before, between and after the peers: a machine that slows down meanwhile slows down all."""
        plan = self.plan
        plan.work.mkdir(parents=True, exist_ok=True)
        peers = self._peers()
        ours = self._prepared_ours() if "ours" in plan.only else None
        short: list[Run] = []
        long: list[Run] = []
        for place, rounds in enumerate(shares(plan.repeat, len(peers) + 1)):
            for _ in range(rounds):
                if ours:
                    short.append(self._grade(ours, plan.submissions))
                    long.append(self._grade(ours, plan.submissions * LONG))
            if place < len(peers):
                peers[place]()
        if ours:
            self._record(ours, short, long, self._peak(ours, MEMORY_BATCH))
            self.results.figures = {ours.name: self.results.figures.pop(ours.name), **self.results.figures}  # on top
            self.results.isolation = tuple(sorted(ours.isolation))
        if "ours-20" in plan.only:
            self._twenty()
        if "bare" in plan.only:
            self.say("bare cells")
            self.results.bare = run_bare(self.task, self._submissions(plan.submissions), plan.root, plan.work / "bare")
        bare_cpu = self.results.bare.cells_cpu_seconds if self.results.bare else None
        self.results.goals = goals(self.results.figures, bare_cpu, plan.submissions)
        return self.results

    def _peers(self) -> list[Callable[[], None]]:
        plan = self.plan
        known = {"nbgrader": self._nbgrader, "otter": self._otter}
        chosen = [run for name, run in known.items() if name in plan.only]
        if not chosen:
            return []
        self.say("the peers' virtual environment (made once)")
        requirements = plan.root / "benchmarks" / "requirements.txt"
        programs = ensure_peers(plan.root / "build" / "bench-venv", requirements, plan.root / "constraints.txt")
        return [partial(run, programs) for run in chosen]

    def _twenty(self) -> None:
        plan = self.plan
        grader = Ours(self.task, Path(sys.executable).parent, plan.work / "ours-20", plan.jobs, "ours-20", TWENTY)
        self._prepare(grader)
        short = [self._grade(grader, plan.submissions) for _ in range(TWENTY_REPEAT)]
        long = [self._grade(grader, plan.submissions * LONG) for _ in range(TWENTY_REPEAT)]
        self._record(grader, short, long, self._peak(grader, MEMORY_BATCH))

    def _prepared_ours(self) -> Ours:
        plan = self.plan
        grader = Ours(self.task, Path(sys.executable).parent, plan.work / "ours", plan.jobs)
        self._prepare(grader)
        return grader

    def _nbgrader(self, programs: Path) -> None:
        grader = Nbgrader(self.task, programs, self.plan.work / "nbgrader")
        self._prepare(grader)
        short = [self._grade(grader, 1)]
        long = [self._grade(grader, self.plan.nbgrader_submissions)]
        self._record(grader, short, long, self._peak(grader, 2))

    def _otter(self, programs: Path) -> None:
        grader = Otter(self.task, programs, self.plan.work / "otter", self.plan.jobs)
        self._prepare(grader)
        long = [self._grade(grader, self.plan.otter_submissions)]
        self._record(grader, [NOTHING], long, self._peak(grader, self.plan.jobs))

    def _prepare(self, grader: Grader) -> None:
        self.say(f"{grader.name}: release and warm-up")
        grader.prepare()
        grader.grade([warm_up(self.task)])

    def _grade(self, grader: Grader, count: int) -> Run:
        submissions = self._submissions(count)
        self.say(f"{grader.name}: {count} submissions")
        usage, scores = grader.grade(submissions)
        self.results.wrong += disagreements(grader.name, submissions, scores)
        return Run(count, usage)

    def _peak(self, grader: Grader, count: int) -> int | None:
        self.say(f"{grader.name}: memory")
        usage, _ = grader.grade(self._submissions(count), memory=True)
        return usage.peak_bytes

    def _record(self, grader: Grader, short: Sequence[Run], long: Sequence[Run], peak: int | None) -> None:
        self.results.figures[grader.name] = figures(grader.name, short, long, peak)
        self.results.runs[grader.name] = [*short, *long]

    def _submissions(self, count: int) -> tuple[Submission, ...]:
        return make_submissions(self.task, count)


def shares(total: int, parts: int) -> list[int]:
    """`total` in `parts` whole numbers as even as possible, the larger ones first."""
    return [total // parts + (place < total % parts) for place in range(parts)]
