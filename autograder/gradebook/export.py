"""The class as a table: one row per student, in CSV that a spreadsheet opens without running anything.

A spreadsheet takes a cell that starts with = + - @ (or their full-width forms), a tab or a line break for a formula.
Such a cell gets an apostrophe in front; so does one that starts with an apostrophe, so that `unguard`, which takes one
leading apostrophe away, always gives the text back and ids are the same on re-import. Amounts are ours and stay bare.

Empty cells: no submission, a rejected one, or one that is undecided. A total counts the first two as zero, and is
itself empty while one of its assignments is undecided. The column `status`, if it is asked for, says which it is and
what else is not final: `cosine: rejected; design: 3 points open`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final, TextIO

from autograder.gradebook.entries import Grade
from autograder.results import Outcome

_TRIGGERS: Final = tuple("=+-@＝＋－＠\t\r\n'")
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
    """`cell` so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_TRIGGERS) else cell


def unguard(cell: str) -> str:
    """The cell that `guard` was given."""
    return cell.removeprefix("'")


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
    table: dict[str, dict[str, Grade]] = {}
    for grade in grades:
        for student in {grade.student, *grade.members}:
            mine = table.setdefault(student, {})
            known = mine.get(grade.assignment)
            if known is None or known.report_id < grade.report_id:
                mine[grade.assignment] = grade
    return table


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
