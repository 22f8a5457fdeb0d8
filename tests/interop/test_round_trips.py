"""What a format can carry comes back as it went: a table of samples, and drawn ones."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.interop.carried import Draft
from autograder.interop.fromhtml import escaped
from autograder.interop.tohtml import Formulas, to_html
from autograder.interop.yamlout import quiz_text
from autograder.quiz.load import load_quiz
from autograder.quiz.questions import NumericQuestion, Quiz, SingleQuestion
from tests.interop.samples import (
    KINDS,
    MULTIPLE,
    PIXEL,
    exported,
    first,
    imported,
    loaded,
    quiz_of,
    there_and_back,
)

CARRIED = {
    "canvas": ("single", "numeric", "text", "match", "order", "open"),
    "moodle": ("single", "multiple", "numeric", "text", "match", "order", "open"),
    "gift": ("single", "multiple", "numeric", "text", "match"),
    "text": ("single", "multiple", "numeric", "text", "match", "order", "open"),
}
SAID = {  # what is no loss of ours: where the other system is short of something
    ("canvas", "order"): "to Classic Quizzes",
    ("canvas", "open"): "notes for graders",
    ("moodle", "order"): "Moodle before 4.4",
}
OTHERS = {
    "canvas": [
        MULTIPLE.replace("RULE", "net_correct"),
        "\n  - {id: n, kind: numeric, prompt: P, answer: {value: -7, relative: 0.1}}\n",
        "\n  - {id: n, kind: single, prompt: P, shuffle: false, choices: [{text: A}, {text: B, correct: true}]}\n",
        "\n  - {id: t, kind: single, title: Truth, prompt: P, shuffle: false, points: 0.5,"
        " choices: [{text: 'True'}, {text: 'False', correct: true}]}\n",
    ],
    "moodle": [
        MULTIPLE.replace("RULE", "net_correct"),
        MULTIPLE.replace("RULE", "weights")
        .replace("correct: true", "correct: true, weight: 0.5")
        .replace("{text: Naive Bayes}", "{text: Naive Bayes, weight: '-1/3'}"),
        "\n  - {id: s, kind: single, prompt: P, penalty: '1/3', tags: [a, b], title: A title,"
        " choices: [{text: A}, {text: B, correct: true}]}\n",
        "\n  - {id: s, kind: single, prompt: P, choices: [{text: A, weight: '1/6'}, {text: B, correct: true}]}\n",
        "\n  - {id: t, kind: text, prompt: P, answer: {accept: ['2 * 3', Case]}}\n",
        "\n  - {id: o, kind: order, scoring: pairs, prompt: P, choices: [{text: a}, {text: b}]}\n",
        "\n  - {id: o, kind: order, scoring: position, prompt: P, choices: [{text: a}, {text: b}]}\n",
    ],
    "gift": [
        MULTIPLE.replace("RULE", "net_correct"),
        "\n  - {id: n, kind: numeric, prompt: P, tags: [a], title: 'Title: with = signs', answer: {value: -0.001}}\n",
        "\n  - {id: s, kind: single, prompt: P, penalty: 0.25, choices: [{text: A}, {text: B, correct: true}]}\n",
    ],
    "text": [
        *(MULTIPLE.replace("RULE", rule) for rule in ("all_or_nothing", "each_answer", "coverage", "halves")),
        "\n  - {id: s, kind: single, prompt: P, penalty: guessing, shuffle: false, certainty: true,"
        " policy: accept_also, also: A, choices: [{text: A}, {text: B, correct: true}]}\n",
        "\n  - {id: f, kind: formula, prompt: P, answer: {equals: s*(1-s), variables: [s]}}\n",
        "\n  - {id: o, kind: open, prompt: P, credit: participation, tags: [talk]}\n",
        "\n  - {id: t, kind: text, prompt: P,"
        " answer: {accept: [word], ignore: [case, spaces], distance: 1, pattern: 'w.*'}}\n",
        *(
            f"\n  - {{id: n, kind: numeric, prompt: P, answer: {{value: 92.50, {tolerance}}}}}\n"
            for tolerance in ("relative: 0.05", "sigfigs: 3", "decimals: 2", "geometric: 0.5", "absolute: 1e-3")
        ),
        "\n  - {id: k, kind: single, policy: full_credit, prompt: P, choices: [{text: A}, {text: B}]}\n",
    ],
}


def same(before: Quiz, after: Quiz) -> None:
    """The questions are equal, key by key."""
    assert [dict(each) for each in after.questions] == [dict(each) for each in before.questions]


@pytest.mark.parametrize(("form", "kind"), [(form, kind) for form, kinds in CARRIED.items() for kind in kinds])
def test_kind_comes_back_as_it_went(form: str, kind: str, tmp_path: Path) -> None:
    """A question of each kind that a format can carry loses nothing."""
    quiz = quiz_of(tmp_path, KINDS[kind])
    after, out, back = there_and_back(quiz, form, tmp_path)
    same(quiz, after)
    assert after.title == "A sample"
    assert not out.refused
    assert not back.refused
    assert all(SAID.get((form, kind), "nothing") in note.message for note in (*out.warnings, *back.warnings))


@pytest.mark.parametrize(("form", "sample"), [(form, sample) for form, rows in OTHERS.items() for sample in rows])
def test_further_keys_come_back_as_they_went(form: str, sample: str, tmp_path: Path) -> None:
    """Rules, tolerances, titles, tags and weights lose nothing where a format can say them."""
    quiz = quiz_of(tmp_path, sample)
    after, out, back = there_and_back(quiz, form, tmp_path)
    same(quiz, after)
    assert not out.refused
    assert not back.refused
    assert all("Moodle before 4.4" in note.message for note in (*out.warnings, *back.warnings))


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_picture_comes_back_as_it_went(form: str, tmp_path: Path) -> None:
    """A picture travels inside the file, and its text points to it again."""
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "net.png").write_bytes(PIXEL)
    quiz = quiz_of(tmp_path, KINDS["numeric"].replace("Which cosine?", "'Look: ![a net](sample/net.png)'"))
    after, out, back = there_and_back(quiz, form, tmp_path)
    assert back.pictures == {"net.png": PIXEL}
    assert first(after).prompt == "Look: ![a net](back/net.png)"
    assert not out.warnings


def test_settings_and_pools_come_back_as_they_went(tmp_path: Path) -> None:
    """Canvas keeps which attempt counts, how many there are, and groups that some questions are drawn from."""
    head = (
        "text: Read *this* first.\nattempts: {keep: mean, most: 3}\npools: [{id: some, pick: 1, questions: [a, b]}]\n"
    )
    rows = "".join(
        f"\n  - {{id: {name}, kind: numeric, points: 2, prompt: P, answer: {{value: 1}}}}" for name in ("a", "b", "c")
    )
    quiz = quiz_of(tmp_path, rows, head)
    after, out, _ = there_and_back(quiz, "canvas", tmp_path)
    same(quiz, after)
    assert (after.text, after.attempts, after.pools) == (quiz.text, quiz.attempts, quiz.pools)
    assert not out.warnings


def test_same_quiz_makes_same_bytes(tmp_path: Path) -> None:
    """An export depends on the quiz alone."""
    quiz = quiz_of(tmp_path, KINDS["single"] + KINDS["match"])
    for form in ("canvas", "moodle", "gift", "qti2", "text"):
        assert exported(quiz, form).data == exported(quiz, form).data


SIGNS = "abcXYZ019 éß日¿’–~=#{}:\\*_`[]()<>&\"'!+-|/%;,.?^@"
PROSE = st.text(SIGNS, min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)


@settings(max_examples=60, deadline=None)
@given(prompt=PROSE, right=PROSE, wrong=PROSE, form=st.sampled_from(["canvas", "moodle", "gift"]))
def test_words_are_shown_as_they_were(prompt: str, right: str, wrong: str, form: str) -> None:
    """Whatever an author's Markdown shows, it shows after a way through another system."""

    texts = [escaped(text) for text in (prompt, f"{right} 1", f"{wrong} 2")]
    choices = [{"text": texts[1], "correct": True}, {"text": texts[2]}]
    draft = Draft({"id": "q", "kind": "single", "prompt": texts[0], "choices": choices})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.yml"
        path.write_text(quiz_text({"quiz": "sample", "title": "A sample"}, [draft], [], []), encoding="utf-8")
        quiz = load_quiz(path)
        after, _, _ = there_and_back(quiz, form, Path(folder))
    before, question = first(quiz), first(after)
    assert isinstance(before, SingleQuestion)
    assert isinstance(question, SingleQuestion)
    pairs = [(before.prompt, question.prompt)]
    pairs += [(old.text, new.text) for old, new in zip(before.choices, question.choices, strict=True)]
    for old, new in pairs:
        assert to_html(new, Formulas.MATHJAX) == to_html(old, Formulas.MATHJAX)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=9)


@settings(max_examples=40, deadline=None)
@given(
    value=NUMBERS,
    margin=st.decimals(min_value=0, max_value=100, places=7),
    form=st.sampled_from(["canvas", "moodle", "gift", "text"]),
)
def test_numbers_stay_exact(value: Decimal, margin: Decimal, form: str) -> None:
    """A number and its tolerance come back equal, digit by digit: nothing is ever a binary float."""
    with tempfile.TemporaryDirectory() as folder:
        row = f"\n  - {{id: n, kind: numeric, prompt: P, answer: {{value: {value:f}, absolute: {margin:f}}}}}\n"
        quiz = quiz_of(Path(folder), row)
        question = first(loaded(imported(exported(quiz, form).data, form), Path(folder)))
    assert isinstance(question, NumericQuestion)
    assert question.answer.value == value
    assert (question.answer.absolute or Decimal(0)) == margin
