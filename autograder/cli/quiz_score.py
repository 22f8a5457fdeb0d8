"""`autograder quiz score`: responses in a CSV file → points, for the results file, the terminal and the gradebook."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import course_option, gradebook_option, gradebook_url, jobs_option
from autograder.cli.output import check_folder, write_results
from autograder.cli.quiz_opening import open_draws, open_quiz
from autograder.course import Course, Roster
from autograder.gradebook import Gradebook, Recorded
from autograder.quiz.draws import secret_in
from autograder.quiz.paper import authored
from autograder.quiz.questions import Quiz
from autograder.quiz.recording import record_scores
from autograder.quiz.responses import Response, load_responses
from autograder.quiz.scoring import as_decimal
from autograder.quiz.sheet import Outside, StudentScore, score_class
from autograder.reports.amounts import amount, count
from autograder.reports.sanitise import json_line, line

_MOST_MESSAGES = 40
_MOST_NAMED = 10


@click.command()
@click.argument("name", metavar="QUIZ")
@click.argument("responses", metavar="RESPONSES.csv", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--results", type=click.Path(path_type=Path, dir_okay=False), help="Write one JSON object per student.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per student, with messages.")
@click.option(
    "--shown", is_flag=True, help="Responses have the letters of each student's own page, not the file's ids."
)
@jobs_option
@gradebook_option
@course_option
def command(
    name: str,
    responses: Path,
    results: Path | None,
    as_json: bool,
    shown: bool,
    jobs: int,
    url: str | None,
    course_folder: Path | None,
) -> int:
    """Score the RESPONSES.csv (student,question,response) to a QUIZ, which is an id or a path."""
    course, quiz = open_quiz(course_folder, name)
    if results is not None:
        check_folder("--results", results.resolve().parent)
    rows = load_responses(responses, {question.id for question in quiz.questions})
    draws = open_draws(course, quiz)
    if shown:
        rows = authored(quiz, secret_of(course), draws.of, rows)
    scores = tuple(score_class(quiz, rows, draws, run_code(course, quiz, rows, jobs)))
    draws.store()
    recorded = record(course, url, quiz, rows, scores)
    if results is not None:
        write_results(results, scores)
    if as_json:
        for score in scores:
            click.echo(json_line(with_messages(score)))
    else:
        show(quiz, scores)
    tell(recorded, quiz)
    if course is not None and course.roster is not None:
        tell_strangers(course.roster, [score.student for score in scores])
    return 3 if not_run(quiz, scores) else 0


def secret_of(course: Course | None) -> bytes:
    """The course's secret, from which every page was drawn. UsageError without a course."""
    if course is None:
        raise click.UsageError("--shown needs the course that the pages were drawn in; this quiz lies in none.")
    return secret_in(Path(gradebook_url(course, None)).parent)


def run_code(course: Course | None, quiz: Quiz, rows: Sequence[Response], jobs: int) -> Outside:
    """What tests give the code in the responses. Nothing where there is none, or no course that has the tests."""
    code = {question.id for question in quiz.questions if question.kind == "code"}
    if course is None or not any(row.question in code and row.text.strip() for row in rows):
        return {}
    running = importlib.import_module("autograder.cli.quiz_code")  # the fence is not loaded for other quizzes
    shares: Outside = running.shares_of_code(course, quiz, rows, secret_of(course), jobs)
    return shares


def record(
    course: Course | None, url: str | None, quiz: Quiz, rows: Sequence[Response], scores: Sequence[StudentScore]
) -> Recorded | None:
    """Store responses and scores in the gradebook; None for a quiz outside of a course, which has none."""
    place = url if course is None else gradebook_url(course, url)
    if place is None:
        return None
    with Gradebook.open(place) as gradebook:
        return record_scores(gradebook.quizzes, quiz, rows, scores)


def tell(recorded: Recorded | None, quiz: Quiz) -> None:
    """What became of the scores, on standard error."""
    if recorded is None:
        click.echo("The quiz lies in no course: nothing was recorded.", err=True)
        return
    known = f", {len(recorded.known)} known already" if recorded.known else ""
    click.echo(f"Recorded: {count(len(recorded.new), 'student')}{known}.", err=True)
    if recorded.waiting:
        click.echo(
            f"{count(len(recorded.waiting), 'student')} answered this already, and the key has changed since: their "
            f"scores stay until `autograder quiz regrade {quiz.id} --commit`.",
            err=True,
        )


def tell_strangers(roster: Roster, students: Sequence[str]) -> None:
    """Who is on one list only, on standard error: a mistyped id has points that somebody else lacks."""
    present, expected = set(students), [student.id for student in roster]
    silent = [student for student in expected if student not in present]
    strangers = []
    for student in students:
        if student not in roster:
            near = get_close_matches(student, silent, n=1)
            strangers.append(line(student) + (f" (is it {near[0]}?)" if near else ""))
    for told, names in (("Not on the roster", strangers), ("On the roster, and no response", silent)):
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            click.echo(f"{told}: {', '.join(names[:_MOST_NAMED])}{more}.", err=True)


def with_messages(score: StudentScore) -> dict[str, Any]:
    """A student's line with what had to be said about single responses."""
    found = [{"question": each.id, "message": text} for each in score.questions for text in each.messages]
    return {**score.to_json(), "messages": found}


def not_run(quiz: Quiz, scores: Sequence[StudentScore]) -> Counter[str]:
    """Code questions whose tests were not run → for how many students."""
    code = {question.id for question in quiz.questions if question.kind == "code"}
    return Counter(each.id for score in scores for each in score.questions if each.points is None and each.id in code)


def show(quiz: Quiz, scores: Sequence[StudentScore]) -> None:
    """The class on the terminal: how each question went, then all that could not be read or decided."""
    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, title=Text(f"{quiz.title} · {len(scores)} students"), title_justify="left")
    for heading in ("question", "kind"):
        table.add_column(heading)
    for heading in ("points", "mean", "all right", "nothing", "open"):
        table.add_column(heading, justify="right")
    for row in rows_of(quiz, scores):
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    if scores:
        earned = sum((Fraction(score.points) for score in scores), Fraction(0)) / len(scores)
        most = max(score.max_points for score in scores)
        console.print(f"Mean {amount(as_decimal(earned).quantize(Decimal('0.01')))} of {amount(most)} points.")
    _show_messages(scores)
    for question, number in not_run(quiz, scores).items():
        click.echo(
            f"{question}: {number} responses are code, and their tests have not been run: points open.", err=True
        )


def rows_of(quiz: Quiz, scores: Sequence[StudentScore]) -> Iterator[tuple[str, ...]]:
    """One row of the table per question."""
    for question in quiz.questions:
        asked = [each for score in scores for each in score.questions if each.id == question.id]
        decided = [each for each in asked if each.share is not None and each.correct is not None]
        mean = sum((each.share for each in decided if each.share is not None), Fraction(0)) / (len(decided) or 1)
        void = bool(asked) and not decided and all(each.points is not None for each in asked)
        yield (
            question.id,
            question.kind,
            "void" if void else amount(question.points),
            f"{float(mean):.0%}" if decided else "",
            str(sum(each.correct is True for each in decided)),
            str(sum(each.share is not None and each.share <= 0 for each in decided)),
            str(sum(each.points is None for each in asked) or ""),
        )


def _show_messages(scores: Sequence[StudentScore]) -> None:
    decided = [(score.student, each) for score in scores for each in score.questions if each.points is not None]
    unread = [(student, each.id, text) for student, each in decided for text in each.messages]
    for student, question, text in unread[:_MOST_MESSAGES]:
        click.echo(f"{line(student)}, {question}: {line(text)}", err=True)
    if len(unread) > _MOST_MESSAGES:
        click.echo(f"… and {len(unread) - _MOST_MESSAGES} more: `--json` has them all.", err=True)
