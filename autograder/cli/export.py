"""`autograder export`: the gradebook for other programs. A new format is one more function and one line in FORMATS.

What was graded without a fence is never a grade: it is exported as undecided, and said so. A file appears whole or not
at all.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from autograder.cli.common import course_option, gradebook_option, open_course
from autograder.cli.stored import assignment_id, open_stored
from autograder.course import Course, LatePerDay
from autograder.gradebook import Grade, Gradebook, Person, export_csv
from autograder.reports.amounts import count
from autograder.reports.sanitise import line
from autograder.results import Outcome

_NO_FENCE = "none"
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Export:
    """What every format gets: the grades, in which order, and for whom. Quizzes stand behind the assignments."""

    course: Course
    assignments: tuple[str, ...]
    grades: tuple[Grade, ...]


def to_csv(export: Export) -> bytes:
    """The class as one table; see `gradebook.export_csv`."""
    stream = io.StringIO(newline="")
    people = [Person(one.id, one.name, one.email, one.section) for one in export.course.roster or ()]
    export_csv(
        stream,
        export.grades,
        assignments=export.assignments,
        people=people,
        weights=export.course.weights or None,
        status=True,
    )
    return stream.getvalue().encode()


FORMATS: dict[str, Callable[[Export], bytes]] = {"csv": to_csv}


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option(
    "--assignment", "names", metavar="ID", multiple=True, help="Only this assignment or quiz; may be repeated."
)
@gradebook_option
@course_option
def command(form: str, target: Path | None, names: tuple[str, ...], url: str | None, course_folder: Path | None) -> int:
    """Write every student's grades as FORMAT (csv)."""
    course = open_course(course_folder)
    with open_stored(course, url) as gradebook:
        scored = gradebook.quizzes.quizzes()
        chosen = dict.fromkeys(name if name in scored else assignment_id(course, gradebook, name) for name in names)
        quizzes = tuple(name for name in dict.fromkeys((*course.quizzes, *chosen)) if name in scored)
        assignments = tuple(chosen) or (*course.assignments, *quizzes)
        grades, unfenced = read_grades(gradebook, [name for name in assignments if name not in quizzes])
        grades += tuple(grade for quiz in quizzes if quiz in assignments for grade in quiz_grades(gradebook, quiz))
    to_bytes = FORMATS[form]
    data = to_bytes(Export(course, assignments, grades))
    if target is None:
        click.echo(data, nl=False)
    else:
        write_whole(target, data)
    return tell(course, assignments, grades, unfenced)


def read_grades(gradebook: Gradebook, assignments: Sequence[str]) -> tuple[tuple[Grade, ...], tuple[Grade, ...]]:
    """What counts, and which of it was graded without a fence: that counts as undecided."""
    grades: list[Grade] = []
    unfenced: list[Grade] = []
    for assignment in assignments:
        for grade in gradebook.grades(assignment):
            if grade.outcome is Outcome.GRADED and gradebook.report(grade.report_id).isolation == _NO_FENCE:
                unfenced.append(grade)
                grades.append(replace(grade, outcome=Outcome.UNDECIDED, points=None))
            else:
                grades.append(grade)
    return tuple(grades), tuple(unfenced)


def quiz_grades(gradebook: Gradebook, quiz: str) -> Iterator[Grade]:
    """A quiz's current scores as grades."""
    for stored in gradebook.quizzes.current(quiz):
        student, score = stored.sheet.student, stored.score
        yield Grade(
            quiz,
            student,
            (student,),
            Outcome.GRADED,
            score.points,
            score.max_points,
            score.pending,
            None,
            stored.score_id,
        )


def write_whole(path: Path, data: bytes) -> None:
    """Write beside, then rename. ClickException if it cannot be done."""
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


def tell(course: Course, columns: Sequence[str], grades: Sequence[Grade], unfenced: Sequence[Grade]) -> int:
    """Say on standard error what the file does not; 3 if it lacks somebody's grade for a reason of ours, else 0."""
    known = {grade.report_id for grade in unfenced}
    undecided = [grade for grade in grades if grade.outcome is Outcome.UNDECIDED and grade.report_id not in known]
    pending = [grade for grade in grades if grade.outcome is Outcome.GRADED and grade.pending > 0]
    if unfenced:
        click.echo(f"Empty, because they were graded without a fence: {named(unfenced)}.", err=True)
    if undecided:
        click.echo(f"Empty, because they are undecided: {named(undecided)}.", err=True)
    if pending:
        click.echo(f"{count(len(pending), 'grade')} will grow: points are open for a person (column status).", err=True)
    if course.weights:
        click.echo("The total is weighted by course.yml.", err=True)
        if without := [name for name in columns if name not in course.weights]:
            click.echo(f"Not in the total, as it has no weight there: {', '.join(without)}.", err=True)
    if isinstance(course.late, LatePerDay):
        click.echo("Nothing is taken off for late days: `late:` is not applied yet.", err=True)
    return 3 if unfenced or undecided else 0


def named(grades: Sequence[Grade]) -> str:
    """The first few, by student and assignment."""
    told = ", ".join(f"{line(grade.student)} ({grade.assignment})" for grade in grades[:_NAMED])
    return f"{told} and {len(grades) - _NAMED} more" if len(grades) > _NAMED else told
