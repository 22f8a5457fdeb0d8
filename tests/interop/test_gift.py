"""GIFT: the forms of Moodle's own examples, escapes, weights and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.quiz.questions import (
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    Question,
    Rule,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip
from tests.interop.samples import first, imported, loaded, messages


def one(text: str, folder: Path) -> Question:
    """The only question of a text."""
    placed = imported(text.encode(), "gift")
    assert not placed.refused, placed.refused
    return first(loaded(placed, folder))


def test_single_choice_with_feedback(tmp_path: Path) -> None:
    """= is right, ~ is wrong, # begins what is said to it, #### the explanation."""
    question = one("::Tomb::Who?{\n~Grant#no\n=no one #yes \n~%50%both ####Because.}", tmp_path)
    assert isinstance(question, SingleQuestion)
    assert (question.id, question.title, question.prompt) == ("tomb", "Tomb", "Who?")
    assert [(each.text, each.correct, each.feedback, each.weight) for each in question.choices] == [
        ("Grant", False, "no", None),
        ("no one", True, "yes", None),
        ("both", False, None, Fraction(1, 2)),
    ]
    assert question.explanation == "Because."


def test_several_answers_by_weights(tmp_path: Path) -> None:
    """Halves for right ones and minus halves for wrong ones are the rule balanced; other weights are kept."""
    question = one("Which?{~%-50%No one ~%50%Grant ~%50%his wife ~%-50%his father}", tmp_path)
    assert isinstance(question, MultipleQuestion)
    assert question.scoring is Rule.BALANCED
    question = one("Which?{~No one ~%50%Grant ~%50%his wife ~his father}", tmp_path)
    assert isinstance(question, MultipleQuestion)
    assert question.scoring is Rule.WEIGHTS


@pytest.mark.parametrize(
    ("inside", "answer"),
    [
        ("#1822", (1822, None)),
        ("#3.1415:0.0005", (Decimal("3.1415"), Decimal("0.0005"))),
        ("#3.141..3.142", (Decimal("3.1415"), Decimal("0.0005"))),
        ("#\n=1822:0", (1822, None)),
        ("#-1e-3:1e-4", (Decimal("-0.001"), Decimal("0.0001"))),
    ],
)
def test_numbers(inside: str, answer: Any, tmp_path: Path) -> None:
    """A number, a tolerance, a range; all of it exact."""
    question = one(f"How many? {{{inside}}}", tmp_path)
    assert isinstance(question, NumericQuestion)
    assert (question.answer.value, question.answer.absolute) == answer


def test_graded_tolerance_of_an_exact_number_is_said(tmp_path: Path) -> None:
    """Half the points for what is near an exact number have no place here: a warning."""
    placed = imported(b"When? {#=1822:0 =%50%1822:2}", "gift")
    assert "part of the points" in messages(placed)
    question = one("When? {#=1822:1 =%50%1822:2 #near}", tmp_path)
    assert isinstance(question, NumericQuestion)
    assert question.answer.partial is not None


def test_texts_truth_pairs_and_gaps(tmp_path: Path) -> None:
    """Short answers, {T}, pairs, and a blank within a sentence."""
    question = one("Two plus two equals {=four =4 =%50%five}.", tmp_path)
    assert isinstance(question, TextQuestion)
    assert question.answer.accept == ("four", "4")
    question = one("The sun rises in the east.{FALSE#It does.#Not so.}", tmp_path)
    assert isinstance(question, SingleQuestion)
    assert [(each.text, each.correct, each.feedback) for each in question.choices] == [
        ("True", False, "It does."),
        ("False", True, "Not so."),
    ]
    question = one("Which? {=Canada -> Ottawa =Italy->Rome = -> Tokyo}", tmp_path)
    assert isinstance(question, MatchQuestion)
    assert [(pair.left, pair.right) for pair in question.pairs] == [("Canada", "Ottawa"), ("Italy", "Rome")]
    assert question.distractors == ("Tokyo",)
    assert one("Grant is {~buried =entombed} in a tomb.", tmp_path).prompt == r"Grant is \_\_\_\_\_ in a tomb."


def test_escaped_signs_are_text(tmp_path: Path) -> None:
    """A backslash takes the meaning from each sign, from itself too; \\n is a line break."""
    question = one(r"::a\:\:b::Which \{5\}?{= \= 2 \~ 3 \# \\ #f\#g ~ \\\{ }", tmp_path)
    assert isinstance(question, SingleQuestion)
    assert (question.title, question.prompt) == ("a::b", "Which {5}?")
    assert question.choices[0].text == r"= 2 ~ 3 # \\"
    assert question.choices[0].feedback == "f#g"
    assert question.choices[1].text == r"\\{"


def test_formats_of_texts(tmp_path: Path) -> None:
    """HTML is read, Markdown is taken, plain text is escaped."""
    assert one("[html]<b>Who</b> \\\\(x\\\\)?{=I}", tmp_path).prompt == "**Who** $x$?"
    assert one("[markdown]*Who*?{=I}", tmp_path).prompt == "*Who*?"
    assert one("[plain]*Who* <b>?{=I}", tmp_path).prompt == r"\*Who\* `<b>`?"


def test_comments_ids_tags_and_categories(tmp_path: Path) -> None:
    """A comment may carry id and tags; a category gives the quiz its title."""
    text = "$CATEGORY: $course$/top/Lecture 2\n\n// question: 1 [id:my-id] [tag:a b] [tag:c]\n::T::Q?{=I}\n\n// end\n"
    placed = imported(text.encode(), "gift")
    quiz = loaded(placed, tmp_path)
    assert quiz.title == "Lecture 2"
    assert (first(quiz).id, first(quiz).tags) == ("my-id", ("a-b", "c"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Only a text.", "asks nothing"),
        ("A {=b} and {=c}.", "several blanks"),
        ("A {=b", "do not close"),
        ("A? {b}", "neither = nor ~"),
        ("A? {~b ~c}", "no answer earns"),
        ("A? {~%33%b ~%67%c}", "33.33333"),
        ("A? {#x}", "no number"),
        ("A? {#5..1}", "empty"),
        ("{=b}", "asks nothing"),
    ],
)
def test_question_is_refused_with_a_reason(text: str, words: str) -> None:
    """What cannot be meant is refused, and the next question is read."""
    placed = imported(f"{text}\n\nNext?{{=I}}".encode(), "gift")
    assert len(placed.questions) == (0 if text == "A {=b" else 1)
    assert words in placed.refused[0].message
