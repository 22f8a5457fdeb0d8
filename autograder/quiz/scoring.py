"""The one function that scores: (response, question, its key and rule) → a share of the points. Pure and exact.

    response ──▶ marker of the kind ──▶ certainty ──▶ policy for a flawed question ──▶ Score
                 (marking.py)            (when asked)  (second keys, full credit, void)

Shares are fractions, points decimals: no binary float is in a score. What cannot be read earns nothing and says so in
`message`; what cannot be decided here (tests to be run, a person to read) has no share at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import cached_property

from autograder.quiz.marking import Drawn, Marker, marker
from autograder.quiz.questions import Policy, Question

ONE, ZERO = Fraction(1), Fraction(0)
CERTAINTY = {1: (Fraction(1, 3), ZERO), 2: (Fraction(2, 3), Fraction(-2, 3)), 3: (ONE, Fraction(-2))}
"""Certainty → what right and wrong earn: Moodle's 1/0, 2/-2, 3/-6 over the 3 that is its most."""
_PLACES = Decimal(1).scaleb(-10)


@dataclass(frozen=True, slots=True)
class Score:
    """What a response earns. `share` of the points, None while undecided; `counted`: False where it is void."""

    share: Fraction | None
    message: str | None = None
    counted: bool = True

    @property
    def correct(self) -> bool | None:
        """Whether all points were earned; None where that is not decided or not asked."""
        return None if self.share is None or not self.counted else self.share >= 1


VOID = Score(ZERO, counted=False)


def score(
    question: Question,
    response: str,
    *,
    drawn: Drawn | None = None,
    certainty: int | None = None,
    outside: Fraction | None = None,
) -> Score:
    """The score of one response. `outside`: the share that tests or a person gave."""
    return Scorer(question, drawn or {})(response, certainty, outside)


class Scorer:
    """`score` for many responses to one question with one draw: prepared once, equal responses scored once."""

    def __init__(self, question: Question, drawn: Drawn) -> None:
        self.question = question
        self._drawn = drawn
        self._known: dict[tuple[str, int | None], Score] = {}

    @cached_property
    def _markers(self) -> tuple[Marker, ...]:
        """One for the key and one for each further key; made when the first response is not blank."""
        keys = (None, *self.question.also, *self.question.previous)
        return tuple(marker(self.question, self._drawn, key) for key in keys)

    def __call__(self, response: str, certainty: int | None = None, outside: Fraction | None = None) -> Score:
        if outside is not None or self.question.kind in ("code", "open"):
            return self._policed(response, lambda: self._outside(response, outside))
        key = (response, certainty)
        if key not in self._known:
            self._known[key] = self._policed(response, lambda: self._marked(response, certainty))
        return self._known[key]

    def _policed(self, response: str, mark: Callable[[], Score]) -> Score:
        match self.question.policy:
            case Policy.VOID:
                return VOID
            case Policy.FULL_CREDIT:
                return Score(ONE)
            case Policy.FULL_CREDIT_IF_ANSWERED:
                return Score(Fraction(bool(response.strip())))
        return mark()

    def _outside(self, response: str, outside: Fraction | None) -> Score:
        question = self.question
        if outside is not None:
            return Score(outside)
        if not response.strip():
            return Score(ZERO)
        if question.kind == "open" and question.credit == "participation":
            return Score(ONE)
        reason = "no test has decided it" if question.kind == "code" else "a person has to read it"
        return Score(None, f"{reason}: the points are open")

    def _marked(self, response: str, certainty: int | None) -> Score:
        if not response.strip() and self.question.kind != "multiple":
            return Score(ZERO)
        try:
            share = max(mark(response) for mark in self._markers)
        except ValueError as error:
            return Score(ZERO, f"the response “{response.strip()[:40]}” cannot be read: {error}")
        if not self.question.certainty or not response.strip():
            return Score(share)
        message = None if certainty else "no certainty was given: the lowest is taken"
        return Score(certain(share, certainty or 1), message)


def certain(share: Fraction, certainty: int) -> Fraction:
    """A share with certainty 1, 2 or 3 taken into account (Moodle's `question_cbm::adjust_fraction`, over 3)."""
    right, wrong = CERTAINTY[certainty]
    return right * share if share > 0 else wrong


def as_decimal(amount: Fraction) -> Decimal:
    """An exact amount as a decimal: itself where it ends within ten places, else rounded to them."""
    with localcontext(prec=60):
        value = Decimal(amount.numerator) / Decimal(amount.denominator)
        rounded = value.quantize(_PLACES, ROUND_HALF_EVEN)
    return rounded.normalize() if rounded else Decimal(0)
