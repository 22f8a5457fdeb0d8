"""The rules for questions with choices, as exact fractions of the points.

c right and w wrong choices, n = c + w; r right and x wrong ones were picked. Every rule has a floor of 0.

    all_or_nothing  1 if r = c and x = 0          net_correct  (r - x)/c        each_answer  (r + (w - x))/n
    coverage        (r/c) · (r/(r + x))           balanced     r/c - x/w        weights      their sum, at most 1
    halves          e = (c - r) + x errors: 1 for none, 1/2 for one of n > 2, 1/4 for two of n > 4, else 0

Sources: Canvas (net_correct), edX and PrairieLearn (each_answer, halves, coverage), Moodle (weights); balanced makes
ticking everything worth nothing. With w = 0 the x terms are 0. With c = 0 picking nothing is right; the rules that
divide by c give nothing for any pick.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from autograder.quiz.questions import Choice, MultipleQuestion, Rule, SingleQuestion

ONE, ZERO = Fraction(1), Fraction(0)


def multiple_share(question: MultipleQuestion, picked: frozenset[str]) -> Fraction:
    """What the picked choices earn under the question's rule, from 0 to 1."""
    right = sum(choice.correct for choice in question.choices)
    wrong = len(question.choices) - right
    hits = sum(choice.correct for choice in question.choices if choice.id in picked)
    misses = len(picked) - hits
    if question.scoring is Rule.WEIGHTS:
        return _weights(question.choices, picked) if right else Fraction(not picked)
    if right == 0 and question.scoring not in _WITHOUT_DIVISION:
        return Fraction(not picked)
    return max(_RULES[question.scoring](right, wrong, hits, misses), ZERO)


def single_share(question: SingleQuestion, picked: str) -> Fraction:
    """What one choice earns: 1, its weight, or minus the penalty."""
    choice = next(each for each in question.choices if each.id == picked)
    if choice.correct:
        return ONE
    if choice.weight is not None:
        return choice.weight
    return -penalty(question)


def penalty(question: SingleQuestion) -> Fraction:
    """The part of the points that a wrong choice costs; `guessing` makes blind guessing worth nothing."""
    if question.penalty == "guessing":
        return Fraction(1, max(len(question.choices) - 1, 1))
    return question.penalty


def _weights(choices: tuple[Choice, ...], picked: frozenset[str]) -> Fraction:
    """The sum of the weights; 33.33333 % three times is all of it (Moodle's tolerance, in a fraction)."""
    whole = sum((choice.weight for choice in choices if choice.weight is not None and choice.weight > 0), ZERO)
    earned = sum((choice.weight or ZERO for choice in choices if choice.id in picked), ZERO)
    return min(max(earned / (whole or ONE), ZERO), ONE)


def _all_or_nothing(right: int, wrong: int, hits: int, misses: int) -> Fraction:
    return Fraction(hits == right and misses == 0)


def _net_correct(right: int, wrong: int, hits: int, misses: int) -> Fraction:
    return Fraction(hits - misses, right)


def _each_answer(right: int, wrong: int, hits: int, misses: int) -> Fraction:
    return Fraction(hits + wrong - misses, right + wrong)


def _halves(right: int, wrong: int, hits: int, misses: int) -> Fraction:
    errors, choices = right - hits + misses, right + wrong
    if errors == 0:
        return ONE
    if errors == 1 and choices > 2:
        return Fraction(1, 2)
    return Fraction(1, 4) if errors == 2 and choices > 4 else ZERO


def _coverage(right: int, wrong: int, hits: int, misses: int) -> Fraction:
    return Fraction(hits, right) * Fraction(hits, hits + misses) if hits else ZERO


def _balanced(right: int, wrong: int, hits: int, misses: int) -> Fraction:
    return Fraction(hits, right) - (Fraction(misses, wrong) if wrong else ZERO)


_RULES: dict[Rule, Callable[[int, int, int, int], Fraction]] = {
    Rule.ALL_OR_NOTHING: _all_or_nothing,
    Rule.NET_CORRECT: _net_correct,
    Rule.EACH_ANSWER: _each_answer,
    Rule.HALVES: _halves,
    Rule.COVERAGE: _coverage,
    Rule.BALANCED: _balanced,
}
_WITHOUT_DIVISION = (Rule.ALL_OR_NOTHING, Rule.EACH_ANSWER, Rule.HALVES)
