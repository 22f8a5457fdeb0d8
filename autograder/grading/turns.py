"""Which tests run together on a card. Pure.

    the notebook left CUDA alone      its tests are forked from it, each a snapshot in which CUDA may start
    tests that share a set-up         one process of their own: a set-up that has trained on the card cannot be forked
    the notebook has started CUDA     one process for the tests of each question, and one for each set-up

One turn after the other, so that a student never holds the card twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.job import PlannedTest


@dataclass(frozen=True, slots=True)
class Turn:
    """Tests that one run of their notebook serves; `worker` if its own process does, and not forks of it."""

    tests: tuple[PlannedTest, ...]
    worker: bool


def next_turn(left: Sequence[PlannedTest], *, started: bool) -> Turn:
    """The next turn of those tests that are left; `started` if the notebook starts CUDA."""
    plain = tuple(test for test in left if test.prepared is None)
    if plain and not started:
        return Turn(plain, worker=False)
    group = _group(left[0])
    return Turn(tuple(test for test in left if _group(test) == group), worker=True)


def largest_turn(tests: Sequence[PlannedTest]) -> int:
    """Pairs of pipes that a worker may need: the tests of one question or of one set-up, and the set-up."""
    groups = [_group(test) for test in tests]
    return max((groups.count(group) for group in groups), default=0) + 1


def _group(test: PlannedTest) -> tuple[int, str, str]:
    return (test.notebook, test.prepared, "") if test.prepared is not None else (test.notebook, "", test.question)
