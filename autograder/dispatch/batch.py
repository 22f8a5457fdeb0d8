"""A batch: a class's submissions graded once each, recorded as they come, resumed where it stopped.

A report depends on the submitted bytes and on a key: the tests' fingerprints, the environment, the seed, and what was
said about the submission (time, members, flags). Where the gradebook's current report has the same two, there is
nothing to do. Where only the bytes differ, or only some tests, the verdicts that still hold are taken over and the rest
is run. Each report is one transaction: a batch that is stopped at any moment, by Ctrl-C or by kill -9, has recorded
each submission wholly or not at all, and the next run goes on from there. What the machine spoilt for a submission,
several times over, is tried once more when all others are done.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256

from autograder.dispatch.digest import digest_all, digest_of
from autograder.dispatch.engine import Engine, LocalEngine
from autograder.gradebook import Current, Gradebook
from autograder.grading.material import Material
from autograder.grading.submission import TestVerdict
from autograder.grading.workshop import Graded, Submitted, Workshop
from autograder.results import Grading, Outcome
from autograder.sandbox.cards import Card
from autograder.sandbox.host import tier_here
from autograder.sandbox.rules import REDUCED

_MOVED = "the file was moved, deleted or written while the class was graded: run the same command again"


@dataclass(frozen=True, slots=True)
class Digested:
    """A submission, the SHA-256 of its bytes, and the key of all else that its report depends on."""

    submitted: Submitted
    digest: str
    key: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch has to do: who needs grading, and whose report stands."""

    todo: tuple[Digested, ...]
    standing: Mapping[str, Current]
    environment: str
    seed: int


def plan_batch(
    material: Material,
    gradebook: Gradebook,
    submissions: Sequence[Submitted],
    *,
    device: str = "cpu",
    seed: int | None = None,
    fresh: bool = False,
    reduced: bool = False,
) -> Plan:
    """Compare a class's submissions with what the gradebook has. Raises CourseError for files that cannot be read.

    `reduced`: the fence is to be the one without namespaces.
    """
    digests = digest_all(submissions)
    assignment = material.assignment.id
    if seed is not None:
        gradebook.set_seed(assignment, seed)
    drawn = gradebook.seed(assignment)
    environment = material.environment(device=device, tier=REDUCED if reduced else tier_here())
    facts = [sorted(material.fingerprints.items()), environment, drawn, material.assignment.forbid_imports]
    common = sha256(json.dumps(facts).encode()).hexdigest()
    current = gradebook.current_keys(assignment)
    todo, standing = [], {}
    for submitted, digest in zip(submissions, digests, strict=True):
        own = [common, submitted.submitted_at, submitted.members, submitted.flags]
        key = sha256(json.dumps(own).encode()).hexdigest()
        known = current.get(submitted.student)
        if not fresh and known is not None and (known.submission, known.key) == (f"sha256:{digest}", key):
            standing[submitted.student] = known
        else:
            todo.append(Digested(submitted, digest, key))
    return Plan(tuple(todo), standing, environment, drawn)


def run_batch(
    material: Material,
    gradebook: Gradebook,
    plan: Plan,
    *,
    jobs: int,
    card: Card | None = None,
    fresh: bool = False,
    reduced: bool = False,
    engine: Engine | None = None,
    workshop: Workshop | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> Generator[Grading, None, None]:
    """Grade what the plan wants, recording each grading before it is yielded. Raises CourseError and FenceError.

    `card`: where students run, if not on the CPU. `workshop` may have been started before, so that it warms up
    meanwhile.
    """
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

    with workshop or Workshop(material, jobs=jobs, card=card, reduced=reduced) as workshop:
        workshop.use_seed(plan.seed)
        workshop.warm_up()
        gc.freeze()  # all that is imported stays: no collection need look through it again
        on_ready()
        spoilt: list[Digested] = []

        def work(one: Digested) -> tuple[Digested, Graded]:
            graded = workshop.grade(one.submitted, one.digest, stored)
            return one, graded if _stands(one) else _moved(graded)

        # Recorded here and not by `work`: a commit waits for the disk, and meanwhile the next is graded.
        with closing((engine or LocalEngine(jobs)).run(work, plan.todo, workshop.close)) as results:
            for one, graded in results:
                if graded.spoilt:
                    spoilt.append(one)
                    continue
                _record(gradebook, graded, one, plan, material.fingerprints, fresh)
                yield graded.grading
        for one, graded in map(work, spoilt):
            _record(gradebook, graded, one, plan, material.fingerprints, fresh)
            yield graded.grading
        workshop.require_grader()  # a fault of the course is told even where every submission was rejected


def _stands(one: Digested) -> bool:
    """Whether the files are still those that the plan has seen: somebody may be sorting the folder meanwhile."""
    try:
        return digest_of(one.submitted.files) == one.digest
    except OSError:
        return False


def _moved(graded: Graded) -> Graded:
    """Nobody can say to what was handed in this report belongs. The next run sees the files as they are then."""
    report = replace(graded.grading.report, outcome=Outcome.UNDECIDED, reason=_MOVED, points=None, questions=())
    return Graded(Grading(replace(report, manual_points_pending=Decimal(0), repairs=())), spoilt=True)


def _record(
    gradebook: Gradebook, graded: Graded, one: Digested, plan: Plan, fingerprints: Mapping[str, str], fresh: bool
) -> None:
    path = next(iter(one.submitted.files.values()), None)
    gradebook.record(
        graded.grading,
        key=one.key,
        answers=graded.answers,
        environment=plan.environment,
        fingerprints=fingerprints,
        file_name=path.name if path is not None else None,
        fresh=fresh,
    )
