"""`autograder show QUIZ`: a quiz in the gradebook, on the terminal: the class, one student's sheet, every score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.stored import unknown_student
from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook import Gradebook, QuizScore, QuizSheet, ScoreEntry, StoredScore
from autograder.quiz.load import find_quiz
from autograder.quiz.sheet import QuestionScore, StudentScore
from autograder.reports.amounts import amount, count
from autograder.reports.sanitise import json_line, line


def quiz_id(course: Course, gradebook: Gradebook, name: str) -> str | None:
    """The id of the quiz that an id or a path means: one with scores in the gradebook, or of the course; else None."""
    scored = gradebook.quizzes.quizzes()
    if name in scored:
        return name
    with suppress(CourseError):
        found = find_quiz(course.root, name).stem
        return found if found in scored or found in course.quizzes else None
    return None


def show_quiz(
    gradebook: Gradebook, course: Course, quiz: str, student: str | None, *, as_json: bool, history: bool
) -> list[str]:
    """Print what was asked for and return whose scores there are. ClickException where there is nothing to print."""
    stored = list(gradebook.quizzes.current(quiz))
    students = [one.sheet.student for one in stored]
    if not stored:
        raise click.ClickException(f"The gradebook has no score in {quiz} yet: `autograder quiz score` makes them.")
    if student is not None:
        stored = [one for one in stored if one.sheet.student == student]
        if not stored:
            raise unknown_student(course, quiz, student, students)
    if history:
        entries = [
            (one.sheet.student, each) for one in stored for each in gradebook.quizzes.history(quiz, one.sheet.student)
        ]
        show_history(quiz, entries, as_json)
    elif as_json:
        for one in stored:
            click.echo(json_line(score_json(quiz, one.sheet.student, one.score)))
    elif student is not None:
        show_sheet(quiz, course, stored[0])
    else:
        show_class(gradebook, quiz, stored)
    return students


def score_json(quiz: str, student: str, score: QuizScore) -> dict[str, Any]:
    """A score as `autograder quiz score --results` writes it."""
    questions = tuple(
        QuestionScore(one.id, one.share, one.points, one.max_points, one.correct) for one in score.questions
    )
    return StudentScore(quiz, student, score.points, score.max_points, questions).to_json()


def show_class(gradebook: Gradebook, quiz: str, stored: Sequence[StoredScore]) -> None:
    """A row per student, and the class in a sentence."""
    console = Console(highlight=False)
    table = _table("Student", "Points", "Open", "Blank")
    for one in stored:
        blank = len(one.score.questions) - len(_answered(one.sheet))
        table.add_row(
            Text(line(one.sheet.student)),
            _points(one.score.points, one.score.max_points),
            Text(amount(one.score.pending) if one.score.pending else ""),
            Text(str(blank) if blank > 0 else ""),
        )
    console.print(table)
    mean = sum((one.score.points for one in stored), Decimal(0)) / len(stored)
    most = max(one.score.max_points for one in stored)
    console.print(f"{count(len(stored), 'student')}. Mean {amount(mean)} of {amount(most)} points.")
    if pending := sum(one.score.pending > 0 for one in stored):
        console.print(f"{count(pending, 'student')} with points open.")
    if regrades := len(gradebook.quizzes.regrades(quiz)):
        console.print(f"{count(regrades, 'regrade')}: `autograder quiz regrade {quiz} --history` lists them.")


def show_sheet(quiz: str, course: Course, stored: StoredScore) -> None:
    """What one student answered, as it was typed or picked, and what it earned."""
    console = Console(highlight=False)
    student, score = stored.sheet.student, stored.score
    known = course.roster.get(student) if course.roster is not None else None
    name = f" · {line(known.name)}" if known is not None else ""
    table = _table("Question", "Answered", "Points", title=f"{quiz} · {line(student)}{name}")
    answers = _answered(stored.sheet)
    for one in score.questions:
        attempts = answers.get(one.id, [])
        several = len(attempts) > 1
        answered = "\n".join(f"{place}: {text}" if several else text for place, text in enumerate(attempts, start=1))
        table.add_row(Text(line(one.id)), Text(answered or "–"), _points(one.points, one.max_points))
    console.print(table)
    pending = f", {amount(score.pending)} open" if score.pending else ""
    console.print(f"{amount(score.points)} of {amount(score.max_points)} points{pending}.")


def show_history(quiz: str, entries: Iterable[tuple[str, ScoreEntry]], as_json: bool) -> None:
    """Every score that these students ever had, oldest first."""
    table = _table("Student", "Recorded (UTC)", "By", "Points", "Open", "Key")
    for student, entry in entries:
        if as_json:
            facts = {"recorded_at": entry.recorded_at, "regrade": entry.regrade, "version": entry.version}
            click.echo(json_line({**score_json(quiz, student, entry.score), **facts, "current": entry.current}))
            continue
        table.add_row(
            Text(f"{'*' if entry.current else ''}{line(student)}", style="bold" if entry.current else ""),
            Text(entry.recorded_at[:16].replace("T", " ")),
            Text("responses" if entry.regrade is None else f"regrade {entry.regrade}"),
            _points(entry.score.points, entry.score.max_points),
            Text(amount(entry.score.pending) if entry.score.pending else ""),
            Text(line(entry.version.removeprefix("sha256:")[:8])),
        )
    if not as_json:
        console = Console(highlight=False)
        console.print(table)
        console.print("* the score that counts", style="dim")


def _table(*headings: str, title: str | None = None) -> Table:
    table = Table(
        box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), title=title and Text(title), title_justify="left"
    )
    for heading in headings:
        table.add_column(
            heading, justify="right" if heading in ("Points", "Open", "Blank") else "left", overflow="fold"
        )
    return table


def _points(points: Decimal | None, most: Decimal) -> Text:
    return Text(f"{amount(points)} / {amount(most)}")


def _answered(sheet: QuizSheet) -> dict[str, list[str]]:
    """Question → its responses that are not blank, by attempt, each safe to print."""
    found: dict[str, list[str]] = {}
    for one in sorted(sheet.responses, key=lambda each: each.attempt):
        if one.response.strip():
            found.setdefault(one.question, []).append(line(one.response))
    return found
