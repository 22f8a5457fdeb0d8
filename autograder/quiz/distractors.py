"""Who picks which choice: its share, by thirds of the class, and how it goes with the rest of the quiz."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autograder.quiz.ranks import Floats, correlation, share_between

Thirds = tuple[float | None, float | None, float | None]

_CUTS: Final = (0.0, 1 / 3, 2 / 3, 1.0)


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked: `table` (students, choices); a blank picks nothing."""

    choices: tuple[str, ...]
    correct: frozenset[str]
    table: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ChoiceStats:
    """One choice: the share of those who have the question, and of the lower, middle and upper third by total."""

    id: str
    correct: bool
    share: float
    item_rest: float | None
    thirds: Thirds


def choice_stats(picked: Picked, have: NDArray[np.bool_], rest: Floats, total: Floats) -> tuple[ChoiceStats, ...]:
    """Every choice of a question; `have` marks the students with a row, of whom alone it speaks."""
    found = []
    for place, name in enumerate(picked.choices):
        chosen = picked.table[have, place].astype(float)
        found.append(
            ChoiceStats(
                id=name,
                correct=name in picked.correct,
                share=float(chosen.mean()) if len(chosen) else 0.0,
                item_rest=correlation(chosen, rest[have]),
                thirds=by_thirds(chosen, total[have]),
            )
        )
    return tuple(found)


def by_thirds(shares: Floats, total: Floats) -> Thirds:
    """The mean of `shares` in the lower, middle and upper third by total; equal totals are split by fractions."""
    lower, middle, upper = (share_between(shares, total, low, high) for low, high in pairwise(_CUTS))
    return lower, middle, upper
