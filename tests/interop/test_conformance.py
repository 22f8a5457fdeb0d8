"""The 25 QTI 1.2 files of the conformance set: every item is imported, or refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.quiz.questions import (
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OpenQuestion,
    Rule,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip
from tests.interop.samples import CONFORMANCE, first, imported, loaded, messages

ITEMS = CONFORMANCE / "items_1.2"
FILES = sorted(ITEMS.glob("*.xml")) if ITEMS.is_dir() else []
pytestmark = pytest.mark.skipif(not FILES, reason=f"the conformance items are not in {ITEMS}")

REFUSED = {  # file → words of the reason, for each item in it
    "bank_entry_item": ["question bank outside"],
    "canvas_multiple_fib": ["several blanks"],
    "choice_vary_points_by_answer_zero_points": ["no choice earns anything"],
    "hot_spot": ["place in a picture"] * 4,
    "nq_multiple_fib_answer_types": ["several blanks"],
    "stimulus_passage": ["asks nothing"],
    "text.no.question": ["asks nothing"],
    "upload_with_custom_settings": ["students upload"],
}
DOCUMENT_TYPES = ("ordering.row", "ordering_with_labels")
KINDS = {
    "canvas_multiple_dropdowns": [MatchQuestion],
    "canvas_multiple_fib_extra_brackets": [MatchQuestion],
    "choice": [SingleQuestion, SingleQuestion, MultipleQuestion, SingleQuestion],
    "essay_custom_settings": [OpenQuestion],
    "fib_feedback": [TextQuestion],
    "formula": [NumericQuestion],
    "formula_mvar": [NumericQuestion],
    "matching": [MatchQuestion],
    "mc_feedback": [SingleQuestion],
    "multiple_answer_canvas": [MultipleQuestion],
    "numeric_exact_match": [NumericQuestion, NumericQuestion],
    "numeric_margin_error_percent": [NumericQuestion],
    "numeric_precision_decimals": [NumericQuestion],
    "single_fib": [TextQuestion],
    "true_false_with_calculator": [SingleQuestion],
}


def read(name: str, folder: Path) -> list[object]:
    """The questions in a file."""
    return list(loaded(imported((ITEMS / f"{name}.xml").read_bytes(), "canvas"), folder).questions)


def test_every_file_has_its_expectation() -> None:
    """All 25 files are known here, each in one table."""
    known = [*REFUSED, *DOCUMENT_TYPES, *KINDS]
    assert sorted(known) == sorted(path.stem for path in FILES)
    assert len(FILES) == 25


@pytest.mark.parametrize("name", KINDS)
def test_item_is_imported(name: str, tmp_path: Path) -> None:
    """The items become questions of these kinds, and none is refused."""
    placed = imported((ITEMS / f"{name}.xml").read_bytes(), "canvas")
    assert [type(each) for each in loaded(placed, tmp_path).questions] == KINDS[name]
    assert not placed.refused


@pytest.mark.parametrize("name", REFUSED)
def test_item_is_refused_with_a_reason(name: str) -> None:
    """The items that we have no kind for are refused, each with a reason."""
    placed = imported((ITEMS / f"{name}.xml").read_bytes(), "canvas")
    assert not placed.questions
    assert len(placed.refused) == len(REFUSED[name])
    for note, words in zip(placed.refused, REFUSED[name], strict=True):
        assert words in note.message


@pytest.mark.parametrize("name", DOCUMENT_TYPES)
def test_file_with_a_document_type_is_refused(name: str) -> None:
    """A DTD is not followed, not even a harmless one; the message says what to remove."""
    with pytest.raises(CourseError, match="document type"):
        imported((ITEMS / f"{name}.xml").read_bytes(), "canvas")


@pytest.mark.parametrize("name", DOCUMENT_TYPES)
def test_order_is_read_once_the_document_type_is_gone(name: str, tmp_path: Path) -> None:
    """As the message advises: without its DTD the order is imported."""
    text = (ITEMS / f"{name}.xml").read_text()
    begin, end = text.index("<!DOCTYPE"), text.index("]>") + 2
    question = first(loaded(imported((text[:begin] + text[end:]).encode(), "canvas"), tmp_path))
    assert [item.text for item in question.choices] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert question.points == 5


def test_added_points_become_weights(tmp_path: Path) -> None:
    """+25 for a right choice and -10 for a wrong one, of 100: a quarter, and minus a tenth."""
    question = read("choice", tmp_path)[2]
    assert isinstance(question, MultipleQuestion)
    assert question.scoring is Rule.WEIGHTS
    assert question.points == 100
    assert {choice.weight for choice in question.choices} == {Fraction(1, 4), Fraction(-1, 10)}
    assert [choice.id for choice in question.choices if choice.correct] == ["A", "C", "D", "G"]


def test_all_of_and_not_become_choices(tmp_path: Path) -> None:
    """`and` of `varequal` and `not varequal`: A, C and D are right, B is not."""
    (question,) = read("multiple_answer_canvas", tmp_path)
    assert isinstance(question, MultipleQuestion)
    assert [choice.correct for choice in question.choices] == [True, False, True, True]
    assert question.scoring is Rule.NET_CORRECT


def test_numbers_and_their_tolerances(tmp_path: Path) -> None:
    """Exact numbers, several right ones, a margin in percent, and a precision in decimals."""
    one, several = read("numeric_exact_match", tmp_path)
    assert isinstance(one, NumericQuestion)
    assert isinstance(several, NumericQuestion)
    assert (one.answer.value, one.answer.absolute) == (1234, None)
    assert (several.answer.value, several.also, several.policy.value) == (4321, ("1234", "1111"), "accept_also")
    (percent,) = read("numeric_margin_error_percent", tmp_path)
    assert isinstance(percent, NumericQuestion)
    assert (percent.answer.value, percent.answer.relative) == (200, Decimal("0.2"))
    (digits,) = read("numeric_precision_decimals", tmp_path)
    assert isinstance(digits, NumericQuestion)
    assert (digits.answer.value, digits.answer.decimals) == (Decimal("100.1234"), 4)


def test_formula_becomes_parameters(tmp_path: Path) -> None:
    """[x] + [y] with x and y from 1 to 10: drawn anew for each student here."""
    (question,) = read("formula_mvar", tmp_path)
    assert isinstance(question, NumericQuestion)
    assert question.prompt == "{x} + {y}"
    assert question.answer.formula == "x+y"
    assert {name: each.range for name, each in question.parameters.items()} == {"x": (1, 10), "y": (1, 10)}


def test_texts_feedback_and_points(tmp_path: Path) -> None:
    """Accepted texts, the explanation, and half points."""
    (question,) = read("fib_feedback", tmp_path)
    assert isinstance(question, TextQuestion)
    assert question.answer.accept == ("blank", "Blank", "BLANK")
    assert (question.explanation, question.points) == ("Generic feedback", Decimal("3.5"))
    (choice,) = read("mc_feedback", tmp_path)
    assert isinstance(choice, SingleQuestion)
    assert choice.choices[1].feedback == "Answer B Feedback"


def test_equation_picture_becomes_a_formula_and_a_lost_picture_is_said(tmp_path: Path) -> None:
    """Canvas' equation images carry their TeX; a picture outside of the file cannot be had."""
    placed = imported((ITEMS / "true_false_with_calculator.xml").read_bytes(), "canvas")
    question = first(loaded(placed, tmp_path))
    assert "$sample equation$" in question.prompt
    assert "script" not in placed.text
    assert "image.png" in messages(placed)
    assert "calculator" in messages(placed)
