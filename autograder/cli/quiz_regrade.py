"""`autograder quiz regrade`: a changed key, first as a table of who would gain and lose, then written with a reason."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import GRADEBOOK, course_option, gradebook_option, jobs_option
from autograder.cli.output import check_folder, write_text
from autograder.cli.quiz_opening import open_draws, open_quiz
from autograder.cli.quiz_score import run_code
from autograder.course import Course
from autograder.gradebook import Gradebook, Regrade
from autograder.quiz.regrade import Change, Plan, commit, plan
from autograder.quiz.remapping import parse_moves
from autograder.reports.amounts import amount, count
from autograder.reports.sanitise import json_line, line
from autograder.results import number

_SHOWN = 200  # students in the table; --json has them all
_FILE = click.Path(path_type=Path, dir_okay=False)


def _moves(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    try:
        found = [parse_moves(text) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if len({question for question, _ in found}) < len(found):
        raise click.BadParameter("a question is mapped twice: give each one mapping.")
    return dict(found)


@click.command()
@click.argument("name", metavar="QUIZ")
@click.option("--commit", "write", is_flag=True, help="Write the new scores; without it they are only shown.")
@click.option("--reason", metavar="TEXT", help="Why, for the history; --commit needs it.")
@click.option("--author", metavar="NAME", help="Who, for the history; by default this account's name.")
@click.option("--map", "moves", metavar="QUESTION=OLD:NEW,…", multiple=True, callback=_moves,
              help="What became of each choice of a question whose choices changed.")  # fmt: skip
@click.option("--history", is_flag=True, help="List the regrades that were made.")
@click.option("--json", "json_file", metavar="FILE", type=_FILE, help="Write all of it as JSON.")
@jobs_option
@gradebook_option
@course_option
def command(
    name: str,
    write: bool,
    reason: str | None,
    author: str | None,
    moves: dict[str, Any],
    history: bool,
    json_file: Path | None,
    jobs: int,
    url: str | None,
    course_folder: Path | None,
) -> int:
    """Score the stored responses of a QUIZ by its key of today: show who changes, or --commit it."""
    if write and not (reason or "").strip():
        raise click.UsageError('--commit needs a reason for the history: --reason "Choice B is right too".')
    if json_file is not None:
        check_folder("--json", json_file.resolve().parent)
    course, quiz = open_quiz(course_folder, name)
    with open_gradebook(course, url) as gradebook:
        book = gradebook.quizzes
        if history:
            past = book.regrades(quiz.id)
            if json_file is not None:
                write_text(json_file, json_line({"quiz": quiz.id, "regrades": [past_json(one) for one in past]}) + "\n")
            show_history(past)
            return 0
        draws = open_draws(course, quiz)
        planned = plan(quiz, book, draws, moves, lambda rows: run_code(course, quiz, rows, jobs))
        if not planned.students:
            raise click.ClickException(f"The gradebook has no responses to {quiz.id} yet: score some first.")
        regrade = None
        if write:
            draws.store()
            regrade = commit(book, planned, reason=reason or "", author=author or account())
    if json_file is not None:
        write_text(json_file, json_line(plan_json(planned, regrade)) + "\n")
    show(planned)
    tell(planned, write, regrade)
    return 0


def open_gradebook(course: Course | None, url: str | None) -> Gradebook:
    """The gradebook that has the responses. ClickException if there is none yet."""
    if url is None and course is None:
        raise click.UsageError("the quiz lies in no course: name the gradebook with --gradebook.")
    if url is None and course is not None:
        file = course.root / GRADEBOOK
        if not file.is_file():
            raise click.ClickException(f"There is no gradebook {file} yet. `autograder quiz score` makes it.")
        return Gradebook.open(file)
    return Gradebook.open(url or "")


def account() -> str:
    """The name of the account that runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise click.UsageError("this account has no name: give --author NAME.") from error


def show(planned: Plan) -> None:
    """Who changes, the largest loss first."""
    if not planned.changes:
        return
    table = Table(box=SIMPLE_HEAD)
    table.add_column("student", overflow="fold")
    for heading in ("before", "after", "change"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("questions", overflow="fold")
    rows = sorted(planned.changes, key=lambda change: (change.after - change.before, change.student))
    for change in rows[:_SHOWN]:
        table.add_row(*map(Text, cells(change)))
    Console(highlight=False).print(table)
    if len(rows) > _SHOWN:
        click.echo(f"… and {len(rows) - _SHOWN} more: --json FILE has them all.")


def cells(change: Change) -> Iterator[str]:
    """One row of the table."""
    yield line(change.student)
    yield f"{amount(change.before)} of {amount(change.most_before)}"
    yield f"{amount(change.after)} of {amount(change.most_after)}"
    yield signed(change.after - change.before)
    yield ", ".join(change.questions)


def signed(difference: Decimal) -> str:
    """A difference with its direction in words of one sign: ▲ +1, ▼ −0.5, = 0."""
    if difference == 0:
        return "= 0"
    return f"▲ +{amount(difference)}" if difference > 0 else f"▼ −{amount(-difference)}"


def tell(planned: Plan, write: bool, regrade: int | None) -> None:
    """The summary, and what was written or how to write it."""
    same = planned.students - len(planned.gain) - len(planned.lose)
    click.echo(
        f"{count(planned.students, 'student')}: {len(planned.gain)} gain, {len(planned.lose)} lose, "
        f"{same} keep their points. The mean goes from {amount(planned.total_before / planned.students)} to "
        f"{amount(planned.total_after / planned.students)}."
    )
    if regrade is not None:
        click.echo(f"Written as regrade {regrade}. The scores of before stay in the history.")
    elif not planned.replacements:
        click.echo("Nothing to write: every score was made with this key.")
    elif not write:
        click.echo("Nothing was written. To write it: --commit --reason TEXT.")


def show_history(past: Sequence[Regrade]) -> None:
    """Every regrade that was made, oldest first."""
    if not past:
        click.echo("No regrade was made.")
    for one in past:
        changed = count(one.changed, "student")
        click.echo(f"{one.id}  {one.recorded_at}  {line(one.author)}: {line(one.reason)} ({changed} changed)")


def past_json(one: Regrade) -> dict[str, Any]:
    """A regrade of the history."""
    return {
        "id": one.id,
        "recorded_at": one.recorded_at,
        "author": one.author,
        "reason": one.reason,
        "changed": one.changed,
        "version": one.version,
        "mappings": {name: dict(each) for name, each in one.mappings.items()},
    }


def plan_json(planned: Plan, regrade: int | None) -> dict[str, Any]:
    """The whole plan; `regrade` is its number once it is written."""
    return {
        "quiz": planned.version.quiz,
        "version": planned.version.version,
        "students": planned.students,
        "gain": len(planned.gain),
        "lose": len(planned.lose),
        "mean_before": number(planned.total_before / planned.students),
        "mean_after": number(planned.total_after / planned.students),
        "to_write": len(planned.replacements),
        "regrade": regrade,
        "changes": [
            {
                "student": change.student,
                "before": number(change.before),
                "after": number(change.after),
                "max_before": number(change.most_before),
                "max_after": number(change.most_after),
                "questions": list(change.questions),
            }
            for change in planned.changes
        ],
    }
