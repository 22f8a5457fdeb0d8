"""The processes that grade one assignment: a zygote, a grader and an intake, started together and restarted when they
die.

    Workshop.grade(submitted)   file → intake → (stored verdicts?) → run_submission → report

Used by several threads, one submission each. What the machine spoils is tried again on fresh processes; after that the
submission is `undecided`, with the reason, and costs nobody a point.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from autograder.course import Assignment
from autograder.errors import FenceError, InfrastructureError
from autograder.grading.assemble import Facts, assemble, rejected, run_index, undecided
from autograder.grading.attempt import IMPATIENT, CellToRun, Crew
from autograder.grading.desk import Desk
from autograder.grading.examiner import Examiner
from autograder.grading.handing import Readers
from autograder.grading.material import Material
from autograder.grading.station import Station
from autograder.grading.submission import TestVerdict, run_submission
from autograder.grading.turns import largest_turn
from autograder.grading.workfolder import WorkFolder
from autograder.notebook import Intake
from autograder.results import Grading
from autograder.sandbox.cards import Card
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import allow_many_files
from autograder.sandbox.rules import Rule
from autograder.sandbox.slots import Slots

P = TypeVar("P")
_TRIES = 3
_SLOTS_PER_JOB = 3
"""Students per job that may exist at once: the last ones may still be dying while the next is built."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submission as it was handed in: notebook name of the assignment → file."""

    student: str
    files: Mapping[str, Path]
    members: tuple[str, ...] = ()
    submitted_at: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A submission after intake. `answers` is the digest of all that can change a verdict."""

    intakes: tuple[Intake, ...]
    answers: str
    imports: frozenset[str]
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """A grading with what the gradebook needs to reuse its verdicts."""

    grading: Grading
    answers: str = ""
    verdicts: Mapping[str, TestVerdict] = field(default_factory=dict)
    spoilt: bool = False  # the machine failed at every try; nothing is known of the submission


StoredVerdicts = Callable[[str], Mapping[str, TestVerdict]]


class Workshop:
    """Context manager over the processes that grade one assignment with up to `jobs` submissions at once."""

    def __init__(
        self,
        material: Material,
        *,
        jobs: int = 1,
        seed: int = 0,
        card: Card | None = None,
        ahead: bool = True,
        limits: Limits | None = None,
        trusted: bool = False,
        reduced: bool = False,
        without: frozenset[Rule] = frozenset(),
    ) -> None:
        """`card`: where students run, if not on the CPU; `ahead`: start CUDA before there is one. `trusted` grades
        without a fence: for the operator's own code only. `reduced`: with one that needs no namespaces. `without`: see
        `sandbox.rules`."""
        self.trusted = trusted
        self.reduced = reduced
        self.without = without
        self.material = material
        self.seed = seed
        self.limits = limits or material.limits
        self.device = card.torch if card is not None else "cpu"
        if card is not None:  # an author who prefers the CPU has promised no student a tensor from elsewhere
            card = replace(card, inputs=material.assignment.device.prefer == "cuda")
        self._desk = Desk(card, material.assignment.device.memory, jobs if ahead else 0) if card is not None else None
        self._slot_count = jobs * _SLOTS_PER_JOB * len(material.templates)
        if self._desk is not None:
            self.limits = self._desk.limits(self.limits)
            self._slot_count += _SLOTS_PER_JOB * (self._desk.ahead + 1)
        self._lock = threading.Lock()
        self._place = WorkFolder()
        self._folder = self._place.path
        self._intake: Readers | None = None
        self._crew: Crew | None = None
        self._generation = 0
        self._closed = False
        self._collected = threading.Event()  # a grader was ready once: the tests and the reference are not to blame

    def __enter__(self) -> Workshop:
        """Start warming up, unless that was done; `grade` waits for what it needs."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start the processes, once. Nothing of a student's is involved yet."""
        if self._crew is not None:
            return
        allow_many_files()
        try:
            try:
                self._start()
            except InfrastructureError:  # one of them died at once: fresh ones, and then it is an error
                self._restart(self._generation)
        except BaseException:
            self.close()
            raise

    def use_seed(self, seed: int) -> None:
        """Set the assignment's seed, before anything is graded."""
        self.seed = seed
        if self._crew is not None:
            self._crew.seed = seed

    def close(self) -> None:
        """End every process and remove the working folder; whoever is still grading gets an InfrastructureError."""
        self._closed = True
        if self._desk is not None:
            self._desk.close()
        self._stop()
        with self._lock:  # a restart may have been under way
            self._stop()
        self._place.close()

    @property
    def tier(self) -> str:
        assert self._crew is not None
        return self._crew.fence.tier

    def wait_ready(self) -> None:
        """Return once students can be run. The grader may still be busy with its reference. Raises FenceError."""
        crew = self._running(self._crew)
        crew.fence.wait_ready()
        with self._lock:
            if crew.station is not None:
                crew.station.prove_once()

    def warm_up(self) -> None:
        """`wait_ready`, with fresh processes where one dies meanwhile."""
        for _ in range(_TRIES - 1):
            generation = self._generation
            try:
                self.wait_ready()
                return
            except FenceError:
                raise
            except InfrastructureError:
                self._restart(generation)
        self.wait_ready()

    def require_grader(self) -> None:
        """Return at once if a grader was ready before; else wait for this one.

        Raises CourseError where the tests cannot be collected, InfrastructureError where the grader cannot start: no
        submission is to blame for that.
        """
        if not self._collected.is_set():
            self._running(self._crew).examiner.wait_ready()

    def take_in(self, submitted: Submitted) -> Taken:
        """Read the submitted files in the intake process. Raises InfrastructureError."""
        intakes, digests, imports = [], [], set()
        for number, name in enumerate(self.material.assignment.notebooks):
            path = submitted.files.get(name)
            if path is None:
                return Taken((), "", frozenset(), f"The notebook ‘{name}’ is missing. Please hand it in, too.")
            reply = self._running(self._intake).read(number, path)
            if "rejected" in reply:
                return Taken((), "", frozenset(), reply["rejected"])
            intakes.append(Intake.from_json(reply["intake"]))
            digests.append(reply["digest"])
            imports |= set(reply["imports"])
        answers = digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()
        return Taken(tuple(intakes), answers, frozenset(imports))

    def grade(
        self,
        submitted: Submitted,
        digest: str,
        stored: StoredVerdicts = lambda answers: {},
        *,
        impatient: bool = False,
    ) -> Graded:
        """Grade one submission. Never raises for a student's or the machine's fault; CourseError for the course's,
        InfrastructureError when the workshop is closed meanwhile, or when no grader has ever started.

        `stored` gives the verdicts that still hold for these answers. `impatient` is for notebooks that are known to
        hang: a short wall clock, and no second chance.
        """
        started = time.monotonic()
        generation = self._generation
        for tries in range(1, _TRIES + 1):
            try:
                if tries > 1:
                    self._restart(generation)
                generation = self._generation
                return self._grade(submitted, digest, stored, started, impatient)
            except (InfrastructureError, OSError) as error:  # the latter: too many open files, no memory for a process
                if self._closed:
                    raise InfrastructureError("the batch was stopped") from error
                if tries == _TRIES:
                    self.require_grader()
                    facts = self._facts(submitted, digest, started, ())
                    grading = undecided(self.material.assignment, facts, f"the machine failed: {error}")
                    return Graded(grading, spoilt=True)
        raise AssertionError("unreachable")

    def _grade(
        self, submitted: Submitted, digest: str, stored: StoredVerdicts, started: float, impatient: bool
    ) -> Graded:
        assignment = self.material.assignment
        taken = self.take_in(submitted)
        if taken.rejected is not None:
            return Graded(rejected(assignment, self._facts(submitted, digest, started, ()), taken.rejected))
        known = dict(stored(taken.answers))
        tests = [test for test in self.material.planned if test.id not in known]
        notebooks = [
            [CellToRun(run_index(cell, place), cell.source) for place, cell in enumerate(intake.cells) if cell.runs]
            for intake in taken.intakes
        ]
        self.wait_ready()
        crew = self._running(self._crew)
        run = run_submission(replace(crew, patience=IMPATIENT) if impatient else crew, notebooks, tests)
        verdicts = {**known, **run.verdicts}
        flags = _forbidden(assignment, taken.imports)
        facts = replace(self._facts(submitted, digest, started, flags), snapshots=run.snapshots)
        return Graded(
            assemble(assignment, facts, taken.intakes, verdicts, run.cells, run.peak, run.card), taken.answers, verdicts
        )

    def _facts(self, submitted: Submitted, digest: str, started: float, flags: tuple[str, ...]) -> Facts:
        return Facts(
            student=submitted.student,
            members=submitted.members or (submitted.student,),
            submission=f"sha256:{digest}",
            submitted_at=submitted.submitted_at,
            isolation=self._crew.fence.tier if self._crew is not None else "none",
            device=self.device,
            seed=self.seed,
            seconds=time.monotonic() - started,
            flags=(*submitted.flags, *flags),
        )

    def _running(self, process: P | None) -> P:
        """One of our processes. Raises InfrastructureError while another thread is restarting them."""
        if process is None:
            raise InfrastructureError("the grading processes are being restarted")
        return process

    def _start(self) -> None:
        material = self.material
        fence = Fence(
            material.files,
            (*material.preload, "torch") if self._desk else material.preload,
            material.secrets,
            limits=self.limits,
            trusted=self.trusted,
            reduced=self.reduced,
            without=self.without,
            card=self._desk.card if self._desk else None,
        )
        examiner = Examiner(material, self._folder / f"grader-{self._generation}", self._collected)
        crew = Crew(fence, examiner, Slots(self._slot_count), self.limits, self.seed, self.device)
        if self._desk is not None:
            crew.station = Station(crew, self._desk, largest_turn(material.planned))
        self._crew = crew
        self._intake = Readers(material.templates, self._folder)

    def _stop(self) -> None:
        crew = self._crew
        if crew is not None and crew.station is not None:
            crew.station.close()
        for process in (self._intake, crew.examiner if crew else None, crew.fence if crew else None):
            if process is not None:
                with contextlib.suppress(OSError):
                    process.close()
        self._intake = self._crew = None

    def _restart(self, generation: int) -> None:
        """Fresh processes after a fault of ours, once for all threads that met it."""
        with self._lock:
            if generation == self._generation and not self._closed:
                self._generation += 1
                self._stop()
                self._start()


def _forbidden(assignment: Assignment, imports: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        f"The notebook imports {name}, which the assignment asks not to use. This costs no points by itself."
        for name in sorted(imports & set(assignment.forbid_imports))
    )
