"""The plain text format: its forms, and what is refused with its line."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.quiz.questions import MultipleQuestion, NumericQuestion, OrderQuestion, SingleQuestion
from tests.interop.samples import exported, first, imported, loaded, quiz_of, there_and_back

TEXT = """# Lecture 2

## xor: What a line cannot do
points: 2
tags: networks, logic

Which of these can represent XOR?

It has two inputs.

( ) Logistic regression
    > A line cannot part them.
(x) A decision tree
    of depth two
    > Right:
    > two questions suffice.

! Draw it.

It helps.

##
How many?
= 1..2

## Which of these?
[x] A
[ ] B
"""


def test_text_is_read(tmp_path: Path) -> None:
    """Headings, keys, prompts of paragraphs, choices of lines, feedback, explanation."""
    placed = imported(TEXT.encode(), "text")
    quiz = loaded(placed, tmp_path)
    assert quiz.title == "Lecture 2"
    single, number, short = quiz.questions
    assert isinstance(single, SingleQuestion)
    assert (single.id, single.title, single.points, single.tags) == (
        "xor",
        "What a line cannot do",
        2,
        ("networks", "logic"),
    )
    assert single.prompt == "Which of these can represent XOR?\n\nIt has two inputs."
    assert [choice.text for choice in single.choices] == ["Logistic regression", "A decision tree\nof depth two"]
    assert [choice.feedback for choice in single.choices] == [
        "A line cannot part them.",
        "Right:\ntwo questions suffice.",
    ]
    assert single.explanation == "Draw it.\n\nIt helps."
    assert isinstance(number, NumericQuestion)
    assert (number.answer.value, number.answer.absolute) == (Decimal("1.5"), Decimal("0.5"))
    assert (short.id, short.title, short.prompt) == ("which-of-these", None, "Which of these?")
    assert not placed.refused


def test_heading_without_an_id_makes_one(tmp_path: Path) -> None:
    """A heading that is no id is the title; the id is made of it."""
    question = first(loaded(imported(b"## One without an id\n\nWhich?\n[x] A\n[ ] B\n", "text"), tmp_path))
    assert (question.id, question.title) == ("one-without-an-id", "One without an id")


def test_weights_stand_in_the_boxes(tmp_path: Path) -> None:
    """[2/3], [1/3] and [-0.5] are what choices earn."""
    question = first(loaded(imported(b"## q\nW?\n[2/3] A\n[1/3] B\n[-0.5] C\n[ ] D\n", "text"), tmp_path))
    assert isinstance(question, MultipleQuestion)
    weights = [choice.weight for choice in question.choices]
    assert weights == [Fraction(2, 3), Fraction(1, 3), Fraction(-1, 2), None]


def test_marked_lines_of_a_prompt_come_back(tmp_path: Path) -> None:
    """A prompt whose lines look like answers is escaped on the way out, and read as it was."""
    row = """
  - id: tricky
    kind: order
    explanation: |-
      Why

      ## not a question
      ! nor this
    prompt: |-
      points: 3 of these look like answers:

      = 3
      (x) this
      1) one
      \\= two
      > quoted
      ~ a -> b
      ____
      ! so
      # heading
    choices: [{text: "one\\n> two\\n\\nthree"}, {text: other}]
"""
    quiz = quiz_of(tmp_path, row)
    after, out, back = there_and_back(quiz, "text", tmp_path)
    assert isinstance(first(after), OrderQuestion)
    assert dict(first(after)) == dict(first(quiz)), exported(quiz, "text").data.decode()
    assert not out.warnings
    assert not back.refused


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("## q\n", 1, "asks nothing"),
        ("## q\nWhat?\n", 1, "no answers"),
        ("## q\nWhat?\n( ) a\n[x] b\n", 4, "all begin"),
        ("## q\nWhat?\n(x) a\nloose\n", 4, "below the answers"),
        ("## q\nWhat?\n= 3\n= 4\n", 4, "second answer"),
        ("## q\nWhat?\n= three\n", 3, "in quotes"),
        ('## q\nWhat?\n= "a\n', 3, "in quotes"),
        ("## q\nWhat?\n= `a\n", 3, "formula"),
        ("## q\nWhat?\n~ a\n", 3, "left -> right"),
        ("## q\nWhat?\n1) a\n3) b\n", 4, "numbered"),
    ],
)
def test_mistake_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    """Each mistake names its line and what to write."""
    (note,) = imported(text.encode(), "text").refused
    assert note.message.startswith(f"line {line}:")
    assert words in note.message


def test_picture_of_a_text_is_said() -> None:
    """A text names pictures and holds none."""
    (note,) = imported(b"## q\nWhat is ![a net](old/net.png)?\n= 3\n", "text").warnings
    assert "old/net.png" in note.message


def test_text_before_the_first_question_is_refused() -> None:
    """A file that is something else is refused as a whole."""
    with pytest.raises(CourseError, match="before the first question"):
        imported(b"Dear all,\n\n## q\nWhat?\n= 3\n", "text")


def test_loader_judges_the_rest() -> None:
    """What the text allows and a quiz file does not is refused in the loader's words."""
    (note,) = imported(b"## q\nscoring: best\nWhat?\n[x] a\n[ ] b\n", "text").refused
    assert "`balanced`" in note.message


@pytest.mark.parametrize("length", [60, 79, 81, 200])
def test_question_with_a_long_id_is_judged_too(length: int) -> None:
    """A question that the loader refuses is found again by its id, however long that is, and the others go on."""
    text = f"## {'a' * length}\nscoring: best\nWhat?\n[x] a\n[ ] b\n\n## b\nWhat?\n= 3\n"
    placed = imported(text.encode(), "text")
    assert placed.questions == ("b",)
    assert [note.question for note in placed.refused] == ["a" * length]
