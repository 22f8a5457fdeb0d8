"""The table that the command line prints after a batch."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from autograder.reports.amounts import amount, count
from autograder.reports.sanitise import line
from autograder.results import Outcome, Report, Verdict

NAMED = 3
_NAME_LIMIT = 60
_STYLES = {Outcome.GRADED: "green", Outcome.UNDECIDED: "yellow", Outcome.REJECTED: "red"}


def summary_table(reports: Iterable[Report]) -> Table:
    """One row a submission: student, outcome, points of all, failed tests, and what is worth knowing."""
    table = Table(header_style="bold")
    table.add_column("Student", overflow="fold")
    table.add_column("Outcome")
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Failed tests", overflow="fold")
    table.add_column("Note", overflow="fold")
    for report in reports:
        # Text, never str: rich reads markup in a str, and `[red]` may stand in a student's id.
        table.add_row(
            Text(line(report.student, _NAME_LIMIT)),
            Text(report.outcome.value, style=_STYLES[report.outcome]),
            Text(f"{amount(report.points)} / {amount(report.max_points)}"),
            Text(_failed(report)),
            Text(_note(report)),
        )
    return table


def _failed(report: Report) -> str:
    failed = [test.id for question in report.questions for test in question.tests if test.verdict is Verdict.FAILED]
    names = ", ".join(line(name, _NAME_LIMIT) for name in failed[:NAMED])
    return f"{names} and {len(failed) - NAMED} more" if len(failed) > NAMED else names


def _note(report: Report) -> str:
    notes = [line(report.reason)] if report.reason else []
    if report.manual_points_pending > 0:
        notes.append(f"{amount(report.manual_points_pending)} open for a person")
    notes += [line(flag, _NAME_LIMIT) for flag in report.flags[:NAMED]]
    if report.repairs:
        notes.append(count(len(report.repairs), "repair"))
    return "\n".join(notes)  # a line each: after a long reason the next one would not be seen
