"""`autograder quiz check`: everything that is wrong with a quiz, and what its questions earn by guessing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import course_option
from autograder.cli.quiz_opening import quiz_course, quiz_file
from autograder.course import relative_to
from autograder.errors import Problem
from autograder.quiz.chances import Chances, chances
from autograder.quiz.check import check_quiz
from autograder.quiz.degenerate import Sample, samples
from autograder.quiz.markdown import plain
from autograder.quiz.questions import Question, Quiz
from autograder.quiz.scoring import as_decimal
from autograder.quiz.versions import key_version, question_version
from autograder.reports.amounts import amount, count
from autograder.reports.sanitise import json_line, line
from autograder.results import number


@click.command()
@click.argument("names", metavar="[QUIZ]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per quiz.")
@course_option
def command(names: tuple[str, ...], as_json: bool, course_folder: Path | None) -> int:
    """Check every QUIZ (an id or a path; by default all of the course): texts, keys, draws, and what guessing earns."""
    status = 0
    for name in names or _all(course_folder):
        course = quiz_course(course_folder, name)
        path = quiz_file(course, name)
        quiz, problems = check_quiz(path, None if course is None else course.root)
        if problems:
            status = max(status, 2 if quiz is None else 1)
        if as_json:
            click.echo(json_line(to_json(path, quiz, problems)))
        else:
            show(path, quiz, problems)
    return status


def _all(folder: Path | None) -> tuple[str, ...]:
    course = quiz_course(folder, "")
    assert course is not None  # only a file can lie outside of one
    if not course.quizzes:
        raise click.UsageError("course.yml lists no quizzes: name one, or add `quizzes: [lecture-02]`")
    return course.quizzes


def to_json(path: Path, quiz: Quiz | None, problems: Sequence[Problem]) -> dict[str, Any]:
    """The check of a quiz as data: shares are parts of a question's points."""
    return {
        "quiz": path.stem if quiz is None else quiz.id,
        "ok": not problems,
        "max_points": None if quiz is None else number(quiz.max_points),
        "problems": [
            {"file": str(p.file), "line": p.line, "key": p.key, "message": p.message, "remedy": p.remedy}
            for p in problems
        ],
        "questions": [] if quiz is None else [_question(each, not problems) for each in quiz.questions],
    }


def _question(question: Question, right: bool) -> dict[str, Any]:
    found = chances(question)
    return {
        "id": question.id,
        "kind": question.kind,
        "points": number(question.points),
        "policy": question.policy.value,
        "question_version": question_version(question),
        "key_version": key_version(question),
        "everything": _share(found.everything),
        "nothing": _share(found.nothing),
        "guessing": _share(found.guessing),
        "samples": [
            {"parameters": dict(each.parameters), "prompt": each.prompt, "answer": each.answer}
            for each in (samples(question) if right else ())
        ],
    }


def _share(share: Fraction | None) -> float | None:
    return None if share is None else number(as_decimal(share))


def show(path: Path, quiz: Quiz | None, problems: Sequence[Problem]) -> None:
    """The check on the terminal: the problems, then what each question earns, then sample variants."""
    for problem in relative_to(problems, Path.cwd()):
        click.echo(line(str(problem), 1000), err=True)
    console = Console(highlight=False)
    if quiz is None:
        console.print(Text(f"{path.name}: {count(len(problems), 'problem')}, and nothing else was looked at"))
        return
    table = Table(box=SIMPLE_HEAD, title=Text(f"{quiz.id}: {quiz.title}"), title_justify="left")
    for heading in ("question", "kind"):
        table.add_column(heading)
    for heading in ("points", "everything", "nothing", "guessing"):
        table.add_column(heading, justify="right")
    for question in quiz.questions:
        table.add_row(*map(Text, _row(question, chances(question))))
    console.print(table)
    for question in quiz.questions:
        if question.kind == "multiple" and chances(question).nothing == 1:
            note = "no answer at all earns all points: is no choice meant to be right?"
            console.print(Text(f"  note: {question.id}: {note}"))
    for question in quiz.questions if not problems else ():
        _show_samples(console, question, samples(question))
    verdict = "green" if not problems else f"not green: {len(problems)} problem{'s' * (len(problems) != 1)}"
    console.print(Text(f"{quiz.id}: {len(quiz.questions)} questions, {amount(quiz.max_points)} points · {verdict}"))


def _row(question: Question, found: Chances) -> tuple[str, ...]:
    shares = (found.everything, found.nothing, found.guessing)
    return (
        question.id,
        question.kind,
        amount(question.points),
        *("–" if share is None else f"{float(share):.0%}" for share in shares),
    )


def _show_samples(console: Console, question: Question, found: Sequence[Sample]) -> None:
    if not found:
        return
    table = Table(box=SIMPLE_HEAD, title=Text(f"{question.id}: sample variants"), title_justify="left")
    for name in found[0].parameters:
        table.add_column(line(name), justify="right")
    table.add_column("prompt")
    table.add_column("answer", justify="right")
    for each in found:
        table.add_row(*map(Text, (*each.parameters.values(), line(plain(each.prompt), 60), line(each.answer, 60))))
    console.print(table)
