"""The parts of a grade that Moodle knows, as percentages: any other is an error of its import.

Source of the list: moodle/moodle, question/engine/bank.php; two numbers are the same within 0.00001 there.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from autograder.interop.carried import Data, Refused
from autograder.interop.typed import number
from autograder.quiz.questions import Choice, MultipleQuestion, Rule, SingleQuestion

_POSITIVE = [Fraction(1), Fraction(9, 10), Fraction(5, 6), Fraction(4, 5), Fraction(3, 4), Fraction(7, 10)]
_POSITIVE += [Fraction(2, 3), Fraction(3, 5), Fraction(1, 2), Fraction(2, 5), Fraction(1, 3), Fraction(3, 10)]
_POSITIVE += [Fraction(1, n) for n in (4, 5, 6, 7, 8, 9, 10, 20)]
KNOWN = (Fraction(0), *_POSITIVE, *(-share for share in _POSITIVE))
_SAME = Fraction(1, 10**5)
_STEP = Decimal("0.00001")


def from_percent(text: str) -> Fraction:
    """The part of the grade that a percentage means. Raises Refused if Moodle has none such."""
    share = Fraction(number(text.strip() or "0")) / 100
    found = next((known for known in KNOWN if abs(known - share) < _SAME), None)
    if found is None:
        raise Refused(
            f"Moodle has no grade of {text[:20]} %; a third is 33.33333, and each answer needs one of its list"
        )
    return found


def to_percent(share: Fraction) -> str:
    """The percentage of a part of the grade, as Moodle writes it. Raises Refused if it has none such."""
    if share not in KNOWN:
        raise Refused(f"Moodle has no grade of {share}; of these there are 1/2 to 1/10, 1/20 and some more")
    amount = Decimal(share.numerator) * 100 / Decimal(share.denominator)
    text = f"{amount.quantize(_STEP, ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def single_from(choices: Sequence[Data], shares: Sequence[Fraction]) -> Data:
    """The keys `choices` and `penalty` of a single-choice question out of what each choice earns."""
    if 1 not in shares:
        raise Refused("no answer earns all of the points")
    wrong = {share for share in shares if share != 1}
    penalty = -next(iter(wrong)) if len(wrong) == 1 and max(wrong) < 0 else Fraction(0)
    weights = [None if penalty else share for share in shares]
    done = [_marked(*each) for each in zip(choices, (share == 1 for share in shares), weights, strict=True)]
    return {"choices": done} | ({"penalty": penalty} if penalty else {})


def _marked(choice: Data, correct: bool, weight: Fraction | None) -> Data:
    if correct:
        return choice | {"correct": True}
    return choice | ({"weight": weight} if weight else {})


def multiple_from(choices: Sequence[Data], shares: Sequence[Fraction]) -> Data:
    """The keys `choices` and `scoring` of a multiple-choice question out of what each choice earns."""
    right = [share for share in shares if share > 0]
    wrong = [share for share in shares if share <= 0]
    if not right:
        raise Refused("no answer earns points")
    rule = Rule.WEIGHTS
    if set(right) == {Fraction(1, len(right))}:
        if set(wrong) <= {-Fraction(1, len(wrong) or 1)}:
            rule = Rule.BALANCED
        elif set(wrong) == {-right[0]}:
            rule = Rule.NET_CORRECT
    weighted = rule is Rule.WEIGHTS
    done = [
        choice | ({"correct": True} if share > 0 else {}) | ({"weight": share} if weighted and share else {})
        for choice, share in zip(choices, shares, strict=True)
    ]
    return {"choices": done, "scoring": rule.value}


def shares_of(question: SingleQuestion | MultipleQuestion, lost: list[str], name: str = "Moodle") -> list[Fraction]:
    """What each choice earns by itself where the points of all picked choices are added up, as Moodle does."""
    if isinstance(question, SingleQuestion):
        return [_single_share(choice, question) for choice in question.choices]
    right = sum(choice.correct for choice in question.choices)
    wrong = len(question.choices) - right
    if not right:
        raise Refused(f"no choice is right, and {name} needs one")
    if question.scoring is Rule.WEIGHTS:
        return [choice.weight or Fraction(0) for choice in question.choices]
    if question.scoring not in (Rule.BALANCED, Rule.NET_CORRECT):
        lost.append(f"the rule `{question.scoring.value}`: {name} adds up, so it is `balanced` there")
    below = right if question.scoring is Rule.NET_CORRECT else wrong
    return [Fraction(1, right) if choice.correct else -Fraction(1, below) for choice in question.choices]


def _single_share(choice: Choice, question: SingleQuestion) -> Fraction:
    if choice.correct:
        return Fraction(1)
    if choice.weight is not None:
        return choice.weight
    penalty = question.penalty
    return -(Fraction(1, max(len(question.choices) - 1, 1)) if penalty == "guessing" else penalty)
