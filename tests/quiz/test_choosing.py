"""The seven rules against a second implementation, for every set of choices, and against their sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from autograder.quiz.questions import Question, Rule, Tagged
from autograder.quiz.scoring import score

Make = Callable[..., Question]
SHAPES = ((1, 0), (1, 1), (1, 3), (2, 1), (2, 2), (3, 1), (3, 2), (0, 3), (4, 0))
RULES = [rule.value for rule in Rule if rule is not Rule.WEIGHTS]


def sets(names: str) -> Iterator[str]:
    """Every set of choices as a response."""
    for size in range(len(names) + 1):
        yield from (";".join(picked) for picked in combinations(names, size))


def by_the_book(rule: str, right: set[str], wrong: set[str], picked: set[str]) -> Fraction:
    """The rules once more, written over sets and choice by choice instead of by counts."""
    every = right | wrong
    if not right and rule in ("net_correct", "coverage", "balanced"):
        return Fraction(not picked)
    if rule == "all_or_nothing":
        return Fraction(picked == right)
    if rule == "each_answer":
        return sum((Fraction((one in picked) == (one in right), len(every)) for one in every), Fraction(0))
    if rule == "halves":
        ladder = [Fraction(1), Fraction(1, 2) if len(every) > 2 else 0, Fraction(1, 4) if len(every) > 4 else 0]
        return Fraction([*ladder, *[0] * len(every)][len(picked ^ right)])
    gained = sum((Fraction(1, len(right)) for one in picked if one in right), Fraction(0))
    if rule == "coverage":
        return gained * Fraction(len(picked & right), len(picked)) if picked else Fraction(0)
    cost = {"net_correct": len(right), "balanced": len(wrong)}[rule]
    lost = sum((Fraction(1, cost) for one in picked if one in wrong), Fraction(0))
    return max(gained - lost, Fraction(0))


def cases() -> Iterator[Any]:
    """(rule, right, wrong, response): every set of choices of every shape."""
    for rule in RULES:
        for c, w in SHAPES:
            names = "ABCDE"[: c + w]
            for response in sets(names):
                yield pytest.param(rule, names[:c], names[c:], response, id=f"{rule}-{c}+{w}-{response or 'blank'}")


@pytest.mark.parametrize(("rule", "right", "wrong", "response"), list(cases()))
def test_rule_agrees_with_enumeration(question: Make, rule: str, right: str, wrong: str, response: str) -> None:
    """Each rule gives what its definition gives, for every set of choices."""
    choices = [{"text": name, "correct": name in right} for name in right + wrong]
    asked = question("multiple", scoring=rule, choices=choices)
    picked = set(filter(None, response.split(";")))
    assert score(asked, response).share == by_the_book(rule, set(right), set(wrong), picked)


GOLDEN = {  # correct A B D, wrong C: the table of the rules' sources (Canvas, edX, PrairieLearn), recomputed by hand
    "A;B;D": ("1", "1", "1", "1", "1", "1"),
    "A;B": ("0", "2/3", "2/3", "3/4", "2/3", "1/2"),
    "A;B;C": ("0", "1/3", "0", "1/2", "4/9", "0"),
    "A;B;C;D": ("0", "2/3", "0", "3/4", "3/4", "1/2"),
    "A;C": ("0", "0", "0", "1/4", "1/6", "0"),
    "": ("0", "0", "0", "1/4", "0", "0"),
}
ORDER = ("all_or_nothing", "net_correct", "balanced", "each_answer", "coverage", "halves")


@pytest.mark.parametrize(
    ("response", "rule", "share"),
    [(response, rule, share) for response, row in GOLDEN.items() for rule, share in zip(ORDER, row, strict=True)],
)
def test_rule_gives_the_golden_row(question: Make, response: str, rule: str, share: str) -> None:
    """The published example: three right, one wrong."""
    choices = [{"text": name, "correct": name != "C"} for name in "ABCD"]
    assert score(question("multiple", scoring=rule, choices=choices), response).share == Fraction(share)


@pytest.mark.parametrize("response", list(sets("ABCD")))
def test_weights_add_up_and_are_clamped(question: Make, response: str) -> None:
    """The rule `weights` is the sum of the weights of what was picked, from 0 to 1 (Moodle's multichoice)."""
    weights = {"A": "1/2", "B": "1/2", "C": "-1/3", "D": "-1/3"}
    choices = [{"text": name, "correct": name in "AB", "weight": weight} for name, weight in weights.items()]
    total = sum((Fraction(weights[name]) for name in response.split(";") if name), Fraction(0))
    expected = min(max(total, Fraction(0)), Fraction(1))
    assert score(question("multiple", scoring="weights", choices=choices), response).share == expected


def test_weights_of_a_third_make_a_whole(question: Make) -> None:
    """Three times Moodle's 33.33333 % is everything."""
    from decimal import Decimal

    choices = [{"text": name, "correct": True, "weight": Decimal("0.3333333")} for name in "ABC"]
    asked = question("multiple", scoring="weights", choices=[*choices, {"text": "D"}])
    assert score(asked, "A;B;C").share == 1
    assert score(asked, "A;B").share == Fraction(2, 3)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_single_choice_earns_and_costs(question: Make, count: int) -> None:
    """Right is 1; wrong is minus the penalty; blank is 0; with `guessing` a blind guess is worth exactly nothing."""
    choices = [{"text": str(number), "correct": number == 1} for number in range(count)]
    asked = question("single", penalty="guessing", choices=choices)
    shares = [score(asked, name).share for name in "ABCDE"[:count]]
    assert shares[1] == 1
    assert shares[0] == -Fraction(1, count - 1)
    assert sum(share for share in shares if share is not None) == 0
    assert score(asked, "").share == 0
    assert score(question("single", choices=choices), "A").share == 0


@pytest.mark.parametrize("response", ["Z", "A;B", "A,B"])
def test_unknown_choice_is_told_and_costs_nothing(question: Make, response: str) -> None:
    """What cannot be read earns nothing, costs nothing, and is said."""
    choices = [{"text": "a", "correct": True}, {"text": "b"}, {"text": "c"}]
    found = score(question("single", penalty="guessing", choices=choices), response)
    assert found.share == 0
    assert found.message is not None


def test_ids_are_read_without_regard_to_case_and_order(question: Make) -> None:
    """`d; b` is B and D."""
    choices = [{"text": name, "correct": name in "BD"} for name in "ABCD"]
    assert score(question("multiple", choices=choices), " d; b ;b").share == 1


_ADAPTER: TypeAdapter[Question] = TypeAdapter(Tagged)


@given(st.sampled_from(RULES), st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_score_is_bounded_and_independent_of_order(rule: str, correct: list[bool], data: st.DataObject) -> None:
    """A share lies in 0 to 1, and neither the order of choices nor that of the response changes it."""
    names = [f"c{number}" for number in range(len(correct))]
    choices = [{"id": name, "text": name, "correct": right} for name, right in zip(names, correct, strict=True)]
    base = {"id": "q", "kind": "multiple", "prompt": "…", "scoring": rule}
    picked = data.draw(st.lists(st.sampled_from(names), unique=True))
    one = score(_ADAPTER.validate_python({**base, "choices": choices}), ";".join(picked))
    other = _ADAPTER.validate_python({**base, "choices": data.draw(st.permutations(choices))})
    assert one == score(other, ";".join(data.draw(st.permutations(picked))))
    assert one.share is not None
    assert 0 <= one.share <= 1
