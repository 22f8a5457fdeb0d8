"""Variants: repeatable, secret, evenly drawn, stored as drawn, and never degenerate."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import CourseError
from autograder.quiz.degenerate import degenerate, samples
from autograder.quiz.draws import SECRET, Draws, secret_in
from autograder.quiz.load import load_quiz
from autograder.quiz.placeholders import filled, shown
from autograder.quiz.questions import Pool, Question
from autograder.quiz.responses import Response
from autograder.quiz.sheet import score_class
from autograder.quiz.variants import Stream, draw, picked

Make = Callable[..., Question]
Write = Callable[[str], Path]
KEY = b"k" * 32
LAYER: dict[str, Any] = {
    "prompt": "{hidden} on {inputs}",
    "parameters": {"hidden": {"choice": [100, 500, 1000]}, "inputs": {"range": [10, 99]}},
    "answer": {"formula": "inputs*hidden + hidden"},
}
FILE = """quiz: q
title: Q
questions:
- {id: layer, kind: numeric, prompt: "{n} units", parameters: {n: {range: [1, 1000]}}, answer: {formula: 2*n}}
"""


def test_draw_depends_on_every_name_and_is_repeatable(question: Make) -> None:
    """The same names give the same numbers; another secret, quiz, student, attempt or question gives others."""
    asked = question(
        "numeric", **LAYER | {"parameters": {"inputs": {"range": [1, 10**6]}, "hidden": {"choice": [1, 2]}}}
    )
    changed = asked.model_copy(update={"prompt": "{hidden} and {inputs}"})
    others = [
        draw(asked, KEY, "q", "ada", 1), draw(asked, b"x" * 32, "q", "ada", 1), draw(asked, KEY, "p", "ada", 1),
        draw(asked, KEY, "q", "bob", 1), draw(asked, KEY, "q", "ada", 2), draw(changed, KEY, "q", "ada", 1),
    ]  # fmt: skip
    assert draw(asked, KEY, "q", "ada", 1) == others[0]
    assert len({str(each) for each in others}) == len(others)


def test_numbers_are_drawn_evenly() -> None:
    """Each of seven numbers about as often: chi-square below the value that chance exceeds once in a million."""
    stream = Stream(KEY, "even")
    found = Counter(stream.below(7) for _ in range(7000))
    assert sum((found[number] - 1000) ** 2 / 1000 for number in range(7)) < 38.3  # chi-square, 6 degrees, p = 1e-6


def test_parameters_keep_to_their_ranges(question: Make) -> None:
    """Ends included, by steps; a formula is computed from those above it."""
    parameters = {"a": {"range": [1, 2], "step": Fraction(1)}, "b": {"formula": "a/4"}}
    asked = question(
        "numeric", prompt="{a}", parameters={**parameters, "a": {"range": [1, 3]}}, answer={"formula": "b"}
    )
    seen = {draw(asked, KEY, "q", str(number))["a"] for number in range(60)}
    assert seen == {1, 2, 3}
    assert all(each["b"] == each["a"] / 4 for each in (draw(asked, KEY, "q", str(n)) for n in range(9)))


def test_pool_picks_different_questions_for_students() -> None:
    """Three of seven, in the order of the file, and every question gets its share."""
    pool = Pool(id="p", pick=3, questions=tuple("abcdefg"))
    draws = [picked(pool, KEY, "q", str(number)) for number in range(700)]
    assert all(len(set(each)) == 3 and list(each) == sorted(each) for each in draws)
    assert all(220 < count < 380 for count in Counter(name for each in draws for name in each).values())


def test_scoring_knows_each_students_numbers(quiz_file: Write, tmp_path: Path) -> None:
    """The right answer to one's own variant earns the points, another student's does not."""
    quiz = load_quiz(quiz_file(FILE))
    folder = tmp_path / ".autograder"
    draws = Draws(quiz, folder)
    mine = draws.of(quiz.questions[0], "ada", 1)["n"]
    rows = [
        Response("ada", "layer", shown(2 * mine)),
        Response("bob", "layer", shown(2 * mine)),
        Response("eve", "layer", ""),
    ]
    assert [each.points for each in score_class(quiz, rows, draws)] == [1, 0, 0]


def test_draws_are_stored_and_survive_a_change_of_the_question(quiz_file: Write, tmp_path: Path) -> None:
    """Who was asked about 7 units is asked about 7 units after a typing error in the prompt was put right."""
    folder = tmp_path / ".autograder"
    quiz = load_quiz(quiz_file(FILE))
    before = Draws(quiz, folder)
    numbers = {name: before.of(quiz.questions[0], name, 1)["n"] for name in ("ada", "bob")}
    before.store()
    before.store()
    lines = [json.loads(line) for line in (folder / "draws" / "q.jsonl").read_text().splitlines()]
    assert [line["student"] for line in lines] == ["ada", "bob"]
    later = load_quiz(quiz_file(FILE.replace("units", "hidden units")))
    after = Draws(later, folder)
    assert {name: after.of(later.questions[0], name, 1)["n"] for name in numbers} == numbers


def test_stored_draw_keeps_what_was_drawn_and_computes_the_rest(quiz_file: Write, tmp_path: Path) -> None:
    """A formula that was put right holds for those who have their numbers already; new parameters are drawn once."""
    derived = FILE.replace("answer: {formula: 2*n}", "answer: {formula: m}").replace(
        "1000]}}", "1000]}, m: {formula: n+n}}"
    )
    quiz = load_quiz(quiz_file(derived))
    first = Draws(quiz, tmp_path)
    number = first.of(quiz.questions[0], "ada", 1)["n"]
    first.store()
    mended = load_quiz(quiz_file(derived.replace("n+n", "3*n")))
    assert Draws(mended, tmp_path).of(mended.questions[0], "ada", 1) == {"n": number, "m": 3 * number}
    renamed = load_quiz(quiz_file(FILE.replace("n:", "k:").replace("{n}", "{k}").replace("2*n", "2*k")))
    for _ in range(2):
        draws = Draws(renamed, tmp_path)
        draws.of(renamed.questions[0], "ada", 1)
        draws.store()
    assert len((tmp_path / "draws" / "q.jsonl").read_text().splitlines()) == 2


def test_variant_without_an_answer_is_the_authors_fault(quiz_file: Write, tmp_path: Path) -> None:
    """It stops the scoring with what to do, and costs no student a point."""
    quiz = load_quiz(quiz_file(FILE.replace("2*n", "1/(n-n)")))
    with pytest.raises(CourseError, match="no right answer"):
        tuple(score_class(quiz, [Response("ada", "layer", "4")], Draws(quiz, tmp_path)))


def test_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    """32 bytes that only their owner reads; a damaged one is not replaced in silence."""
    first = secret_in(tmp_path / "a")
    assert len(first) == 32
    assert secret_in(tmp_path / "a") == first != secret_in(tmp_path / "b")
    path = tmp_path / "a" / SECRET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [SECRET]
    path.write_text("0123")
    with pytest.raises(CourseError, match="damaged"):
        secret_in(tmp_path / "a")


def test_question_with_variants_needs_a_course(quiz_file: Write) -> None:
    """Without a place for the secret nothing is drawn; a blank needs no draw."""
    quiz = load_quiz(quiz_file(FILE))
    assert next(score_class(quiz, [Response("ada", "layer", "")], Draws(quiz, None))).points == 0
    with pytest.raises(CourseError, match="no course"):
        tuple(score_class(quiz, [Response("ada", "layer", "4")], Draws(quiz, None)))


def test_damaged_draws_are_refused_with_their_line(quiz_file: Write, tmp_path: Path) -> None:
    """They are what students were asked: never to be skipped."""
    quiz = load_quiz(quiz_file(FILE))
    (tmp_path / "draws").mkdir()
    (tmp_path / "draws" / "q.jsonl").write_text('{"student": "ada"}\n')
    with pytest.raises(CourseError, match=r"q\.jsonl:1"):
        Draws(quiz, tmp_path)


DEGENERATE: dict[str, tuple[str, dict[str, Any]]] = {
    "no value": ("numeric", {"prompt": "{n}", "parameters": {"n": {"range": [-1, 1]}}, "answer": {"formula": "1/n"}}),
    "in all 3 draws": (
        "numeric",
        {"prompt": "{n}", "parameters": {"n": {"range": [1, 3]}}, "answer": {"formula": "n-n+4"}},
    ),
    "relative tolerance": (
        "numeric",
        {"prompt": "{n}", "parameters": {"n": {"range": [0, 3]}}, "answer": {"formula": "n", "relative": 1}},
    ),
    "distractor equals the key": (
        "single",
        {"prompt": "{n}", "parameters": {"n": {"range": [1, 3]}, "d": {"formula": "2*n"}, "s": {"formula": "n^2"}},
         "choices": [{"text": "{d}", "correct": True}, {"text": "{s}"}]},
    ),
    "two choices are alike": (
        "single",
        {"prompt": "{n}", "parameters": {"n": {"range": [1, 3]}, "h": {"formula": "n/2"}},
         "choices": [{"text": "x", "correct": True}, {"text": "{h}"}, {"text": "0.5"}]},
    ),
    "only one draw": ("numeric", {"prompt": "{n}", "parameters": {"n": {"choice": [4]}}, "answer": {"formula": "n"}}),
}  # fmt: skip


@pytest.mark.parametrize("words", DEGENERATE)
def test_degenerate_draw_is_refused(question: Make, words: str) -> None:
    """Each sort is found, and said with its numbers, once."""
    kind, keys = DEGENERATE[words]
    faults = list(degenerate(question(kind, **keys)))
    assert [fault for fault in faults if words in fault.message]
    assert len({(fault.key, fault.remedy) for fault in faults}) == len(faults)


def test_ends_of_a_large_range_are_looked_at(question: Make) -> None:
    """One bad number of a million at the end of a range is found."""
    asked = question("numeric", prompt="{n}", parameters={"n": {"range": [0, 10**6]}}, answer={"formula": "1/n"})
    assert [fault for fault in degenerate(asked) if "no value" in fault.message]


def test_samples_show_prompt_and_answer(question: Make) -> None:
    """Different ones, with the numbers in the prompt and the answer computed."""
    found = samples(question("numeric", **LAYER))
    assert len({str(each.parameters) for each in found}) == 5
    for each in found:
        hidden, inputs = int(each.parameters["hidden"]), int(each.parameters["inputs"])
        assert each.prompt == f"{hidden} on {inputs}"
        assert each.answer == str(inputs * hidden + hidden)
    assert not list(degenerate(question("numeric", **LAYER)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{n} units", "7 units"), ("{m} units", "{m} units"), ("$x^{n}$", "$x^{7}$"),
        (r"$\frac{n}{2}$", r"$\frac{7}{2}$"),
        ("costs $5, {n} of them", "costs $5, 7 of them"), ("$$\n{n}\n$$ {n}", "$$\n{7}\n$$ 7"), ("{ n }", "{ n }"),
    ],
)  # fmt: skip
def test_parameters_are_filled_in(text: str, expected: str) -> None:
    """In mathematics the braces stay, for TeX."""
    assert filled(text, {"n": Fraction(7)}) == expected


@pytest.mark.parametrize(
    ("value", "text"), [("1/2", "0.5"), ("3", "3"), ("1/3", "1/3"), ("-7/8", "-0.875"), ("100", "100")]
)
def test_drawn_number_is_printed_as_people_write_it(value: str, text: str) -> None:
    """Decimals where they end, else a fraction."""
    assert shown(Fraction(value)) == text
