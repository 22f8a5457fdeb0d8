"""What a question earns without knowing anything: by ticking everything, by nothing at all, by blind guessing. Exact.

Blind guessing is the mean over all that one could do without reading: each choice of `single` equally often, each set
of choices of `multiple`, each order, each right side of a pair. A question with further keys is enumerated, where that
is not too much; all others have a closed form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, permutations
from math import comb, factorial

from autograder.quiz.choosing import multiple_share
from autograder.quiz.keys import choice_ids, right_texts
from autograder.quiz.questions import (
    MatchQuestion,
    MultipleQuestion,
    OrderQuestion,
    OrderRule,
    Policy,
    Question,
    Rule,
    SingleQuestion,
)
from autograder.quiz.scoring import Scorer, certain

ZERO, ONE = Fraction(0), Fraction(1)
_MOST = 5000  # responses that are enumerated


@dataclass(frozen=True, slots=True)
class Chances:
    """Shares of the points; None where there is no such thing, as guessing a text."""

    everything: Fraction | None
    nothing: Fraction | None
    guessing: Fraction | None


def chances(question: Question) -> Chances:
    """What everything, nothing and guessing earn; certainty, where it is asked, at its lowest."""
    if question.policy is Policy.VOID:
        return Chances(None, None, None)
    scorer = Scorer(question, {})
    nothing = scorer("").share
    if question.policy is Policy.FULL_CREDIT:
        return Chances(ONE, ONE, ONE)
    if question.policy is Policy.FULL_CREDIT_IF_ANSWERED:
        return Chances(ONE if question.kind == "multiple" else None, ZERO, ONE)
    if question.kind == "open":
        return Chances(None, nothing, ONE if question.credit == "participation" else None)
    everything = scorer(";".join(choice_ids(question)), 1).share if question.kind == "multiple" else None
    return Chances(everything, nothing, _guessing(question, scorer))


def _guessing(question: Question, scorer: Scorer) -> Fraction | None:
    if question.also or question.previous or question.certainty:
        return _enumerated(question, scorer)
    match question:
        case SingleQuestion():
            return _enumerated(question, scorer)
        case MultipleQuestion():
            return _weighed(question) if question.scoring is Rule.WEIGHTS else _counted(question)
        case OrderQuestion():
            count = len(question.choices)
            return Fraction(1, factorial(count) if question.scoring is OrderRule.WHOLE else count)
        case MatchQuestion():
            return Fraction(1, len(set(right_texts(question).values())))
    return None


def _counted(question: MultipleQuestion) -> Fraction:
    """All sets with the same number of right and wrong choices earn the same."""
    right = [choice.id for choice in question.choices if choice.correct]
    wrong = [choice.id for choice in question.choices if not choice.correct]
    total = sum(
        (
            comb(len(right), hits) * comb(len(wrong), misses)
            * multiple_share(question, frozenset(right[:hits] + wrong[:misses]))
            for hits in range(len(right) + 1)
            for misses in range(len(wrong) + 1)
        ),
        ZERO,
    )  # fmt: skip
    return total / (1 << len(question.choices))


def _weighed(question: MultipleQuestion) -> Fraction | None:
    """The distribution of the sum, choice by choice."""
    if not any(choice.correct for choice in question.choices):
        return Fraction(1, 1 << len(question.choices))
    whole = sum((choice.weight for choice in question.choices if choice.weight and choice.weight > 0), ZERO)
    sums: dict[Fraction, int] = {ZERO: 1}
    for choice in question.choices:
        weight = choice.weight or ZERO
        grown = dict(sums)
        for total, count in sums.items():
            grown[total + weight] = grown.get(total + weight, 0) + count
        sums = grown
    earned = sum((min(max(total / whole, ZERO), ONE) * count for total, count in sums.items()), ZERO)
    return earned / (1 << len(question.choices))


def _enumerated(question: Question, scorer: Scorer) -> Fraction | None:
    """The mean over every response, if there are not too many; None for what is typed."""
    ids = choice_ids(question)
    count = {"single": len(ids), "multiple": 1 << len(ids), "order": factorial(len(ids))}.get(question.kind)
    if isinstance(question, MatchQuestion):
        return None if question.also or question.previous else certain_mean(question)
    if count is None or count > _MOST:
        return None
    shares = [scorer(";".join(picked), 1).share or ZERO for picked in _responses(question, ids)]
    return sum(shares, ZERO) / count


def certain_mean(question: MatchQuestion) -> Fraction | None:
    """A match with certainty: the lowest certainty takes a third of what is right and nothing for what is wrong."""
    return certain(Fraction(1, len(set(right_texts(question).values()))), 1)


def _responses(question: Question, ids: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if question.kind == "single":
        return ((name,) for name in ids)
    if question.kind == "order":
        return permutations(ids)
    return chain.from_iterable(combinations(ids, size) for size in range(len(ids) + 1))
