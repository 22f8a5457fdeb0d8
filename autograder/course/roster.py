"""The roster: who takes the course. A CSV file with the columns `student`, `name`, `email` and `section`.

Only `student` must be there; the order of the columns is free and unknown columns are refused. A student's id names
files and stands in exports, so it must not be able to look like an option, a path or another id.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.problems import closest, listed, shortened
from autograder.course.textfile import read_text
from autograder.errors import Problem

COLUMNS = ("student", "name", "email", "section")
MOST_BYTES = 16 << 20
_LONGEST_ID = 100
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Student:
    """One row of the roster."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """The students of a course in the order of the file."""

    students: tuple[Student, ...]
    _by_id: dict[str, Student] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {student.id: student for student in self.students})

    def __contains__(self, student_id: object) -> bool:
        return student_id in self._by_id

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students)

    def __len__(self) -> int:
        return len(self.students)

    def get(self, student_id: str) -> Student | None:
        """The student with this id, or None."""
        return self._by_id.get(student_id)


def student_id_fault(text: str) -> tuple[str, str] | None:
    """Why a text cannot be a student's id and what to do about it, or None if it can."""
    if not text:
        return "the student id is empty", "write an id in every row"
    if len(text) > _LONGEST_ID:
        return f"the student id is longer than {_LONGEST_ID} characters", "use the login or the student number"
    hidden = next((char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}), None)
    if hidden is not None:
        return f"the student id contains an invisible character (U+{ord(hidden):04X})", "retype the id"
    if text != text.strip():
        return f"the student id “{text}” begins or ends with a space", "remove the space"
    if "/" in text or "\\" in text:
        return f"the student id “{text}” contains a slash", "use the login or the student number"
    if text[0] in "-.":
        return f"the student id “{text}” begins with “{text[0]}”", "begin it with a letter or a digit"
    return None


def read_roster(path: Path, problems: list[Problem]) -> Roster | None:
    """The roster in a CSV file, or None; what is wrong with it is appended to `problems`."""
    missing = "write the file, or remove `roster:` from course.yml"
    text = read_text(path, problems, most_bytes=MOST_BYTES, missing=missing)
    if text is None:
        return None
    before = len(problems)
    rows = _rows(path, text, problems)
    first = next(rows, None)
    if first is None:
        problems.append(Problem(path, 1, None, "the roster is empty", f"begin it with the line {','.join(COLUMNS)}"))
        return None
    header = _header(path, *first, problems)
    if header is None:
        return None
    students = tuple(_students(path, header, rows, problems))
    return Roster(students) if len(problems) == before else None


def _rows(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
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
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header(path: Path, line: int, cells: list[str], problems: list[Problem]) -> list[str] | None:
    names = [cell.strip().lower() for cell in cells]
    whole = ",".join(COLUMNS)
    for separator, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0]:
            wrong = f"the columns are separated by {word}"
            problems.append(Problem(path, line, None, wrong, "save the file as CSV separated by commas"))
            return None
    if not set(names) & set(COLUMNS):
        problems.append(Problem(path, line, None, "the header is missing", f"make the first line {whole}"))
        return None
    unknown = [name for name in names if name not in COLUMNS]
    for name in unknown:
        match = closest(name, COLUMNS)
        remedy = f"did you mean `{match}`?" if match else f"remove it; the columns are {listed(COLUMNS)}"
        problems.append(Problem(path, line, shortened(name), f"unknown column `{shortened(name)}`", remedy))
    doubled = [name for name in COLUMNS if names.count(name) > 1]
    for name in doubled:
        problems.append(Problem(path, line, name, f"the column `{name}` is here twice", "keep one of them"))
    if "student" not in names and not unknown:
        wrong = "the column `student` is missing"
        problems.append(Problem(path, line, "student", wrong, f"make the first line {whole}"))
    return None if unknown or doubled or "student" not in names else names


def _students(
    path: Path, header: list[str], rows: Iterator[tuple[int, list[str]]], problems: list[Problem]
) -> Iterator[Student]:
    seen: dict[str, tuple[int, str]] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            wrong = f"the row has {len(cells)} cells, the header {len(header)}"
            remedy = "write one cell a column, and put a cell that contains a comma in double quotes"
            problems.append(Problem(path, line, None, wrong, remedy))
            continue
        row = dict(zip(header, (cell.strip(" ") for cell in cells), strict=True))
        student = Student(row["student"], row.get("name", ""), row.get("email", ""), row.get("section", ""))
        faults = list(_faults(student))
        problems.extend(Problem(path, line, column, message, remedy) for column, message, remedy in faults)
        if any(column == "student" for column, _, _ in faults):
            continue
        folded = unicodedata.normalize("NFC", student.id).casefold()
        if folded in seen:
            earlier, spelled = seen[folded]
            exact = "is" if spelled == student.id else f"differs only in spelling from “{spelled}”, which is"
            wrong = f"the student “{student.id}” {exact} on line {earlier} already"
            problems.append(Problem(path, line, "student", wrong, "keep one row a student"))
        seen.setdefault(folded, (line, student.id))
        yield student


def _faults(student: Student) -> Iterator[tuple[str, str, str]]:
    """(column, message, remedy) of everything that is wrong with one row."""
    fault = student_id_fault(student.id)
    if fault is not None:
        yield "student", *fault
    for column in ("name", "email", "section"):
        text: str = getattr(student, column)
        if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} or char in _BIDI for char in text):
            yield column, f"the {column} contains a line break or an invisible character", "retype it"
    local, _, domain = student.email.partition("@")
    if student.email and (not local or not domain or "@" in domain or " " in student.email):
        yield "email", f"“{shortened(student.email)}” is not an e-mail address", "correct it, or leave the cell empty"
