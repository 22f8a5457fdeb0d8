"""Orders, pairs, open answers; certainty and the policies for flawed questions; points as decimals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz.attempts import combined
from autograder.quiz.questions import Attempts, Question
from autograder.quiz.scoring import as_decimal, score

Make = Callable[..., Question]
ITEMS = [{"text": name} for name in ("first", "second", "third", "fourth")]
FREE = [{"text": "a"}, {"text": "b"}]
CHOICES = [{"text": "a", "correct": True}, {"text": "b"}, {"text": "c"}]


@pytest.mark.parametrize("rule", ["whole", "pairs", "position"])
@pytest.mark.parametrize("order", list(permutations("ABCD")), ids="".join)
def test_order_agrees_with_enumeration(question: Make, rule: str, order: tuple[str, ...]) -> None:
    """Every order under every rule, against the definitions written over strings."""
    text = "".join(order)
    expected = {
        "whole": Fraction(text == "ABCD"),
        "pairs": Fraction(sum(pair in text for pair in ("AB", "BC", "CD")), 3),
        "position": Fraction(sum(map(str.__eq__, text, "ABCD")), 4),
    }
    assert score(question("order", choices=ITEMS, scoring=rule), ";".join(order)).share == expected[rule]


@pytest.mark.parametrize(("text", "share"), [("A;B", Fraction(1, 3)), ("", 0), ("A;A;B", 0), ("A;Z", 0)])
def test_order_that_is_not_whole(question: Make, text: str, share: Fraction) -> None:
    """What is there counts; an item named twice or unknown is said."""
    found = score(question("order", choices=ITEMS), text)
    assert found.share == share
    assert (found.message is not None) == (text in ("A;A;B", "A;Z"))


PAIRS = [
    {"left": "Adam", "right": "optimiser"},
    {"left": "cosine", "right": "schedule"},
    {"left": "SGD", "right": "optimiser"},
]


@pytest.mark.parametrize("picked", list(product("1234", repeat=3)), ids="".join)
def test_match_agrees_with_enumeration(question: Make, picked: tuple[str, ...]) -> None:
    """Every assignment; equal right sides are the same thing, a distractor is never right."""
    asked = question("match", pairs=PAIRS, distractors=["loss"])
    rights = dict(zip("1234", ("optimiser", "schedule", "optimiser", "loss"), strict=True))
    expected = Fraction(sum(rights[one] == pair["right"] for one, pair in zip(picked, PAIRS, strict=True)), 3)
    text = ";".join(f"{left}={right}" for left, right in zip("ABC", picked, strict=True))
    assert score(asked, text).share == expected


@pytest.mark.parametrize(("text", "share", "told"), [
    ("A=1", Fraction(1, 3), False), ("a = 1 ; B=2", Fraction(2, 3), False), ("A=9", 0, True), ("A1", 0, True),
    ("A=1;A=2", 0, True), ("A=;B=2", Fraction(1, 3), False), ("", 0, False),
])  # fmt: skip
def test_match_that_is_not_whole(question: Make, text: str, share: Fraction, told: bool) -> None:
    """Left sides without a partner earn nothing; what cannot be read is said."""
    found = score(question("match", pairs=PAIRS), text)
    assert found.share == share
    assert (found.message is not None) == told


@pytest.mark.parametrize(
    ("right", "certainty", "share"),
    [  # Moodle, question/behaviour/behaviourbase.php: right 1, 2, 3; wrong 0, -2, -6; over the most, 3
        (True, 1, "1/3"), (True, 2, "2/3"), (True, 3, "1"), (False, 1, "0"), (False, 2, "-2/3"), (False, 3, "-2"),
    ],
)  # fmt: skip
def test_certainty_is_marked_as_in_moodle(question: Make, right: bool, certainty: int, share: str) -> None:
    """A sure and wrong answer costs twice the points; a blank costs nothing."""
    asked = question("single", choices=CHOICES, certainty=True)
    assert score(asked, "A" if right else "B", certainty=certainty).share == Fraction(share)
    assert score(asked, "", certainty=certainty).share == 0


def test_missing_certainty_is_the_lowest_and_said(question: Make) -> None:
    """As in Moodle; and never in silence."""
    found = score(question("single", choices=CHOICES, certainty=True), "A")
    assert found.share == Fraction(1, 3)
    assert found.message is not None


@pytest.mark.parametrize(
    ("keys", "shares"),
    [  # shares of: right by the key, right by the other key, wrong, blank
        ({}, (1, 0, 0, 0)),
        ({"policy": "accept_also", "also": "B"}, (1, 1, 0, 0)),
        ({"policy": "current_or_previous", "previous": "B"}, (1, 1, 0, 0)),
        ({"policy": "full_credit"}, (1, 1, 1, 1)),
        ({"policy": "full_credit_if_answered"}, (1, 1, 1, 0)),
    ],
)
def test_policy_for_a_flawed_question(question: Make, keys: dict[str, Any], shares: tuple[int, ...]) -> None:
    """Each policy on each sort of answer."""
    asked = question("single", choices=CHOICES, **keys)
    assert tuple(score(asked, text).share for text in ("A", "B", "C", "")) == shares


def test_void_question_counts_nowhere(question: Make) -> None:
    """It has no share of anything: neither right nor wrong."""
    found = score(question("single", choices=FREE, policy="void"), "A")
    assert (found.counted, found.correct) == (False, None)


@pytest.mark.parametrize(
    ("kind", "keys", "also", "text"),
    [
        ("multiple", {"choices": CHOICES}, "B;C", "C;B"),
        ("multiple", {"choices": CHOICES, "scoring": "all_or_nothing"}, ["B", "C"], "C"),
        ("numeric", {"answer": {"value": 1, "absolute": Decimal("0.1")}}, "2", "2.1"),
        ("text", {"answer": {"accept": "a", "ignore": ["case"]}}, "b", "B"),
        ("formula", {"answer": {"equals": "x", "variables": ["x"]}}, "2*x", "x+x"),
        ("order", {"choices": ITEMS, "scoring": "whole"}, "D;C;B;A", "D;C;B;A"),
        ("match", {"pairs": PAIRS[:2]}, "A=2;B=1", "A=2;B=1"),
    ],
)
def test_second_key_is_scored_by_the_same_rule(question: Make, kind: str, keys: Any, also: Any, text: str) -> None:
    """A second key is written as a response, and has the tolerance and the rule of the first."""
    assert score(question(kind, **keys), text).share != 1
    assert score(question(kind, **keys, policy="accept_also", also=also), text).share == 1


def test_open_answer_earns_by_taking_part_or_waits(question: Make) -> None:
    """Any text counts as taking part; a rubric and code wait for those who decide, and a blank is nothing."""
    part = question("open", credit="participation")
    assert (score(part, "my thoughts").share, score(part, " ").share) == (1, 0)
    rubric = question("open", credit="rubric", rubric=[{"id": "a", "points": 1, "text": "…"}])
    code = question("code", tests="hidden/x")
    for asked in (rubric, code):
        waiting = score(asked, "x = 1")
        assert (waiting.share, waiting.correct) == (None, None)
        assert waiting.message is not None
        assert score(asked, "x = 1", outside=Fraction(1, 2)).share == Fraction(1, 2)
        assert score(asked, "").share == 0


def test_no_rule_uses_weights_of_the_wrong_kind(question: Make) -> None:
    """A single choice with a weight earns that part of the points (Moodle's fractions)."""
    choices = [*CHOICES, {"text": "d", "weight": "1/3"}]
    assert score(question("single", choices=choices, penalty="guessing"), "D").share == Fraction(1, 3)


SHARES = [(1, Fraction(1, 2)), (2, Fraction(1)), (3, Fraction(0))]


@pytest.mark.parametrize(
    ("keep", "credit", "share"),
    [
        ("best", [], "1"), ("last", [], "0"), ("first", [], "1/2"), ("mean", [], "1/2"),
        ("best", [100, 50], "1/2"), ("mean", [100, 50, 25], "1/3"), ("best", [100, 20], "1/2"), ("last", [0], "0"),
    ],
)  # fmt: skip
def test_attempts_are_combined(keep: Any, credit: list[int], share: str) -> None:
    """Best, last, first, mean; later attempts may be worth less (PrairieLearn's lists of points)."""
    rule = Attempts.model_validate({"keep": keep, "credit": credit})
    assert combined(SHARES, rule) == Fraction(share)
    assert combined(list(reversed(SHARES)), rule) == Fraction(share)


@pytest.mark.parametrize(("keep", "share"), [("best", None), ("last", None), ("first", Fraction(1, 2)), ("mean", None)])
def test_undecided_attempt_leaves_the_question_open(keep: Any, share: Fraction | None) -> None:
    """Unless what is decided cannot change any more."""
    shares: list[tuple[int, Fraction | None]] = [(1, Fraction(1, 2)), (2, None)]
    assert combined(shares, Attempts(keep=keep)) == share
    assert combined([(1, Fraction(1)), (2, None)], Attempts(keep="best")) == 1


def test_decrease_is_never_taken_off_a_penalty() -> None:
    """A wrong answer in a late attempt costs what it costs."""
    rule = Attempts.model_validate({"keep": "last", "credit": [100, 10]})
    assert combined([(1, Fraction(1)), (2, Fraction(-1, 3))], rule) == Fraction(-1, 3)


@given(st.fractions(-1000, 1000, max_denominator=10**6))
def test_points_are_exact_to_ten_places(amount: Fraction) -> None:
    """A decimal that ends is itself, others are the nearest of ten places."""
    found = as_decimal(amount)
    assert abs(Fraction(found) - amount) <= Fraction(1, 2 * 10**10)
    assert as_decimal(Fraction(found)) == found


@pytest.mark.parametrize(
    ("amount", "text"), [("1/3", "0.3333333333"), ("2/3", "0.6666666667"), ("1/8", "0.125"), ("0", "0")]
)
def test_points_are_written_short(amount: str, text: str) -> None:
    """No zeros at the end, no exponent in sight."""
    assert f"{as_decimal(Fraction(amount)):f}" == text
