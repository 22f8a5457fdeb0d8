"""A gradebook that commands only read: it must be there already, and reading makes no file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

import click

from autograder.cli.common import GRADEBOOK, describe
from autograder.course import Course, find_assignment, load_assignment
from autograder.errors import CourseError
from autograder.gradebook import Gradebook, counting
from autograder.reports import AssignmentInfo
from autograder.reports.sanitise import line
from autograder.results import Report

_FILE = "sqlite:///"


def open_stored(course: Course, url: str | None) -> Gradebook:
    """The gradebook with reports in it. ClickException if nothing was graded yet, CourseError if it cannot be used."""
    place = course.root / GRADEBOOK if url is None else url
    file = Path(str(place).removeprefix(_FILE))
    if "://" not in str(file) and not file.is_file():
        makers = "`autograder grade ID PATH…` makes it, and so does `autograder quiz score`"
        raise click.ClickException(f"There is no gradebook {file} yet: {makers}.")
    return Gradebook.open(place)


def assignment_id(course: Course, gradebook: Gradebook, name: str) -> str:
    """The id of an assignment by id or path; one that the course no longer has counts if it was graded.

    CourseError if it is neither.
    """
    try:
        return find_assignment(course.root, name)
    except CourseError:
        if name in gradebook.assignments():
            return name
        raise


def info_of(course: Course, assignment: str, report: Report) -> AssignmentInfo:
    """What the course says about an assignment; where its files are broken or gone, what the report says of it."""
    try:
        return describe(course, load_assignment(course, assignment))
    except CourseError as error:
        click.echo(
            f"Titles and rubrics are left out, as the assignment cannot be read now: {error.problems[0]}", err=True
        )
        return AssignmentInfo(assignment, assignment, course.title, report.max_points)


def report_id_of(gradebook: Gradebook, assignment: str, student: str) -> tuple[str, int] | None:
    """Whose report counts for a student (a group's is kept under the group's name), and its number."""
    theirs = [grade for grade in gradebook.grades(assignment) if student in (grade.student, *grade.members)]
    if not theirs:
        return None
    counts = counting(theirs)
    return counts.student, counts.report_id


def unknown_student(course: Course, assignment: str, student: str, known: Iterable[str]) -> click.ClickException:
    """Why there is nothing on a student."""
    shown = line(student)
    if course.roster is not None and student in course.roster:
        return click.ClickException(f"{shown} is on the roster and has handed in nothing for {assignment} yet.")
    near = difflib.get_close_matches(student, list(known), n=3)
    guess = f" Did you mean {' or '.join(map(line, near))}?" if near else ""
    return click.ClickException(f"The gradebook has no report on “{shown}” in {assignment}.{guess}")
