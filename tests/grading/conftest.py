"""A course whose students use a card, and a card that the CPU stands in for.

The stand-in is a card to everything outside of torch: it has a device node, which a notebook opens to "start CUDA" as
CUDA would open its own, and memory that its driver tells of, as much as a test says.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_assignment, load_course
from autograder.grading.material import Material, load_material
from autograder.grading.workshop import Submitted, Workshop
from autograder.results import Grading
from autograder.sandbox.cards import SYSTEM, Card, holders
from autograder.sandbox.share import Share

NODE = "/dev/full"
MEMORY = 2**30
COURSE = {
    "course.yml": """
        course: cards
        title: A course with a card
        timezone: UTC
        assignments: [cards]
        """,
    "assignments/cards/assignment.yml": """
        assignment: cards
        title: Something on a card
        limits: {notebook_seconds: 10, test_seconds: 2, prepare_seconds: 5, memory: 1 GiB}
        device: {prefer: cuda, memory: 1 GiB}
        questions:
          - {id: plain, title: Plain functions, kind: code, points: 3}
          - {id: other, title: Another function, kind: code, points: 1}
          - {id: trained, title: A model that is trained once, kind: code, points: 2}
        """,
    "solutions/cards/master.py": """
        # %%
        import os

        import torch

        # %% question="plain"
        ### BEGIN SOLUTION
        def double(x):
            return 2 * x
        ### END SOLUTION

        # %% question="plain"
        ### BEGIN SOLUTION
        SEEN = []

        def count():
            SEEN.append(1)
            return 1

        def visible():
            return os.environ["CUDA_VISIBLE_DEVICES"]
        ### END SOLUTION

        # %% question="other"
        ### BEGIN SOLUTION
        def halve(x):
            return x / 2
        ### END SOLUTION

        # %% question="trained"
        ### BEGIN SOLUTION
        class Model:
            def __init__(self):
                self.steps = 0

            def train(self):
                self.steps += 1
                return self.steps
        ### END SOLUTION
        """,
    "tests/hidden/cards/test_cards.py": """
        import pytest
        import torch
        from autograder import checks
        from autograder.grading import prepared

        @pytest.mark.question("plain", points=1)
        def test_double(student):
            checks.assert_close(student.call("double", torch.ones(3)), 2 * torch.ones(3))

        @pytest.mark.question("plain", points=1)
        def test_count(student):
            student.set("double", 7)
            checks.assert_equal(student.call("count"), 1)

        @pytest.mark.question("plain", points=1)
        def test_visible(student):
            checks.assert_equal(student.call("visible"), "stand-in")

        @pytest.mark.question("other", points=1)
        def test_halve(student, device):
            checks.assert_equal(device, "cpu")
            checks.assert_close(student.call("halve", torch.ones(2)), torch.ones(2) / 2)

        @prepared
        def model(student):
            model = student.new("Model")
            checks.assert_equal(model.call("train"), 1)
            return model

        @pytest.mark.question("trained", points=1)
        def test_trained(student, model):
            assert model.call("train") > 1

        @pytest.mark.question("trained", points=1)
        def test_trained_again(model):
            assert model.call("train") > 1
        """,
}
FIRST = "import os\nimport torch"
PLAIN = "def double(x):\n    return 2 * x"
COUNT = (
    "SEEN = []\ndef count():\n    SEEN.append(1)\n    return 1\n"
    "def visible():\n    return os.environ['CUDA_VISIBLE_DEVICES']"
)
OTHER = "def halve(x):\n    return x / 2"
MODEL = (
    "class Model:\n    def __init__(self):\n        self.steps = 0\n"
    "    def train(self):\n        self.steps += 1\n        return self.steps"
)
STARTS = f"NODE = open({NODE!r}, 'rb')"


@dataclass(frozen=True)
class StandIn(Card):
    """`full`: for so many students that are started, CUDA_VISIBLE_DEVICES says so, and a notebook may act on it.
    `told`: bytes that the driver tells of each process that has the card open."""

    full: list[int] = field(default_factory=lambda: [0])
    told: list[int] = field(default_factory=lambda: [0])

    def share(self, memory: int) -> Share:
        self.full[0] -= 1
        return Share(self.torch, "full" if self.full[0] >= 0 else self.visible, memory, self.total)

    def used(self) -> dict[int, int]:
        everybody = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return dict.fromkeys(holders(everybody, self), self.told[0])


def stand_in(free: int = 16 * 2**30, **changes: Any) -> StandIn:
    """A card of 16 GiB that is the CPU."""
    facts: dict[str, Any] = {"torch": "cpu", "visible": "stand-in", "nodes": (NODE,), "started": NODE}
    facts |= {"folders": SYSTEM, **changes}
    return StandIn("a stand-in", 2 * free, free, **facts)


def write_course(root: Path, changes: dict[str, str] | None = None) -> Path:
    """The course's files below `root`."""
    for name, text in (COURSE | (changes or {})).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return root


def notebook(cells: dict[str, str]) -> bytes:
    """A submission whose cells are the right ones but for the changes."""
    sources = {"first": FIRST, "plain": PLAIN, "count": COUNT, "other": OTHER, "model": MODEL} | cells
    shape = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    body = [{**shape, "id": name, "source": textwrap.dedent(text)} for name, text in sources.items() if text]
    about = {"autograder": {"assignment": "cards", "notebook": "cards.ipynb"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": body}).encode()


@dataclass
class Bench:
    """A workshop whose students use the stand-in. `starts` is what a cell does that starts CUDA, as seen from
    outside."""

    workshop: Workshop
    card: StandIn
    folder: Path
    starts: str = STARTS

    def grade(self, *, impatient: bool = False, **cells: str) -> Grading:
        """Grade a submission; what is not changed is right."""
        data = notebook(cells)
        digest = sha256(data).hexdigest()
        path = self.folder / f"{digest}.ipynb"
        path.write_bytes(data)
        return self.workshop.grade(Submitted("ada", {"cards.ipynb": path}), digest, impatient=impatient).grading

    @staticmethod
    def verdicts(grading: Grading) -> dict[str, str]:
        """Test → verdict."""
        return {test.id: test.verdict.value for question in grading.report.questions for test in question.tests}

    @staticmethod
    def messages(grading: Grading) -> dict[str, str | None]:
        """Test → what the student is told."""
        return {test.id: test.message for question in grading.report.questions for test in question.tests}


def material_of(root: Path) -> Material:
    """The assignment, ready to be graded."""
    return load_material(load_assignment(load_course(root), "cards"))


@pytest.fixture(scope="session")
def card_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's folder; tests do not change it."""
    return write_course(tmp_path_factory.mktemp("cards"))


@pytest.fixture(scope="session")
def bench_of_cards(card_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A warm workshop for the assignment `cards` on the stand-in."""
    if sys.platform != "linux":
        pytest.skip("the fence needs Linux")
    card = stand_in()
    with Workshop(material_of(card_course), jobs=2, seed=5, card=card) as workshop:
        workshop.warm_up()
        yield Bench(workshop, card, tmp_path_factory.mktemp("submissions"))


@pytest.fixture
def cards(bench_of_cards: Bench) -> Iterator[Bench]:
    """The shared bench, with the stand-in as it was."""
    yield bench_of_cards
    bench_of_cards.card.full[0] = bench_of_cards.card.told[0] = 0


@pytest.fixture
def new_card() -> Callable[..., StandIn]:
    """Makes stand-ins."""
    return stand_in


@pytest.fixture
def material_for() -> Callable[[Path], Material]:
    """Makes the material of a course on a card."""
    return material_of


@pytest.fixture
def submission() -> Callable[[dict[str, str]], bytes]:
    """Makes notebooks."""
    return notebook


@pytest.fixture
def new_bench(tmp_path: Path) -> Callable[[Workshop, StandIn], Bench]:
    """Makes benches of workshops."""
    return lambda workshop, card: Bench(workshop, card, tmp_path)
