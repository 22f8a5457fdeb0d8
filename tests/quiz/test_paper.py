"""What a student sees: shuffled, repeatable, answerable, and without a trace of the key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from autograder.quiz.draws import Draws
from autograder.quiz.load import load_quiz
from autograder.quiz.paper import Sheet, ShownQuestion, hand_out
from autograder.quiz.questions import Quiz
from autograder.quiz.scoring import score

Write = Callable[[str], Path]
SECRET = b"k" * 32
CANARY = "canary"
FILE = f"""quiz: q
title: Q
pools: [{{id: p, pick: 1, questions: [a, b]}}]
sections: [{{id: s, title: S, questions: [p, m, n], shuffle: true}}, {{id: t, title: T, questions: [o, x, w, c, f, e]}}]
questions:
- id: a
  kind: single
  prompt: P
  explanation: {CANARY}
  tags: [{CANARY}]
  choices:
  - {{id: {CANARY}-1, text: yes it is, correct: true, feedback: {CANARY}}}
  - {{text: no}}
  - {{text: maybe}}
  - {{text: none of these, fixed: true}}
- {{id: b, kind: single, prompt: P, choices: [{{id: {CANARY}-2, text: x, correct: true}}, {{text: y}}]}}
- id: m
  kind: multiple
  prompt: P
  choices: [{{id: {CANARY}-3, text: x, correct: true}}, {{id: {CANARY}-4, text: y, correct: true}}, {{text: z}}]
- id: n
  kind: numeric
  prompt: "{{k}} units"
  parameters: {{k: {{range: [1, 100]}}, {CANARY}: {{formula: k^2}}}}
  answer: {{formula: 2*k, unit: {CANARY}, units: exact}}
- {{id: o, kind: order, prompt: P, choices: [{{text: one}}, {{text: two}}, {{text: three}}, {{text: four}}]}}
- {{id: x, kind: match, prompt: P, pairs: [{{left: l1, right: r1}}, {{left: l2, right: r2}}, {{left: l3, right: r1}}]}}
- {{id: w, kind: text, prompt: P, answer: {{accept: [{CANARY}]}}}}
- {{id: c, kind: code, prompt: P, starter: "x = 0", tests: hidden/{CANARY}, public: {CANARY}}}
- {{id: f, kind: formula, prompt: P, answer: {{equals: "s^2", variables: [s]}}}}
- {{id: e, kind: open, prompt: P, credit: rubric, rubric: [{{id: i, points: 1, text: {CANARY}}}]}}
"""


@pytest.fixture
def quiz(quiz_file: Write) -> Quiz:
    """A quiz with every kind, and a canary in every field that students must not see."""
    return load_quiz(quiz_file(FILE))


@pytest.fixture
def sheet(quiz: Quiz, tmp_path: Path) -> Callable[..., Sheet]:
    """What a student gets."""
    draws = Draws(quiz, tmp_path / ".autograder")
    return lambda student, attempt=1: hand_out(quiz, SECRET, draws.of, student, attempt)


def questions(sheet: Sheet) -> dict[str, ShownQuestion]:
    """The questions of a paper."""
    return {each.id: each for section in sheet.paper.sections for each in section.questions}


def test_paper_holds_no_secret(sheet: Callable[..., Sheet]) -> None:
    """No id, key, feedback, explanation, parameter, path or rubric of the author is in it."""
    for number in range(20):
        paper = sheet(f"s{number}").paper.to_json()
        text = json.dumps(paper)
        assert CANARY not in text
        assert "correct" not in text
        assert set(paper) == {"quiz", "title", "text", "sections"}


def test_paper_is_repeatable_and_differs_between_students(sheet: Callable[..., Sheet]) -> None:
    """The same student gets the same; students get orders of their own."""
    assert sheet("ada") == sheet("ada")
    orders = Counter(tuple(c.text for c in questions(sheet(f"s{n}"))["o"].choices) for n in range(200))
    assert set(orders) <= set(permutations(("one", "two", "three", "four")))
    assert len(orders) > 20
    assert sheet("ada", 2) != sheet("ada", 1)


def test_letters_go_by_what_is_seen(sheet: Callable[..., Sheet]) -> None:
    """A, B, C … from top to bottom; a fixed choice stays last; a pool gives one of its questions."""
    seen = set()
    for number in range(40):
        shown = questions(sheet(f"s{number}"))
        assert len(shown) == 9
        seen |= shown.keys() & {"a", "b"}
        for each in shown.values():
            assert "".join(choice.id for choice in each.choices) == "ABCD"[: len(each.choices)]
        if "a" in shown:
            assert shown["a"].choices[-1].text == "none of these"
        assert sorted(right.text for right in shown["x"].rights) == ["r1", "r2"]
    assert seen == {"a", "b"}


def test_shown_letters_are_translated_and_scored(quiz: Quiz, sheet: Callable[..., Sheet]) -> None:
    """Whoever picks the right texts by the letters that she sees has all points, whatever the shuffling."""
    for number in range(20):
        handed = sheet(f"s{number}")
        shown = questions(handed)
        letters = {
            (name, choice.text): choice.id for name, each in shown.items() for choice in (*each.choices, *each.rights)
        }
        single = "a" if "a" in shown else "b"
        responses = {
            single: letters[single, "yes it is" if single == "a" else "x"],
            "m": f"{letters['m', 'y']};{letters['m', 'x'].lower()}",
            "o": ";".join(letters["o", text] for text in ("one", "two", "three", "four")),
            "x": ";".join(
                f"{letters['x', left]}={letters['x', right]}"
                for left, right in (("l1", "r1"), ("l2", "r2"), ("l3", "r1"))
            ),
        }
        for name, response in responses.items():
            assert score(quiz.question(name), handed.authored(name, response)).share == 1


def test_typed_responses_are_left_alone(sheet: Callable[..., Sheet]) -> None:
    """A text with a semicolon is a text; an unknown letter stays, and is told when it is scored."""
    handed = sheet("ada")
    assert handed.authored("w", " A; b = c ") == " A; b = c "
    assert handed.authored("o", "Z;A").startswith("Z;")
