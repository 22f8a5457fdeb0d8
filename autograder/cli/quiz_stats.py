"""`autograder quiz stats`: what the answers of a class say about the questions, as a table, as JSON and as a page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import course_option
from autograder.cli.output import check_folder, write_text
from autograder.cli.quiz_opening import open_draws, open_quiz
from autograder.cli.quiz_view import to_view
from autograder.quiz.analysis import Answers, QuizStats, analyse
from autograder.quiz.figures import stats_json
from autograder.quiz.flags import EASY, ENOUGH, HARD, WEAK
from autograder.quiz.latent import Fit, Model, fit
from autograder.quiz.matrix import table_of
from autograder.quiz.responses import load_responses
from autograder.reports.amounts import count
from autograder.reports.quiz_page import quiz_page
from autograder.reports.sanitise import json_line

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("name", metavar="QUIZ")
@click.argument("responses", metavar="RESPONSES.csv", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--json", "json_file", metavar="FILE", type=_FILE, help="Write every number as JSON.")
@click.option("--html", "html_file", metavar="FILE", type=_FILE, help="Write a page with pictures, for staff.")
@click.option("--irt", type=click.Choice([each.value for each in Model]), help="Also fit this model; never for grades.")
@click.option("--few", is_flag=True, help="Let --irt fit fewer than 200 students.")
@course_option
def command(
    name: str,
    responses: Path,
    json_file: Path | None,
    html_file: Path | None,
    irt: str | None,
    few: bool,
    course_folder: Path | None,
) -> int:
    """Analyse the questions of a QUIZ by the first attempts in RESPONSES.csv (student,question,response)."""
    if few and irt is None:
        raise click.UsageError("--few is for --irt: name a model, such as --irt 2pl.")
    course, quiz = open_quiz(course_folder, name)
    for option, file in (("--json", json_file), ("--html", html_file)):
        if file is not None:
            check_folder(option, file.resolve().parent)
    rows = load_responses(responses, {question.id for question in quiz.questions})
    table = table_of(quiz, rows, open_draws(course, quiz))
    stats = analyse(table.answers)
    model = None if irt is None else fit_model(table.answers, Model(irt), few)
    if json_file is not None:
        write_text(json_file, json_line(stats_json(stats, table.left_out, model)) + "\n")
    if html_file is not None:
        view = to_view(course, quiz, stats, table.left_out, model)
        page = quiz_page(view, limits=(HARD, EASY, WEAK), generated_at=datetime.now(UTC))
        write_text(html_file, page)
    show(stats, table.left_out, model)
    return 0


def fit_model(answers: Answers, model: Model, few: bool) -> Fit:
    """The model of the answers. NoFit (exit 2) if they do not determine it."""
    return fit(answers.questions, answers.points / answers.maxima, model, few=few)


def show(stats: QuizStats, left_out: tuple[str, ...], model: Fit | None) -> None:
    """The analysis on the terminal."""
    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("question", overflow="fold", min_width=20)
    for heading in ("difficulty", "item-rest", "D27", "item-total", "alpha w/o", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for item in stats.items:
        numbers = (
            item.difficulty,
            item.item_rest,
            item.discrimination_d27,
            item.item_total,
            item.alpha_if_deleted,
        )
        table.add_row(*map(Text, (item.id, *map(decimals, numbers), "▲" * bool(item.flags))))
    console.print(table)
    click.echo(
        f"{count(stats.students, 'student')}, mean {decimals(stats.mean)} of {stats.max_points:g}, "
        f"sd {decimals(stats.sd)}, alpha {decimals(stats.alpha)}{spanned(stats.alpha_interval)}, "
        f"SEM {decimals(stats.sem)}."
    )
    for item in stats.items:
        for flag in item.flags:
            click.echo(f"▲ {item.id}: {flag.sentence}")
    if stats.students < ENOUGH:
        click.echo(f"Nothing is flagged: that takes {ENOUGH} students.")
    if left_out:
        click.echo(f"Left out, because they are void or not decided: {', '.join(left_out)}.")
    if model is not None:
        show_model(console, model)


def show_model(console: Console, model: Fit) -> None:
    """The curves of a fitted model."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column(model.model.value.upper(), overflow="fold")
    for heading in ("slope", "±", "intercept", "±", "even chance at"):
        table.add_column(heading, justify="right")
    for curve in model.curves:
        numbers = (curve.slope, curve.slope_error, curve.intercept, curve.intercept_error, curve.difficulty)
        table.add_row(*map(Text, (curve.id, *map(decimals, numbers))))
    console.print(table)
    click.echo(f"Log-likelihood {model.log_likelihood:.4f} over {count(model.students, 'student')}. Not for grades.")
    if model.left_out:
        click.echo(f"Not in the model (partial points, or no variety): {', '.join(model.left_out)}.")


def decimals(value: float | None) -> str:
    """A number to four decimals."""
    return "–" if value is None else f"{value:.4f}"


def spanned(interval: tuple[float, float] | None) -> str:
    """An interval in brackets, or nothing."""
    return "" if interval is None else f" ({interval[0]:.2f} to {interval[1]:.2f})"
