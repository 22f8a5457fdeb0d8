"""Moodle XML and its list of grades."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.interop.carried import Refused
from autograder.interop.grades import KNOWN, from_percent, to_percent
from autograder.quiz.questions import MatchQuestion, NumericQuestion, SingleQuestion, TextQuestion
from tests.interop.samples import exported, first, imported, loaded, messages, quiz_of

# The list as Moodle has it (moodle/moodle, question/engine/bank.php).
LISTED = "1 0.9 0.8333333 0.8 0.75 0.7 0.6666667 0.6 0.5 0.4 0.3333333 0.3 0.25 0.2 0.1666667 0.1428571 0.125"
LISTED += " 0.1111111 0.1 0.05"


def moodle(kind: str, inside: str, more: str = "") -> bytes:
    """A file with one question."""
    head = "<name><text>Q</text></name><questiontext format='html'><text>Asked?</text></questiontext>"
    return f"<quiz><question type='{kind}'>{head}{inside}</question>{more}</quiz>".encode()


def answers(*rows: tuple[str, str], more: str = "") -> str:
    """Answers with their percentages."""
    return "".join(f"<answer fraction='{share}'><text>{text}</text>{more}</answer>" for share, text in rows)


def test_grades_are_those_of_moodle() -> None:
    """Our list is Moodle's, to its seven digits, with all negatives and zero."""
    listed = {Decimal(text) for text in LISTED.split()}
    ours = {round(Decimal(share.numerator) / Decimal(share.denominator), 7) for share in KNOWN}
    assert ours == {Decimal(0), *listed, *(-each for each in listed)}


@pytest.mark.parametrize(("text", "share"), [("33.33333", Fraction(1, 3)), ("-14.28571", Fraction(-1, 7)), ("100", 1)])
def test_percentage_is_the_part_that_was_meant(text: str, share: Fraction) -> None:
    """33.33333 is a third and not 0.3333333; it is written the same way."""
    assert from_percent(text) == share
    assert to_percent(Fraction(share)) == text


@pytest.mark.parametrize("text", ["33", "0.5", "101", "-33.3", "x", "1e9", "1e99999999"])
def test_percentage_outside_of_the_list_is_refused(text: str) -> None:
    """Moodle refuses such grades at import, and so do we."""
    with pytest.raises(Refused):
        from_percent(text)


def test_invalid_grade_refuses_its_question() -> None:
    """`fraction="33"` is an error; the reason says what a third looks like."""
    placed = imported(moodle("multichoice", "<single>false</single>" + answers(("33", "a"), ("67", "b"))), "moodle")
    assert not placed.questions
    assert "33.33333" in placed.refused[0].message


def test_seven_wrong_choices_lose_a_seventh_each(tmp_path: Path) -> None:
    """Seven wrong options get -14.28571 each, three right ones 33.33333."""
    right = [f"{{text: r{number}, correct: true}}" for number in range(3)]
    wrong = [f"{{text: w{number}}}" for number in range(7)]
    row = f"\n  - {{id: m, kind: multiple, prompt: P, choices: [{', '.join(right + wrong)}]}}\n"
    data = exported(quiz_of(tmp_path, row), "moodle").data.decode()
    assert data.count('fraction="-14.28571"') == 7
    assert data.count('fraction="33.33333"') == 3


@pytest.mark.parametrize("form", ["moodle", "gift"])
def test_eleven_wrong_choices_are_refused(form: str, tmp_path: Path) -> None:
    """No grade of Moodle's is an eleventh: the question is refused, and the others go on."""
    wrong = ", ".join(f"{{text: w{number}}}" for number in range(11))
    row = f"\n  - {{id: m, kind: multiple, prompt: P, choices: [{{text: r, correct: true}}, {wrong}]}}\n"
    out = exported(quiz_of(tmp_path, row + "  - {id: n, kind: numeric, prompt: P, answer: {value: 1}}\n"), form)
    assert [note.question for note in out.refused] == ["m"]
    assert "1/11" in out.refused[0].message
    assert out.carried == 1


def test_partly_right_single_choice_keeps_its_part(tmp_path: Path) -> None:
    """A choice worth half in a single-choice question is a weight."""
    data = moodle("multichoice", "<single>1</single>" + answers(("100", "a"), ("50", "b"), ("0", "c")))
    question = first(loaded(imported(data, "moodle"), tmp_path))
    assert isinstance(question, SingleQuestion)
    assert [choice.weight for choice in question.choices] == [None, Fraction(1, 2), None]


def test_true_or_false(tmp_path: Path) -> None:
    """A truefalse question is a single choice of two in this order."""
    data = moodle("truefalse", answers(("0", "true"), ("100", "false")))
    question = first(loaded(imported(data, "moodle"), tmp_path))
    assert isinstance(question, SingleQuestion)
    assert [(choice.text, choice.correct) for choice in question.choices] == [("True", False), ("False", True)]
    assert not question.shuffle


def test_graded_tolerance_becomes_a_band(tmp_path: Path) -> None:
    """Full points within 1, half within 2: a band of twice the tolerance."""
    inside = answers(("100", "1822"), more="<tolerance>1</tolerance>")
    inside += answers(("50", "1822"), more="<tolerance>2</tolerance>") + answers(("0", "*"))
    placed = imported(moodle("numerical", inside), "moodle")
    question = first(loaded(placed, tmp_path))
    assert isinstance(question, NumericQuestion)
    assert question.answer.partial is not None
    assert (question.answer.partial.within, question.answer.partial.credit) == (2, Fraction(1, 2))
    assert "any other number" in messages(placed)


def test_wildcard_becomes_a_pattern(tmp_path: Path) -> None:
    """`*` stands for anything in Moodle, `\\*` for itself."""
    data = moodle("shortanswer", answers(("100", "trans*er"), ("100", "a \\* b")))
    question = first(loaded(imported(data, "moodle"), tmp_path))
    assert isinstance(question, TextQuestion)
    assert question.answer.pattern == "trans.*er"
    assert question.answer.accept == ("a * b",)


def test_matching_with_distractors(tmp_path: Path) -> None:
    """A subquestion without text is a distractor."""
    rows = [("Adam", "optimiser"), ("MSE", "loss"), ("", "layer")]
    inside = "".join(
        f"<subquestion><text>{left}</text><answer><text>{right}</text></answer></subquestion>" for left, right in rows
    )
    question = first(loaded(imported(moodle("matching", inside), "moodle"), tmp_path))
    assert isinstance(question, MatchQuestion)
    assert question.distractors == ("layer",)


@pytest.mark.parametrize("kind", ["description", "cloze", "calculated", "random", "stack"])
def test_other_kinds_are_refused_with_a_reason(kind: str) -> None:
    """A kind that we have not is refused; the next question is read."""
    more = "<question type='numerical'><questiontext><text>N?</text></questiontext>"
    placed = imported(moodle(kind, "", more + answers(("100", "1")) + "</question>"), "moodle")
    assert [note.question for note in placed.refused] == ["Q"]
    assert len(placed.refused[0].message) > 20
    assert len(placed.questions) == 1


def test_what_moodle_has_more_is_said() -> None:
    """Hints, penalties and combined feedback are lost, each with a sentence."""
    inside = answers(("100", "1")) + "<hint><text>h</text></hint><penalty>0.3333333</penalty>"
    inside += "<correctfeedback><text>Well done, you</text></correctfeedback>"
    said = messages(imported(moodle("numerical", inside), "moodle"))
    assert "hints" in said
    assert "`penalty`" in said
    assert "well done" in said


@pytest.mark.parametrize("rule", ["all_or_nothing", "each_answer", "coverage", "halves"])
def test_rule_that_moodle_has_not_is_said(rule: str, tmp_path: Path) -> None:
    """Moodle adds up what choices earn; another rule is a warning."""
    choices = "[{text: a, correct: true}, {text: b}]"
    out = exported(
        quiz_of(tmp_path, f"\n  - {{id: m, kind: multiple, scoring: {rule}, prompt: P, choices: {choices}}}\n"),
        "moodle",
    )
    assert rule in messages(out)
    assert out.carried == 1
