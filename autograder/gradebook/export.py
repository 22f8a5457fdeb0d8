"""The class as a table: one row per student, in CSV that neither a spreadsheet runs nor a terminal obeys.

A spreadsheet takes a cell that starts with = + - @ (or their full-width forms), a tab or a line break for a formula,
and where a cell starts depends on the separators it knows: half the world has semicolons in its CSV. Control,
zero-width and bidirectional characters move a terminal's cursor, break rows or show another id than is there. Such a
cell is guarded; so is one that starts with an apostrophe, so that `unguard` always gives the text back and ids are the
same on re-import. Amounts are ours and stay bare.

    guarded    an apostrophe in front; hidden characters as \\u202e, = + - @ after a separator as \\u003d, \\ as \\\\
    bare       everything else, backslashes included

Empty cells: no submission, a rejected one, or one that is undecided. A total counts the first two as zero, and is
itself empty while one of its assignments is undecided. The column `status`, if it is asked for, says which it is and
what else is not final: `cosine: rejected; design: 3 points open`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final, TextIO

from autograder.gradebook.entries import Grade, counting
from autograder.results import Outcome

_TRIGGERS: Final = tuple("=+-@＝＋－＠'")  # hidden characters are guarded anywhere
_INNER: Final = re.compile(r"[;,|][\s\"']*([=+\-@＝＋－＠])")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ACCENTS: Final = 4  # on one letter
_JOINERS: Final = "\u200c\u200d"
_DOUBLED: Final = {"\\": r"\\"}
_SPELLED: Final = re.compile(r"\\(?:\\|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_EXACT: Final = Context(prec=60)  # sums of points stay exact; a weighted share is rounded once, in the end
_SHARE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Person:
    """One line of a roster."""

    student: str
    name: str = ""
    email: str = ""
    section: str = ""


def guard(cell: str) -> str:
    """`cell` so that no spreadsheet takes any of it for a formula, and nothing in it is hidden."""
    spelled = {place for place in range(len(cell)) if _is_hidden(cell, place)}
    spelled |= {found.start(1) for found in _INNER.finditer(cell)}
    if not spelled and not cell.lstrip(' "').startswith(_TRIGGERS):
        return cell
    signs = (_spell(sign) if place in spelled else _DOUBLED.get(sign, sign) for place, sign in enumerate(cell))
    return "'" + "".join(signs)


def unguard(cell: str) -> str:
    """The cell that `guard` was given."""
    return _SPELLED.sub(_unspell, cell[1:]) if cell.startswith("'") else cell


def _is_hidden(cell: str, place: int) -> bool:
    """Whether the character at `place` prints as nothing, moves what stands around it, or is one accent too many."""
    sign = cell[place]
    if unicodedata.combining(sign):
        return place >= _ACCENTS and all(map(unicodedata.combining, cell[place - _ACCENTS : place]))
    if unicodedata.category(sign) not in _UNSEEN and ord(sign) & 0xFFFE != 0xFFFE:  # the latter are no characters
        return False
    around = cell[place - 1 : place], cell[place + 1 : place + 2]
    # Persian, Indic scripts and emoji need joiners between their signs
    return sign not in _JOINERS or not all(other > "\u02ff" and other.isprintable() for other in around)


def _spell(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _unspell(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else "\\"


def exact(amount: Decimal) -> str:
    """`amount` in full, with at least two decimals: 17.00, 0.125."""
    text = f"{amount.normalize(_EXACT):f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<2}"


def export_csv(
    stream: TextIO,
    grades: Iterable[Grade],
    *,
    assignments: Sequence[str],
    people: Sequence[Person] = (),
    weights: Mapping[str, Decimal] | None = None,
    status: bool = False,
) -> None:
    """Write student, name, email, section (with a roster), a column per assignment, the total and perhaps the status.

    A row for everybody on the roster, in its order, then for everybody else with a grade, by id. A group's report
    counts for all of its members; of several, the one recorded last. The total adds up points; with `weights`, weight
    times share of the points, to four decimals. Open `stream` with newline="" and encoding="utf-8".
    """
    table = _by_student(grades)
    roster = {person.student: person for person in people}
    writer = csv.writer(stream, lineterminator="\r\n")  # what stands in the terminator is quoted inside a cell
    details = ["name", "email", "section"] if people else []
    last = ["total", "status"] if status else ["total"]
    writer.writerow([guard(title) for title in ("student", *details, *assignments, *last)])
    for student in (*roster, *sorted(table.keys() - roster.keys())):
        person = roster.get(student, Person(student))
        shown = [person.name, person.email, person.section] if people else []
        mine = table.get(student, {})
        cells = [_cell(mine.get(assignment)) for assignment in assignments]
        total = _total([mine[assignment] for assignment in assignments if assignment in mine], weights)
        told = [guard(_status(mine, assignments))] if status else []
        writer.writerow([*map(guard, (student, *shown)), *cells, total, *told])


def _by_student(grades: Iterable[Grade]) -> dict[str, dict[str, Grade]]:
    found: dict[str, dict[str, list[Grade]]] = {}
    for grade in grades:
        for student in {grade.student, *grade.members}:
            found.setdefault(student, {}).setdefault(grade.assignment, []).append(grade)
    return {
        student: {assignment: counting(several) for assignment, several in theirs.items()}
        for student, theirs in found.items()
    }


def _cell(grade: Grade | None) -> str:
    return "" if grade is None or grade.points is None else exact(grade.points)


def _status(mine: Mapping[str, Grade], assignments: Sequence[str]) -> str:
    """What of a student is missing or not final, in words."""
    told = []
    for assignment in assignments:
        grade = mine.get(assignment)
        if grade is None:
            told.append(f"{assignment}: nothing handed in")
        elif grade.outcome is not Outcome.GRADED:
            told.append(f"{assignment}: {grade.outcome}")
        elif grade.pending:
            told.append(f"{assignment}: {exact(grade.pending)} points open")
    return "; ".join(told)


def _total(grades: Sequence[Grade], weights: Mapping[str, Decimal] | None) -> str:
    if any(grade.outcome is Outcome.UNDECIDED for grade in grades):
        return ""
    total = Decimal(0)
    for grade in grades:
        points = grade.points or Decimal(0)
        if weights is not None:
            share = _EXACT.divide(points, grade.max_points) if grade.max_points else Decimal(0)
            points = _EXACT.multiply(share, weights.get(grade.assignment, Decimal(0)))
        total = _EXACT.add(total, points)
    return exact(total if weights is None else total.quantize(_SHARE, context=_EXACT))
