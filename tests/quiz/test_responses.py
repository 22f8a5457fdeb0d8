"""Response files: what is read, and that nothing is lost in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.quiz.responses import load_responses, parse_responses

QUESTIONS = ("xor", "who")


def read(text: str) -> list[tuple[object, ...]]:
    """The rows of a file, without their lines."""
    return [
        (r.student, r.question, r.text, r.attempt, r.time, r.certainty) for r in parse_responses(text, QUESTIONS, "r")
    ]


def test_every_column_is_read() -> None:
    """Any order of columns; what is left out has its default; texts stay as typed, a blank is there."""
    text = "response,question,student,certainty,time,attempt\n B;A ,xor,ada,3,2025-02-03T10:15,2\n,who,ada,,,\n"
    assert read(text) == [("ada", "xor", " B;A ", 2, "2025-02-03T10:15", 3), ("ada", "who", "", 1, None, None)]


def test_quoted_response_may_hold_anything() -> None:
    """Commas, quotes and lines belong to the response; the next row keeps its own line."""
    rows = parse_responses('student,question,response\nada,who,"a, ""b""\nc"\nbob,who,x\n', QUESTIONS, "r")
    assert [(row.text, row.line) for row in rows] == [('a, "b"\nc', 2), ("x", 4)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("student;question;response\n", 1, "semicolons"),
        ("student,question\nada,xor\n", 1, "`response` is missing"),
        ("student,question,response,grade\n", 1, "unknown column `grade`"),
        ("student,question,response,student\n", 1, "twice"),
        ("student,question,response\nada,xor\n", 2, "2 cells"),
        ("student,question,response\nada,xor,A,B\n", 2, "4 cells"),
        ('student,question,response\nada,xor,"A\n', 2, "not valid CSV"),
        ("student,question,response\nada,xro,A\n", 2, "no question `xro`"),
        ("student,question,response\n,xor,A\n", 2, "student id is empty"),
        ("student,question,response\n../x,xor,A\n", 2, "slash"),
        ("student,question,response\nada,xor,A\nada,xor,B\n", 3, "is on line 2 already"),
        ("student,question,response,attempt\nada,xor,A,0\n", 2, "no attempt"),
        ("student,question,response,attempt\nada,xor,A,١\n", 2, "no attempt"),
        ("student,question,response,certainty\nada,xor,A,4\n", 2, "no certainty"),
        ("student,question,response,time\nada,xor,A,yesterday\n", 2, "no time"),
        ("student,question,response\nada,xor," + "A" * 200_000 + "\n", 2, "CSV"),
    ],
)
def test_fault_is_told_with_its_line(text: str, line: int, words: str) -> None:
    """One message that names the line, and nothing is scored."""
    with pytest.raises(CourseError, match=words) as caught:
        parse_responses(text, QUESTIONS, "r.csv")
    assert caught.value.problems[0].line == line


def test_every_fault_is_told_at_once_up_to_fifty() -> None:
    """And then how many more there are."""
    text = "student,question,response\n" + "".join(f"s{number},nothing,A\n" for number in range(80))
    with pytest.raises(CourseError, match="30 more rows") as caught:
        parse_responses(text, QUESTIONS, "r.csv")
    assert len(caught.value.problems) == 51


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    path = tmp_path / "r.csv"
    path.write_bytes("student,question,response\nada,who,é\n".encode("latin-1"))
    with pytest.raises(CourseError, match="UTF-8"):
        load_responses(path, QUESTIONS)


def test_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    """As spreadsheets write them."""
    path = tmp_path / "r.csv"
    path.write_bytes("\ufeffStudent,Question,Response\r\nada,who,é\r\n\r\n".encode())
    assert [row.text for row in load_responses(path, QUESTIONS)] == ["é"]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but rows or a CourseError."""
    try:
        rows = parse_responses("student,question,response\n" + text, QUESTIONS, "r")
    except CourseError:
        return
    assert all(row.question in QUESTIONS for row in rows)
