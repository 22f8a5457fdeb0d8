"""What to look at: questions whose numbers say that something may be wrong with them, not with the students."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from autograder.quiz.distractors import ChoiceStats

ENOUGH: Final = 30  # students: with fewer the numbers are too loose for a verdict, and only intervals are shown
HARD: Final = 0.2
EASY: Final = 0.9
WEAK: Final = 0.1
UNUSED: Final = 0.05


class FlagKind(StrEnum):
    """What is the matter, most serious first."""

    CHOICE_ABOVE_KEY = "choice-above-key"
    WEAK = "weak"
    HARD = "hard"
    EASY = "easy"
    UNUSED_CHOICE = "unused-choice"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag; `choice` is the id of the choice that it is about, if it is about one."""

    kind: FlagKind
    choice: str | None = None

    def __str__(self) -> str:
        return self.kind.value if self.choice is None else f"{self.kind.value}:{self.choice}"

    @property
    def sentence(self) -> str:
        """The flag in words, with what to do."""
        return _SENTENCES[self.kind].format(choice=self.choice)


_SENTENCES: Final = {
    FlagKind.CHOICE_ABOVE_KEY: "Strong students pick the wrong choice {choice} more than the key: is the key right?",
    FlagKind.WEAK: f"Does not tell strong from weak students (item-rest below {WEAK:g}): is it clear what is asked?",
    FlagKind.HARD: f"Very hard: less than {HARD:.0%} of the points were earned.",
    FlagKind.EASY: f"Very easy: more than {EASY:.0%} of the points were earned.",
    FlagKind.UNUSED_CHOICE: f"Hardly anybody picks the wrong choice {{choice}} (below {UNUSED:.0%}): drop it.",
}


def find_flags(
    students: int, difficulty: float | None, item_rest: float | None, choices: Sequence[ChoiceStats]
) -> tuple[Flag, ...]:
    """The flags of one question, the most serious first; none where fewer than 30 students have it."""
    if students < ENOUGH or difficulty is None:
        return ()
    key = _key(item_rest, choices)
    wrong = [choice for choice in choices if not choice.correct]
    found = [
        Flag(FlagKind.CHOICE_ABOVE_KEY, choice.id)
        for choice in wrong
        if choice.item_rest is not None and choice.item_rest > key
    ]
    if item_rest is not None and item_rest < WEAK:
        found.append(Flag(FlagKind.WEAK))
    if difficulty < HARD:
        found.append(Flag(FlagKind.HARD))
    elif difficulty > EASY:
        found.append(Flag(FlagKind.EASY))
    found += [Flag(FlagKind.UNUSED_CHOICE, choice.id) for choice in wrong if choice.share < UNUSED]
    return tuple(found)


def _key(item_rest: float | None, choices: Sequence[ChoiceStats]) -> float:
    """How the key goes with the rest: as the points do, else as its choice does; 0 for one that nobody picks."""
    if item_rest is not None:
        return item_rest
    return max((choice.item_rest for choice in choices if choice.correct and choice.item_rest is not None), default=0.0)
