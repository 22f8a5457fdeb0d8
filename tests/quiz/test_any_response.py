"""Whatever students type: every kind answers with a score, within its bounds, the same every time."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from autograder.quiz.numbers import Unreadable, read_number
from autograder.quiz.questions import Question, Tagged
from autograder.quiz.scoring import Scorer, score

_ADAPTER: TypeAdapter[Question] = TypeAdapter(Tagged)
CHOICES = [{"text": "a", "correct": True}, {"text": "b"}, {"text": "c"}]
KINDS: dict[str, dict[str, Any]] = {
    "single": {"choices": CHOICES, "penalty": "guessing"},
    "multiple": {"choices": CHOICES, "certainty": True},
    "numeric": {
        "answer": {"value": Decimal("9.81"), "relative": Decimal("0.01"), "unit": "m/s^2", "unit_credit": "1/2"}
    },
    "text": {
        "answer": {"accept": ["self-attention"], "pattern": "(a|b)*c", "distance": 2, "ignore": ["case", "accents"]}
    },
    "formula": {"answer": {"equals": "s*(1-s)", "variables": ["s"]}},
    "order": {"choices": [{"text": "x"}, {"text": "y"}, {"text": "z"}]},
    "match": {"pairs": [{"left": "x", "right": "1"}, {"left": "y", "right": "2"}]},
    "code": {"tests": "hidden/x"},
    "open": {"credit": "participation"},
}
QUESTIONS = {
    kind: _ADAPTER.validate_python({"id": "q", "kind": kind, "prompt": "…", **keys}) for kind, keys in KINDS.items()
}
ANYTHING = (
    st.text(max_size=60) | st.text("ABCabc;=123 ", max_size=20) | st.text("0123456789.,eE-+/ %×^msk²", max_size=20)
)
FORMULAS = st.text("s01(+-*/^).|,explnsqrt ", max_size=30)


@given(st.sampled_from(sorted(KINDS)), ANYTHING | FORMULAS, st.sampled_from([None, 1, 2, 3]))
@settings(max_examples=400, deadline=None)
@example("numeric", "1 degC/degC", None)
@example("numeric", "3 dBm", None)
@example("numeric", "9 in", None)
@example("numeric", "9 m**-99", None)
@example("numeric", "9 %%", None)
@example("numeric", "9 m^(s)", None)
@example("formula", "s^(-s)", None)
@example("formula", "(-s)^(1/2)", None)
@example("formula", "exp(10^9*s)", None)
@example("formula", "sin(10^9)^s", None)
@example("formula", "log(0)", None)
def test_any_text_has_a_score(kind: str, text: str, certainty: int | None) -> None:
    """No response raises; a share lies between -2 (sure and wrong) and 1; the same text has the same score."""
    found = score(QUESTIONS[kind], text, certainty=certainty)
    assert found == score(QUESTIONS[kind], text, certainty=certainty)
    if kind == "code":
        assert (found.share is None) == bool(text.strip())
    else:
        assert found.share is not None
        assert -2 <= found.share <= 1


@given(st.lists(ANYTHING, max_size=6), st.randoms())
@settings(deadline=None)
def test_score_does_not_depend_on_who_came_before(texts: list[str], generator: Any) -> None:
    """A scorer that has seen others gives what a fresh one gives, in any order."""
    for question in QUESTIONS.values():
        scorer = Scorer(question, {})
        shuffled = list(texts)
        generator.shuffle(shuffled)
        assert {text: scorer(text) for text in shuffled} == {text: score(question, text) for text in texts}


@given(ANYTHING)
def test_any_number_is_read_or_refused(text: str) -> None:
    """And a number that was read has one reading or two."""
    try:
        found = read_number(text)
    except Unreadable:
        return
    assert 1 <= len(found.values) <= 2


LONG: list[Callable[[int], tuple[str, str]]] = [
    lambda size: ("formula", "(" * size + "s" + ")" * size),
    lambda size: ("formula", "+".join(["exp(s)"] * size)),
    lambda size: ("numeric", "9" * size),
    lambda size: ("text", "self-attentio" * size),
    lambda size: ("multiple", "A;" * size),
    lambda size: ("order", "A;" * size),
    lambda size: ("match", "A=1;" * size),
]


@pytest.mark.parametrize("build", LONG)
def test_long_response_is_no_burden(build: Callable[[int], tuple[str, str]]) -> None:
    """A response as long as a cell of a CSV file may be costs little: seconds of CPU at the very most."""
    begun = time.process_time()
    kind, text = build(20_000)
    assert score(QUESTIONS[kind], text).share is not None
    assert time.process_time() - begun < 20
