"""What the tests of several rooms share: a warm fence, and a small course with a workshop that grades it."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.grading.student import PipeLink, Student
from autograder.sandbox.channel import Channel
from autograder.sandbox.fence import Limits
from autograder.sandbox.host import Fence, Slots
from autograder.sandbox.host import Student as Tree

NUMBERS = "1 2 3\n"
_SECONDS = 60.0


@dataclass
class Box:
    """One fenced student, as a test holds it: runs cells, and forks snapshots that it talks to as a grader does."""

    tree: Tree
    snapshots: int = 0
    cells: int = 0
    links: list[PipeLink] = field(default_factory=list)

    def run(self, source: str) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Run one cell; its outputs and its error. Raises ChannelClosed when it takes the process with it."""
        deadline = time.monotonic() + _SECONDS
        self.tree.runner.send(("run", self.cells, textwrap.dedent(source)), deadline)
        self.cells += 1
        while (message := self.tree.runner.receive(deadline))[0] != "done":
            assert message[0] in ("cell", "forked", "exit")
        return message[2], message[3]

    def text(self, source: str) -> str:
        """What a cell that must not fail prints."""
        outputs, error = self.run(source)
        assert error is None, error["traceback"]
        return "".join(output["text"] for output in outputs if output["output_type"] == "stream").strip()

    def snapshot(self, *, seconds: float = 20.0, wall: float = _SECONDS) -> Student:
        """A fresh snapshot of the notebook as it is now."""
        k, self.snapshots = self.snapshots, self.snapshots + 1
        self.tree.runner.send(("fork", k, 7, seconds, []), time.monotonic() + _SECONDS)
        link = PipeLink(Channel(*self.tree.pairs[k]), wall, lambda: None)
        student = link.student = Student(link)
        self.links.append(link)
        link.start()
        return student


@pytest.fixture(scope="session")
def fence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fence]:
    """A warm zygote with numpy, plots and one course file."""
    if sys.platform != "linux":
        pytest.skip("the fence needs Linux")
    numbers = tmp_path_factory.mktemp("course") / "numbers.txt"
    numbers.write_text(NUMBERS)
    fence = Fence({"data/numbers.txt": numbers}, ("numpy", "matplotlib", "matplotlib.pyplot"), ())
    try:
        fence.wait_ready()
        yield fence
    finally:
        fence.close()


@pytest.fixture(scope="session")
def slots() -> Slots:
    """Slots for the students of the shared fence."""
    return Slots(12)


@pytest.fixture
def new_box(fence: Fence, slots: Slots) -> Iterator[Callable[..., Box]]:
    """Makes fenced students, with other limits if they are given; all are gone after the test."""
    made: list[tuple[int, Tree]] = []

    def make(**limits: Any) -> Box:
        slot = slots.take()
        tree = fence.spawn(slot, Limits(**limits), 0, 12)
        made.append((slot, tree))
        tree.wait_ready()
        return Box(tree)

    yield make
    for slot, tree in made:
        slots.give(slot, tree.kill())


@pytest.fixture
def box(new_box: Callable[..., Box]) -> Box:
    """A fenced student with the default limits."""
    return new_box()


@pytest.fixture(scope="module")
def shared_box(fence: Fence, slots: Slots) -> Iterator[Box]:
    """One fenced student for all tests of a module that leave it as they found it."""
    slot = slots.take()
    tree = fence.spawn(slot, Limits(), 0, 0)
    try:
        tree.wait_ready()
        yield Box(tree)
    finally:
        slots.give(slot, tree.kill())


@pytest.fixture
def eventually() -> Callable[..., bool]:
    """Tells whether a condition comes true in time: processes take a moment to go."""

    def wait(condition: Callable[[], Any], seconds: float = 30.0) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return wait
