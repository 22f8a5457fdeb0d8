"""A class whose notebooks train a small model, graded in several ways; warm-up of our own processes is not counted."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from autograder.course import load_assignment, load_course
from autograder.dispatch.engine import LocalEngine
from autograder.grading.material import Material, load_material
from autograder.grading.workshop import Submitted, Workshop
from autograder.results import Grading
from autograder.sandbox.cards import Card

COURSE = {
    "course.yml": "course: gpu\ntitle: A course with a card\ntimezone: UTC\nassignments: [models]\n",
    "assignments/models/assignment.yml": """\
assignment: models
title: Small models
limits: {notebook_seconds: 60, test_seconds: 20, memory: 2 GiB}
device: {prefer: cuda, memory: 1 GiB}
questions:
  - {id: train, title: Training, kind: code, points: 1}
  - {id: shape, title: A shape, kind: code, points: 1}
""",
    "solutions/models/master.py": """\
# %%
import torch

# %% question="train"
### BEGIN SOLUTION
def train(x, y, steps):
    w = torch.zeros(x.shape[1], requires_grad=True, device=x.device)
    for _ in range(steps):
        loss = ((x @ w - y) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, w)
        w = (w - 0.1 * gradient).detach().requires_grad_()
    return w.detach()
### END SOLUTION

# %% question="shape"
### BEGIN SOLUTION
def halves(x):
    return x.reshape(2, -1)
### END SOLUTION
""",
    "tests/hidden/models/test_models.py": """\
import pytest
import torch
from autograder import checks

@pytest.mark.question("train", points=1)
def test_train(student, rng):
    x = torch.from_numpy(rng.normal(size=(200, 8))).float()
    w = torch.arange(8.0)
    result = student.call("train", x, x @ w, 300)
    checks.assert_close(result, w, rtol=1e-2, atol=1e-2)

@pytest.mark.question("shape", points=1)
def test_halves(student):
    checks.assert_close(student.call("halves", torch.arange(6.0)), torch.arange(6.0).reshape(2, 3))
""",
}
EXPECTED = 2
_USES = "\nX = torch.ones(8, device='cuda' if torch.cuda.is_available() else 'cpu')\nX.sum().item()"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to grade the class: on a card or not, with workers ahead, with notebooks that start CUDA."""

    name: str
    card: bool
    ahead: bool
    uses: bool


WAYS = (
    Way("cpu", card=False, ahead=False, uses=True),
    Way("card, ahead", card=True, ahead=True, uses=True),
    Way("card, not ahead", card=True, ahead=False, uses=True),
    Way("card, forked", card=True, ahead=False, uses=False),
)


@dataclass(slots=True)
class Measured:
    """`seconds` of each run over `students`; `wrong` of them did not get all points."""

    students: int
    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    card_peak: int | None = None

    @property
    def students_per_minute(self) -> float:
        return 60 * self.students / statistics.median(self.seconds)


def measure_all(
    card: Card, folder: Path, *, students: int, jobs: int, repeat: int, ways: Sequence[Way] = WAYS
) -> dict[str, Measured]:
    """Every way, one after the other, `repeat` times over: what slows the machine down slows them all."""
    material = write_course(folder / "course")
    measured = {way.name: Measured(students) for way in ways}
    for number in range(repeat):
        for way in ways:
            submissions = write_class(folder / f"{number}-{ways.index(way)}", students, uses=way.uses)
            _run(way, card, material, submissions, jobs, measured[way.name])
    return measured


def _run(
    way: Way, card: Card, material: Material, submissions: Sequence[tuple[Submitted, str]], jobs: int, into: Measured
) -> None:
    with Workshop(material, jobs=jobs, seed=1, card=card if way.card else None, ahead=way.ahead) as workshop:
        workshop.warm_up()

        def work(one: tuple[Submitted, str]) -> Grading:
            return workshop.grade(*one).grading

        work(submissions[0])  # what is only needed by the first of a class is no cost of the others
        started = time.perf_counter()
        gradings = list(LocalEngine(jobs).run(work, submissions))
        into.seconds.append(time.perf_counter() - started)
    into.wrong += sum(grading.report.points != EXPECTED for grading in gradings)
    peaks = [grading.evidence.card_peak for grading in gradings if grading.evidence.card_peak is not None]
    into.card_peak = max([*peaks, *([into.card_peak] if into.card_peak is not None else [])], default=None)


def write_course(root: Path) -> Material:
    """The course below `root`, read."""
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_material(load_assignment(load_course(root), "models"))


def write_class(folder: Path, students: int, *, uses: bool) -> list[tuple[Submitted, str]]:
    """Right notebooks, no two of them alike; with `uses` they start CUDA in a cell, where there is a card."""
    folder.mkdir(parents=True)
    solved = COURSE["solutions/models/master.py"].replace("### BEGIN SOLUTION\n", "").replace("### END SOLUTION\n", "")
    _, first, train, shape = solved.split("# %%")
    shape_of_cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    found = []
    for number in range(students):
        sources = [first.strip() + (_USES if uses else ""), train.partition("\n")[2], shape.partition("\n")[2]]
        sources[1] += f"\n# student {number}\n"
        cells = [{**shape_of_cell, "id": f"c{place}", "source": source} for place, source in enumerate(sources)]
        about = {"autograder": {"assignment": "models", "notebook": "models.ipynb"}}
        data = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": cells}).encode()
        path = folder / f"s{number:03}.ipynb"
        path.write_bytes(data)
        found.append((Submitted(path.stem, {"models.ipynb": path}), sha256(data).hexdigest()))
    return found
