"""Fences that lack a rule, and students in them that run cells: what the attacks on limits and kernel are tried in."""

from __future__ import annotations

import os
import select
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autograder.sandbox.channel import ChannelClosed
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import Limits
from autograder.sandbox.rules import UNFENCED, Rule

_SECONDS = 60.0


class Killed(Exception):
    """The cell took its process with it."""


@dataclass
class Box:
    """A fenced student whose cells print."""

    tree: Student
    cells: int = 0

    def run(self, source: str, seconds: float = _SECONDS) -> str:
        """What a cell prints, or its traceback. Raises Killed."""
        deadline = time.monotonic() + seconds
        try:
            self.tree.runner.send(("run", self.cells, textwrap.dedent(source)), deadline)
            self.cells += 1
            while (message := self.tree.runner.receive(deadline))[0] != "done":
                pass
        except ChannelClosed as error:
            raise Killed from error
        if message[3] is not None:
            return str(message[3]["traceback"])
        return "".join(output["text"] for output in message[2] if output["output_type"] == "stream")


@contextmanager
def fence_without(*rules: Rule, limits: Limits | None = None) -> Iterator[Fence]:
    """A warm fence that lacks these rules; `limits` bound what a slot may hold."""
    fence = Fence({}, ("numpy",), (), limits=limits, without=frozenset(rules))
    try:
        fence.wait_ready()
        yield fence
    finally:
        fence.close()


@contextmanager
def box(fence: Fence, limits: Limits | None = None, *, slot: int = 0) -> Iterator[Box]:
    """A student; when the block ends, so does everything that it has started."""
    tree = fence.spawn(slot, limits or Limits(), 0, 0)
    if fence.tier == UNFENCED:
        tree._expected = None  # such a fence does not hold, and is not looked at
    try:
        tree.wait_ready()
        yield Box(tree)
    finally:
        end(tree)


def end(tree: Student) -> None:
    """End a student and wait until all its processes are gone."""
    pidfd = tree.kill()
    if pidfd is not None:
        assert select.select([pidfd], [], [], _SECONDS)[0], "the student's processes could not be ended"
        os.close(pidfd)
