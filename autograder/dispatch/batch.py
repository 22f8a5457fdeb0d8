"""A batch: a class's submissions graded once each, recorded as they come, resumed where it stopped.

A report depends on the submitted bytes and on a key: the tests' fingerprints, the environment and the seed. Where the
gradebook's current report has the same two, there is nothing to do. Where only the bytes differ, or only some tests,
the verdicts that still hold are taken over and the rest is run. Each report is one transaction: a batch that is stopped
at any moment, by Ctrl-C or by kill -9, has recorded each submission wholly or not at all, and the next run goes on from
there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from autograder.dispatch.engine import Engine, LocalEngine
from autograder.gradebook import Current, Gradebook
from autograder.grading.material import Material
from autograder.grading.submission import TestVerdict
from autograder.grading.workshop import Graded, Submitted, Workshop
from autograder.results import Grading, Outcome, Report
from autograder.sandbox.fence import TIER

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Digested:
    """A submission and the SHA-256 of its bytes."""

    submitted: Submitted
    digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch has to do: who needs grading, and whose report stands."""

    todo: tuple[Digested, ...]
    standing: Mapping[str, Current]
    key: str
    environment: str
    seed: int


@dataclass(slots=True)
class Tally:
    """How a batch went."""

    graded: int = 0
    standing: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)

    def count(self, report: Report) -> None:
        self.outcomes[report.outcome] = self.outcomes.get(report.outcome, 0) + 1


def digest_of(files: Mapping[str, Path]) -> str:
    """SHA-256 over a submission's bytes; over its notebooks' digests where there are several."""
    digests = [_file_digest(path) for _, path in sorted(files.items())]
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    digest = sha256()
    try:
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
    except OSError as error:
        digest.update(str(error).encode())  # intake will say why it cannot be read
    return digest.hexdigest()


def plan_batch(
    material: Material,
    gradebook: Gradebook,
    submissions: Sequence[Submitted],
    *,
    device: str = "cpu",
    seed: int | None = None,
    fresh: bool = False,
) -> Plan:
    """Compare a class's submissions with what the gradebook has."""
    assignment = material.assignment.id
    if seed is not None:
        gradebook.set_seed(assignment, seed)
    drawn = gradebook.seed(assignment)
    environment = material.environment(device=device, tier=TIER)
    facts = [sorted(material.fingerprints.items()), environment, drawn]
    key = sha256(json.dumps(facts).encode()).hexdigest()
    current = gradebook.current_keys(assignment)
    todo, standing = [], {}
    for submitted in submissions:
        digest = digest_of(submitted.files)
        known = current.get(submitted.student)
        if not fresh and known is not None and (known.submission, known.key) == (f"sha256:{digest}", key):
            standing[submitted.student] = known
        else:
            todo.append(Digested(submitted, digest))
    return Plan(tuple(todo), standing, key, environment, drawn)


def run_batch(
    material: Material,
    gradebook: Gradebook,
    plan: Plan,
    *,
    jobs: int,
    device: str = "cpu",
    fresh: bool = False,
    engine: Engine | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> Iterator[Grading]:
    """Grade what the plan wants, recording each grading before it is yielded. Raises CourseError and FenceError."""
    if not plan.todo:
        return
    assignment = material.assignment.id

    def stored(answers: str) -> Mapping[str, TestVerdict]:
        if fresh:
            return {}
        found = gradebook.stored_verdicts(assignment, answers, plan.environment, plan.seed, material.fingerprints)
        return {
            test: TestVerdict(verdict.result.verdict, verdict.detail, verdict.seconds, None, verdict.result.message)
            for test, verdict in found.items()
        }

    with Workshop(material, jobs=jobs, seed=plan.seed, device=device) as workshop:
        workshop.wait_ready()
        on_ready()

        def work(one: Digested) -> Grading:
            graded = workshop.grade(one.submitted, one.digest, stored)
            _record(gradebook, graded, one, plan, material.fingerprints, fresh)
            return graded.grading

        yield from (engine or LocalEngine(jobs)).run(work, plan.todo)


def _record(
    gradebook: Gradebook, graded: Graded, one: Digested, plan: Plan, fingerprints: Mapping[str, str], fresh: bool
) -> None:
    path = next(iter(one.submitted.files.values()), None)
    gradebook.record(
        graded.grading,
        key=plan.key,
        answers=graded.answers,
        environment=plan.environment,
        fingerprints=fingerprints,
        file_name=path.name if path is not None else None,
        fresh=fresh,
    )
