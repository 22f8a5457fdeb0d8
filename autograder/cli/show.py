"""`autograder show`: what the gradebook says, on the terminal. For staff: it quotes hidden tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import course_option, gradebook_option, open_course
from autograder.cli.report_text import WIDEST, report_text
from autograder.cli.show_quiz import quiz_id, show_quiz
from autograder.cli.stored import assignment_id, info_of, open_stored, report_id_of, unknown_student
from autograder.course import Course
from autograder.gradebook import Entry, Gradebook
from autograder.reports import for_staff, summary_table
from autograder.reports.amounts import amount, count
from autograder.reports.sanitise import json_line, line
from autograder.results import Outcome, Report

Item = TypeVar("Item")

_PAGE = 200
"""Rows of one table: a class of any size is shown in tables of this length, one in memory at a time."""
_ORDER = (Outcome.UNDECIDED, Outcome.REJECTED, Outcome.GRADED)
_NAMED = 20


@click.command()
@click.argument("name", metavar="ID")
@click.argument("student", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print reports as in a results file, one JSON object per line.")
@click.option("--history", is_flag=True, help="List every report ever made, not only those that count.")
@gradebook_option
@course_option
def command(
    name: str, student: str | None, as_json: bool, history: bool, url: str | None, course_folder: Path | None
) -> int:
    """Show the class in assignment or quiz ID, or one STUDENT's whole report with what hidden tests saw: for staff."""
    course = open_course(course_folder)
    with open_stored(course, url) as gradebook:
        quiz = quiz_id(course, gradebook, name)
        if quiz is not None:
            answered = show_quiz(gradebook, course, quiz, student, as_json=as_json, history=history)
            if student is None and not as_json and not history:
                show_missing(absent(course, answered), Console(highlight=False))
            return 0
        assignment = assignment_id(course, gradebook, name)
        students = sorted(gradebook.current_ids(assignment))
        if not students:
            raise click.ClickException(f"The gradebook has no report on {assignment} yet.")
        number = None
        if student is not None:
            found = report_id_of(gradebook, assignment, student)
            if found is None:
                raise unknown_student(course, assignment, student, students)
            students, number = [found[0]], found[1]
        if history:
            show_history(gradebook, assignment, students, as_json)
        elif as_json:
            reports = gradebook.latest(assignment) if number is None else iter([gradebook.report(number)])
            print_json(report.to_json() for report in reports)
        elif number is None:
            show_class(gradebook, course, assignment)
        else:
            show_student(gradebook, course, assignment, number)
    return 0


def print_json(objects: Iterable[dict[str, Any]]) -> None:
    """One object per line."""
    for one in objects:
        click.echo(json_line(one))


def show_student(gradebook: Gradebook, course: Course, assignment: str, number: int) -> None:
    """Print one report with its evidence."""
    grading = gradebook.grading(number)
    view = for_staff(grading, info_of(course, assignment, grading.report))
    known = course.roster.get(grading.report.student) if course.roster is not None else None
    console = Console(highlight=False)
    width = min(console.width, WIDEST)
    console.print(report_text(view, number, line(known.name) if known is not None else ""), width=width)


def show_class(gradebook: Gradebook, course: Course, assignment: str) -> None:
    """Print a row per submission, what went wrong first, and the class in a sentence."""
    numbers: dict[Outcome, list[int]] = {outcome: [] for outcome in _ORDER}
    members: set[str] = set()
    pending = Counter[bool]()
    points, highest = Decimal(0), Decimal(0)
    for grade in gradebook.grades(assignment):
        numbers[grade.outcome].append(grade.report_id)
        members |= {grade.student, *grade.members}
        pending[grade.outcome is Outcome.GRADED and grade.pending > 0] += 1
        points += grade.points or Decimal(0)
        highest = max(highest, grade.max_points)
    console = Console(highlight=False)
    reports = (gradebook.report(number) for outcome in _ORDER for number in numbers[outcome])
    for page in pages(reports):
        console.print(summary_table(page))
    counts = {outcome: len(numbers[outcome]) for outcome in reversed(_ORDER) if numbers[outcome]}
    total = sum(counts.values())
    console.print(
        f"{count(total, 'submission')}: " + ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    )
    if graded := counts.get(Outcome.GRADED):
        console.print(f"Mean of those graded: {amount(points / graded)} of {amount(highest)} points.")
    if pending[True]:
        console.print(f"{count(pending[True], 'submission')} with points open for a person.")
    show_missing(absent(course, members), console)


def absent(course: Course, present: Container[str]) -> list[str]:
    """Who of the roster is not among those present."""
    return [student.id for student in course.roster or () if student.id not in present]


def show_missing(students: list[str], console: Console) -> None:
    """Who of the roster has handed in nothing."""
    if students:
        names = ", ".join(line(student) for student in students[:_NAMED])
        more = f" and {len(students) - _NAMED} more" if len(students) > _NAMED else ""
        console.print(Text(f"Nothing handed in by {names}{more}."))


def show_history(gradebook: Gradebook, assignment: str, students: list[str], as_json: bool) -> None:
    """Print every report on these students, oldest first."""
    entries = (entry for student in students for entry in gradebook.history(assignment, student))
    if as_json:
        print_json(
            {
                **entry.report.to_json(),
                "report": entry.report_id,
                "recorded_at": entry.recorded_at,
                "current": entry.current,
            }
            for entry in entries
        )
        return
    console = Console(highlight=False)
    for page in pages(entries):
        console.print(history_table(page))
    console.print("* the report that counts", style="dim")


def history_table(entries: Iterable[Entry]) -> Table:
    """A row per report."""
    table = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("Report", justify="right", no_wrap=True)
    table.add_column("Student", overflow="fold")
    table.add_column("Recorded (UTC)", overflow="fold")
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Seed", justify="right", overflow="fold")
    table.add_column("SHA-256", no_wrap=True)
    for entry in entries:
        report: Report = entry.report
        table.add_row(
            Text(f"{'*' if entry.current else ''}{entry.report_id}", style="bold" if entry.current else ""),
            Text(line(report.student)),
            Text(entry.recorded_at[:16].replace("T", " ")),
            Text(report.outcome.value),
            Text(f"{amount(report.points)} / {amount(report.max_points)}"),
            Text(str(report.seed)),
            Text(line(report.submission.removeprefix("sha256:")[:8])),
        )
    return table


def pages(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists of at most `_PAGE`."""
    left = iter(items)
    while page := list(islice(left, _PAGE)):
        yield page
