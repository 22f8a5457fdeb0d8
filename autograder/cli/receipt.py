"""What `autograder check` prints: each question's tests, a table of points, and a receipt that the student keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from autograder.grading.preflight import Preflight, PreflightQuestion
from autograder.grading.publictests import CheckedQuestion, install_command
from autograder.grading.rehearsal import CellFailure, Rehearsal, cell_name
from autograder.grading.selfcheck import amount, tell
from autograder.results import number


@dataclass(frozen=True, slots=True)
class Row:
    """The points of one question. None: only the course knows."""

    question: PreflightQuestion
    checked: CheckedQuestion | None  # None: a person grades it

    @property
    def public(self) -> Decimal:
        """The points of its public tests."""
        known = self.question.public_points
        return known if known is not None else self.checked.public_points if self.checked is not None else Decimal(0)

    @property
    def earned(self) -> Decimal:
        return self.checked.earned if self.checked is not None else Decimal(0)

    @property
    def hidden(self) -> Decimal | None:
        """The points that hidden tests give."""
        return None if self.question.points is None else max(self.question.points - self.public, Decimal(0))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of points; None where a part is not known."""

    earned: Decimal
    public: Decimal
    hidden: Decimal | None
    by_hand: Decimal | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the student keeps. It says how much stays hidden, and is no grade."""

    preflight: Preflight
    rehearsal: Rehearsal
    time: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row per question, in the notebook's order."""
        checked = {one.question: one for one in self.rehearsal.checked}
        return tuple(Row(question, checked.get(question.id)) for question in self.preflight.questions)

    @property
    def ok(self) -> bool:
        """Whether every public test passed."""
        return self.rehearsal.stopped is None and all(one.ok for one in self.rehearsal.checked)

    def lines(self) -> Iterator[str]:
        """The page on the terminal."""
        for note in self.preflight.notes:
            yield f"Note: {note}"
        if self.rehearsal.missing:
            names = list(self.rehearsal.missing)
            yield f"Not installed here, but imported: {', '.join(names)}. Install: {install_command(names)}"
        for failure in self.rehearsal.failures:
            yield from _failure(failure)
        if self.rehearsal.stopped is not None:
            yield self.rehearsal.stopped
        for row in self.rows:
            if row.checked is not None:
                yield ""
                yield from tell(row.checked, row.question.points)
        yield ""
        yield from self._table()
        yield ""
        yield from self._receipt()

    def _table(self) -> Iterator[str]:
        width = max(8, *(len(row.question.id) for row in self.rows))
        yield f"{'question':{width}}  public points  hidden"
        for row in self.rows:
            public = "–" if row.checked is None else f"{_plain(row.earned)} of {_plain(row.public)}"
            hidden = "?" if row.hidden is None else _plain(row.hidden)
            if row.checked is None:
                hidden = "" if row.question.points is None else f"{amount(row.question.points)} graded by hand"
            yield f"{row.question.id:{width}}  {public:13}  {hidden}".rstrip()

    def _receipt(self) -> Iterator[str]:
        versions = ", ".join(f"{name} {version}" for name, version in self.rehearsal.versions.items() if version)
        yield "Receipt (not a grade)"
        yield f"  notebook    {self.preflight.path.name}"
        yield f"  sha256      {self.preflight.digest}"
        yield f"  assignment  {self.preflight.assignment or 'unknown'}"
        yield f"  checked     {self.time}"
        yield f"  with        {versions or 'unknown'}"
        yield f"  result      {self.result()}"

    def result(self) -> str:
        """The sum in one line."""
        totals = self.totals()
        told = [f"{_plain(totals.earned)} of {amount(totals.public, 'public point')}"]
        hidden, by_hand = totals.hidden, totals.by_hand
        if hidden is None:
            told.append("how many stay hidden is not known here")
        else:
            told.append(f"{amount(hidden)} stay{'s' * (hidden == 1)} hidden until grading")
        if by_hand:
            told.append(f"{amount(by_hand)} {'is' if by_hand == 1 else 'are'} graded by hand")
        return "; ".join(told)

    def totals(self) -> Totals:
        """Sums over all questions."""
        code = [row for row in self.rows if row.checked is not None]
        return Totals(
            earned=sum((row.earned for row in code), Decimal(0)),
            public=sum((row.public for row in code), Decimal(0)),
            hidden=_sum([row.hidden for row in code]),
            by_hand=_sum([row.question.points for row in self.rows if row.checked is None]),
        )

    def to_json(self) -> dict[str, Any]:
        """The receipt as data."""
        totals = self.totals()
        return {
            "notebook": self.preflight.path.name,
            "sha256": self.preflight.digest,
            "assignment": self.preflight.assignment,
            "time": self.time,
            "versions": self.rehearsal.versions,
            "ok": self.ok,
            "stopped": self.rehearsal.stopped,
            "public_points_earned": number(totals.earned),
            "public_points": number(totals.public),
            "hidden_points": number(totals.hidden),
            "points_graded_by_hand": number(totals.by_hand),
            "missing": list(self.rehearsal.missing),
            "notes": list(self.preflight.notes),
            "failed_cells": [_counted_from_1(failure) for failure in self.rehearsal.failures],
            "questions": [
                {
                    "id": row.question.id,
                    "points": number(row.question.points),
                    "public_points": number(row.public),
                    "public_points_earned": number(row.earned),
                    "written": row.checked is None,
                    "fault": row.checked.fault if row.checked is not None else None,
                    "tests": [test.to_json() for test in row.checked.tests] if row.checked is not None else [],
                }
                for row in self.rows
            ],
        }


def _counted_from_1(failure: CellFailure) -> dict[str, Any]:
    """As data, with cells counted as in every text."""
    cell = failure.cell + 1 if failure.cell is not None else None
    return {**asdict(failure), "ran": failure.ran + 1, "cell": cell}


def _failure(failure: CellFailure) -> Iterator[str]:
    told = f"{failure.name}: {failure.message}" if failure.message else failure.name
    yield f"{cell_name(failure.ran).capitalize()} failed: {told}"
    if failure.cell is not None and failure.line is not None:
        where = "" if failure.cell == failure.ran else f"in {cell_name(failure.cell)}, "
        yield f"    {where}line {failure.line}" + (f": {failure.source}" if failure.source else "")


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [value for value in amounts if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
