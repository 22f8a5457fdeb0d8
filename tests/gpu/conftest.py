"""Tests that need a card. Where there is none, or torch cannot use it, each of them is skipped and says why.

make gpu-test
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from autograder.course import load_assignment, load_course
from autograder.grading.material import load_material
from autograder.grading.workshop import Submitted, Workshop
from autograder.results import Grading
from autograder.sandbox.cards import CONTEXT, Card, find_cards

MEMORY = 2 * 2**30
COURSE = {
    "course.yml": """
        course: card
        title: A course with a card
        timezone: UTC
        assignments: [card]
        """,
    "assignments/card/assignment.yml": """
        assignment: card
        title: Something on a card
        limits: {notebook_seconds: 60, test_seconds: 10, prepare_seconds: 20, memory: 2 GiB}
        device: {prefer: cuda, memory: 2 GiB}
        questions:
          - {id: one, title: The first function, kind: code, points: 2}
          - {id: two, title: The second function, kind: code, points: 1}
        """,
    "solutions/card/master.py": """
        # %%
        import torch

        # %% question="one"
        ### BEGIN SOLUTION
        def one(x):
            return x @ x
        ### END SOLUTION

        # %% question="two"
        ### BEGIN SOLUTION
        def two(x):
            return x.sum()
        ### END SOLUTION
        """,
    "tests/hidden/card/test_card.py": """
        import pytest
        import torch
        from autograder import checks

        @pytest.mark.question("one", points=1)
        def test_one(student, device):
            x = torch.eye(4)
            result = student.call("one", x)
            checks.assert_close(result, x)
            checks.assert_device(result, device)

        @pytest.mark.question("one", points=1)
        def test_one_again(student):
            checks.assert_close(student.call("one", 2 * torch.eye(3)), 4 * torch.eye(3))

        @pytest.mark.question("two", points=1)
        def test_two(student):
            checks.assert_close(student.call("two", torch.ones(5)), torch.tensor(5.0))
        """,
}
CELLS = {
    "first": "import torch",
    "one": "def one(x):\n    return x @ x",
    "two": "def two(x):\n    return x.sum()",
}


@pytest.fixture(scope="session")
def card() -> Card:
    """The card with the most free memory."""
    if sys.platform != "linux":
        pytest.skip("the fence needs Linux")
    cards, why = find_cards()
    usable = [one for one in cards if one.free >= MEMORY + 2 * CONTEXT]
    if not usable:
        pytest.skip(why or "the card's memory is taken")
    found = max(usable, key=lambda one: one.free)
    if lost := found.missing():
        pytest.skip(lost)
    return found


@dataclass
class Bench:
    """A workshop on the card, and a place for submissions to it."""

    workshop: Workshop
    folder: Path
    count: int = 0
    cells: dict[str, str] = field(default_factory=lambda: dict(CELLS))

    def grade(self, **cells: str) -> Grading:
        """Grade a submission whose cells are right but for these."""
        shape = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
        sources = {name: textwrap.dedent(text) for name, text in (self.cells | cells).items()}
        body = [{**shape, "id": name, "source": text} for name, text in sources.items()]
        about = {"autograder": {"assignment": "card", "notebook": "card.ipynb"}}
        data = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": body}).encode()
        self.count += 1
        path = self.folder / f"{self.count}.ipynb"
        path.write_bytes(data)
        return self.workshop.grade(Submitted("ada", {"card.ipynb": path}), sha256(data).hexdigest()).grading

    @staticmethod
    def verdicts(grading: Grading) -> dict[str, str]:
        """Test → verdict."""
        return {test.id: test.verdict.value for question in grading.report.questions for test in question.tests}

    @staticmethod
    def messages(grading: Grading) -> dict[str, str | None]:
        """Test → what the student is told."""
        return {test.id: test.message for question in grading.report.questions for test in question.tests}


@pytest.fixture(scope="session")
def bench(card: Card, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A warm workshop on the card."""
    root = tmp_path_factory.mktemp("course")
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    material = load_material(load_assignment(load_course(root), "card"))
    with Workshop(material, jobs=2, seed=5, card=card) as workshop:
        workshop.warm_up()
        yield Bench(workshop, tmp_path_factory.mktemp("submissions"))


@pytest.fixture
def clean(card: Card) -> Iterator[Callable[[], None]]:
    """After the test, and when called: nothing of a student's is left on the card, as its driver counts."""
    before = set(card.used())

    def look() -> None:
        assert not any(size > MEMORY for pid, size in card.used().items() if pid not in before)

    yield look
    look()
