"""Responses: a CSV file with the columns `student,question,response` and, where wanted, `attempt,time,certainty`.

    student,question,response,attempt,time,certainty
    ada,xor,B;D,1,2025-02-03T10:15,2

The text of a response is kept as it was typed. An empty response is a blank; a missing row is a blank in scoring and
missing in analysis. Nothing is dropped: a row that cannot be read, a second row for the same attempt, an unknown
question are each a `Problem` with its line, and then nothing is scored.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.clock import parse_time
from autograder.course.problems import closest, did_you_mean, listed, raise_problems, shortened
from autograder.course.roster import student_id_fault
from autograder.course.textfile import read_text
from autograder.errors import Problem

REQUIRED = ("student", "question", "response")
COLUMNS = (*REQUIRED, "attempt", "time", "certainty")
MOST_BYTES = 512 << 20
_MOST_PROBLEMS = 50
_MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Response:
    """One row: what a student answered to a question in an attempt. `time` as written, `certainty` 1 to 3."""

    student: str
    question: str
    text: str
    attempt: int = 1
    time: str | None = None
    certainty: int | None = None
    line: int | None = None


def load_responses(path: Path, questions: Collection[str]) -> tuple[Response, ...]:
    """All responses in a file, in its order. CourseError with every problem, up to 50 of them."""
    problems: list[Problem] = []
    text = read_text(path, problems, most_bytes=MOST_BYTES, missing="name the file with the responses")
    raise_problems(problems)
    assert text is not None  # no problem, so it was read
    return parse_responses(text, questions, path)


def parse_responses(text: str, questions: Collection[str], path: Path | str) -> tuple[Response, ...]:
    """All responses in a text; `path` is for messages. CourseError with every problem, up to 50 of them."""
    problems: list[Problem] = []
    rows = _rows(path, text, problems)
    first = next(rows, None)
    if first is None:
        problems.append(Problem(path, 1, None, "the file is empty", f"begin it with the line {','.join(REQUIRED)}"))
        raise_problems(problems)
    assert first is not None
    header = _header(path, *first, problems)
    raise_problems(problems)
    found = tuple(_responses(path, header, rows, questions, problems))
    raise_problems(_at_most(problems, path))
    return found


def _at_most(problems: list[Problem], path: Path | str) -> list[Problem]:
    more = len(problems) - _MOST_PROBLEMS
    if more <= 0:
        return problems
    rest = Problem(path, None, None, f"{more} more rows have problems", "correct these first")
    return [*problems[:_MOST_PROBLEMS], rest]


def _rows(path: Path | str, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = "close every quote, and double a quote inside quotes"
            problems.append(Problem(path, line, None, f"the row is not valid CSV ({error})", remedy))
            return
        if cells and (len(cells) > 1 or cells[0].strip()):
            yield line, cells


def _header(path: Path | str, line: int, cells: list[str], problems: list[Problem]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for separator, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0]:
            wrong = f"the columns are separated by {word}"
            problems.append(Problem(path, line, None, wrong, "save the file as CSV separated by commas"))
            return names
    for name in names:
        if name not in COLUMNS:
            match = closest(name, COLUMNS)
            remedy = f"did you mean `{match}`?" if match else f"remove it; the columns are {listed(COLUMNS)}"
            problems.append(Problem(path, line, None, f"unknown column `{shortened(name)}`", remedy))
    for name in COLUMNS:
        if names.count(name) > 1:
            problems.append(Problem(path, line, name, f"the column `{name}` is here twice", "keep one of them"))
        elif name in REQUIRED and name not in names:
            remedy = f"make the first line {','.join(REQUIRED)}"
            problems.append(Problem(path, line, name, f"the column `{name}` is missing", remedy))
    return names


def _responses(
    path: Path | str,
    header: Sequence[str],
    rows: Iterator[tuple[int, list[str]]],
    questions: Collection[str],
    problems: list[Problem],
) -> Iterator[Response]:
    seen: dict[tuple[str, str, int], int] = {}
    students: set[str] = set()
    places = {name: place for place, name in enumerate(header)}
    for line, cells in rows:
        if len(cells) != len(header):
            wrong = f"the row has {len(cells)} cells, the header {len(header)}"
            remedy = "write one cell a column, and put a response that contains a comma in double quotes"
            problems.append(Problem(path, line, None, wrong, remedy))
            continue
        found = _response(path, line, cells, places, problems)
        if found is None:
            continue
        if found.student not in students:
            fault = student_id_fault(found.student)
            if fault is not None:
                problems.append(Problem(path, line, "student", *fault))
                continue
            students.add(found.student)
        if found.question not in questions:
            wrong = f"the quiz has no question `{shortened(found.question)}`"
            remedy = did_you_mean(found.question, questions, f"its questions are {listed(questions)}")
            problems.append(Problem(path, line, "question", wrong, remedy))
            continue
        key = (found.student, found.question, found.attempt)
        if key in seen:
            wrong = f"attempt {found.attempt} of {found.student} at `{found.question}` is on line {seen[key]} already"
            problems.append(Problem(path, line, None, wrong, "keep one row, or number the attempts in `attempt`"))
            continue
        seen[key] = line
        yield found


def _response(
    path: Path | str, line: int, cells: list[str], places: dict[str, int], problems: list[Problem]
) -> Response | None:
    """A row as a response, or None and a problem."""
    before = len(problems)

    def optional(name: str) -> str:
        place = places.get(name)
        return cells[place].strip() if place is not None else ""

    def refuse(column: str, message: str, remedy: str) -> None:
        problems.append(Problem(path, line, column, message, remedy))

    attempt = _whole(optional("attempt"), 1, _MOST_ATTEMPTS, "attempt", refuse)
    certainty = _whole(optional("certainty"), 1, 3, "certainty", refuse)
    time = optional("time") or None
    if time is not None:
        try:
            parse_time(time)
        except (TypeError, ValueError):
            refuse("time", f"“{shortened(time)}” is no time", "write ISO 8601, such as 2025-02-03T10:15")
    if len(problems) > before:
        return None
    return Response(
        student=cells[places["student"]].strip(),
        question=cells[places["question"]].strip(),
        text=cells[places["response"]],
        attempt=attempt or 1,
        time=time,
        certainty=certainty,
        line=line,
    )


def _whole(text: str, least: int, most: int, column: str, refuse: Callable[[str, str, str], None]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    refuse(column, f"“{shortened(text)}” is no {column}", f"write a whole number from {least} to {most}")
    return None
