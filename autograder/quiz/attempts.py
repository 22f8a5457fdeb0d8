"""Several attempts at one question → one share, and what a later attempt is worth."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from autograder.quiz.questions import Attempts


def combined(shares: Sequence[tuple[int, Fraction | None]], rule: Attempts) -> Fraction | None:
    """The share of a question from (number of the attempt, share) of those that were made; None while undecided.

    `credit` is what the first, second … attempt is worth in percent, the last of the list goes on; it is never taken
    off a penalty.
    """
    worth = [(number, _worth(share, number, rule)) for number, share in sorted(shares, key=lambda each: each[0])]
    match rule.keep:
        case "first":
            return worth[0][1]
        case "last":
            return worth[-1][1]
    decided = [share for _, share in worth if share is not None]
    if len(decided) < len(worth):
        return Fraction(1) if rule.keep == "best" and 1 in decided else None
    return max(decided) if rule.keep == "best" else sum(decided, Fraction(0)) / len(decided)


def _worth(share: Fraction | None, number: int, rule: Attempts) -> Fraction | None:
    if share is None or share <= 0 or not rule.credit:
        return share
    return share * Fraction(rule.credit[min(number, len(rule.credit)) - 1]) / 100
