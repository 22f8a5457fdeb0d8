"""What everything, nothing and guessing earn: closed forms against the mean over every response."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations, product
from typing import Any

import pytest

from autograder.quiz.chances import chances
from autograder.quiz.questions import Question, Rule
from autograder.quiz.scoring import score

Make = Callable[..., Question]


def mean(question: Question, responses: list[str]) -> Fraction:
    """The mean share over responses."""
    shares = [score(question, each).share or Fraction(0) for each in responses]
    return sum(shares, Fraction(0)) / len(shares)


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (rule.value, right, wrong)
        for rule in Rule
        for right, wrong in ((1, 3), (2, 2), (3, 2), (0, 3), (3, 0))
        if right or rule is not Rule.WEIGHTS  # weights need a right choice
    ],
)
def test_multiple_agrees_with_enumeration(question: Make, rule: str, right: int, wrong: int) -> None:
    """Guessing is the mean over every set of choices; everything and nothing are two of them."""
    names = "ABCDE"[: right + wrong]
    weight = {"weight": f"1/{right}"} if rule == "weights" else {}
    choices = [
        {"text": name, "correct": place < right, **(weight if place < right else {})}
        for place, name in enumerate(names)
    ]
    asked = question("multiple", scoring=rule, choices=choices)
    sets = [";".join(each) for size in range(len(names) + 1) for each in combinations(names, size)]
    found = chances(asked)
    assert found.guessing == mean(asked, sets)
    assert (found.nothing, found.everything) == (score(asked, "").share, score(asked, ";".join(names)).share)


@pytest.mark.parametrize("rule", ["whole", "pairs", "position"])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_order_agrees_with_enumeration(question: Make, rule: str, count: int) -> None:
    """The mean over every order."""
    asked = question("order", scoring=rule, choices=[{"text": str(number)} for number in range(count)])
    assert chances(asked).guessing == mean(asked, [";".join(each) for each in permutations("ABCDE"[:count])])


@pytest.mark.parametrize("distractors", [[], ["d"], ["d", "e"]])
def test_match_agrees_with_enumeration(question: Make, distractors: list[str]) -> None:
    """The mean over every assignment of right sides."""
    pairs = [{"left": str(number), "right": f"r{number}"} for number in range(3)]
    asked = question("match", pairs=pairs, distractors=distractors)
    numbers = [str(number + 1) for number in range(3 + len(distractors))]
    responses = [f"A={a};B={b};C={c}" for a, b, c in product(numbers, repeat=3)]
    assert chances(asked).guessing == mean(asked, responses)


CHOICES = [{"text": "a", "correct": True}, {"text": "b"}, {"text": "c"}, {"text": "d"}]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, (None, "0", "1/4")), ({"penalty": "guessing"}, (None, "0", "0")),
        ({"policy": "full_credit"}, ("1", "1", "1")),
        ({"policy": "full_credit_if_answered"}, (None, "0", "1")), ({"policy": "void"}, (None, None, None)),
        ({"policy": "accept_also", "also": "B"}, (None, "0", "1/2")), ({"certainty": True}, (None, "0", "1/12")),
    ],
)  # fmt: skip
def test_single_choice_and_policies(question: Make, keys: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    """One in four; nothing with a fair penalty; a policy changes what guessing earns."""
    found = chances(question("single", choices=CHOICES, **keys))
    wanted = tuple(None if each is None else Fraction(each) for each in expected)
    assert (found.everything, found.nothing, found.guessing) == wanted


def test_typed_answers_cannot_be_guessed(question: Make) -> None:
    """There is no such number; taking part is enough for an open question."""
    assert chances(question("numeric", answer={"value": 1})).guessing is None
    assert chances(question("open", credit="participation")).guessing == 1
