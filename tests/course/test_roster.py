"""The roster: what is read, and what is refused with its line."""

from pathlib import Path

import pytest

from autograder.course import Roster, Student, read_roster, student_id_fault
from autograder.errors import Problem

HEADER = "student,name,email,section\n"


def read(path: Path, data: str | bytes) -> tuple[Roster | None, list[Problem]]:
    path = path / "roster.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    problems: list[Problem] = []
    return read_roster(path, problems), problems


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_roster_with_or_without_mark(tmp_path: Path, mark: bytes, ending: str) -> None:
    """UTF-8 with or without a byte order mark and any line ending; blank rows are skipped."""
    text = HEADER + 'ada,"Lovelace, Ada",ada@x.edu,A\n,,,\n\nzoë, Zoë ,,B\n'
    roster, problems = read(tmp_path, mark + text.replace("\n", ending).encode())
    assert not problems
    assert roster is not None
    assert roster.students == (Student("ada", "Lovelace, Ada", "ada@x.edu", "A"), Student("zoë", "Zoë", "", "B"))
    assert "ada" in roster
    assert len(roster) == 2
    assert roster.get("bob") is None


def test_roster_columns_are_free(tmp_path: Path) -> None:
    """Only `student` is needed, and the order of the columns does not count."""
    roster, _ = read(tmp_path, "Section,Student\nA,ada\n")
    assert roster is not None
    assert roster.students == (Student("ada", section="A"),)


BROKEN = {
    "empty": ("", 1, "empty"),
    "no-header": ("ada,Ada,ada@x.edu,A\n", 1, "header is missing"),
    "semicolons": ("student;name\nada;Ada\n", 1, "semicolons"),
    "unknown-column": ("student,nmae\nada,Ada\n", 1, "unknown column `nmae`"),
    "double-column": ("student,name,name\nada,Ada,Ada\n", 1, "twice"),
    "no-student": ("name,email\nAda,a@x.edu\n", 1, "`student` is missing"),
    "short-row": (HEADER + "ada,Ada\n", 2, "2 cells, the header 4"),
    "double": (HEADER + "ada,,,\nbob,,,\nada,,,\n", 4, "on line 2 already"),
    "case": (HEADER + "ada,,,\nAda,,,\n", 3, "differs only in spelling"),
    "no-id": (HEADER + ",Ada,,\n", 2, "empty"),
    "option": (HEADER + "-rf,,,\n", 2, "begins with “-”"),
    "dots": (HEADER + "..,,,\n", 2, "begins with “.”"),
    "path": (HEADER + "a/b,,,\n", 2, "slash"),
    "newline": (HEADER + 'bob,,,\n"a\nb",,,\n', 3, "U+000A"),
    "bidi": (HEADER + "a\u202eb,,,\n", 2, "U+202E"),
    "zero-width": (HEADER + "a\u200bb,,,\n", 2, "U+200B"),
    "bad-name": (HEADER + 'ada,"A\nda",,\n', 2, "line break"),
    "bad-email": (HEADER + "ada,,ada at x,\n", 2, "not an e-mail address"),
    "after-multiline": (HEADER + 'ada,"A, da",,\n-x,,,\n', 3, "begins with"),
    "open-quote": (HEADER + 'ada,"Ada,,\n', 2, "not valid CSV"),
    "latin-1": (HEADER.encode() + b"zo\xeb,,,\n", 2, "UTF-8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_roster_broken(tmp_path: Path, name: str) -> None:
    """Every fault is one problem at the line where its row begins."""
    data, line, message = BROKEN[name]
    roster, problems = read(tmp_path, data)
    assert roster is None
    assert [problem.line for problem in problems] == [line]
    assert message in problems[0].message
    assert problems[0].remedy


def test_roster_all_faults_at_once(tmp_path: Path) -> None:
    """All bad rows are named in one reading."""
    _, problems = read(tmp_path, HEADER + "-a,,x,\na/b,,,\nok,,,\nok,,,\n")
    assert [(problem.line, problem.key) for problem in problems] == [
        (2, "student"), (2, "email"), (3, "student"), (5, "student"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["ada", "2231", "zoë", "a.b@x.edu", "o'neil", "=1+1", "李雷"])
def test_student_id_allowed(text: str) -> None:
    """Logins, numbers, addresses and names in any script are ids."""
    assert student_id_fault(text) is None


@pytest.mark.parametrize("text", ["", " ada", "ada\t", "a\\b", "x" * 101, "a\0", "\u2067a", "\ufeffa"])
def test_student_id_refused(text: str) -> None:
    """What could look like a path, an option or another id is none."""
    assert student_id_fault(text) is not None
