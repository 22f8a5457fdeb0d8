"""`autograder quiz preview`: a quiz as a student sees it, as a page that stands alone."""

from __future__ import annotations

import base64
from pathlib import Path

import click

from autograder.cli.common import course_option, gradebook_url
from autograder.cli.output import check_folder, write_text
from autograder.cli.quiz_opening import open_draws, open_quiz
from autograder.course import Course, student_id_fault
from autograder.quiz.draws import secret_in
from autograder.quiz.markdown import render
from autograder.quiz.paper import Paper, ShownQuestion, hand_out
from autograder.quiz.questions import Quiz
from autograder.quiz.variants import draw
from autograder.reports.quiz_paper import AskedView, OptionView, PartView, quiz_paper

_SAMPLE = b"preview"
_MOST_BYTES = 2 << 20
_TYPES = {".png": "png", ".svg": "svg+xml", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp"}
_HOW = {
    "single": "Pick one.",
    "multiple": "Pick all that are right.",
    "numeric": "Type a number.",
    "text": "Type a word or a few.",
    "formula": "Type a formula.",
    "order": "Put these in order.",
    "match": "Find what belongs to each.",
    "code": "Write the code.",
    "open": "Write a few sentences.",
}

_RULES = {
    "balanced": "A wrong pick takes its share away.",
    "all_or_nothing": "Points only for all of them and nothing else.",
    "net_correct": "A wrong pick takes away what a right one earns.",
    "each_answer": "Every choice counts: picked where it is right, left where it is wrong.",
    "coverage": "Wrong picks shrink what the right ones earn.",
    "halves": "One mistake halves the points, two leave a quarter.",
    "weights": "Choices have weights; a wrong pick may cost points.",
    "pairs": "Neighbours that are right count.",
    "position": "Each place that is right counts.",
    "whole": "Points only for the whole order.",
}


@click.command()
@click.argument("name", metavar="QUIZ")
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Write this page.")
@click.option("--student", metavar="ID", help="Show this student's own numbers and order; by default a sample.")
@course_option
def command(name: str, target: Path, student: str | None, course_folder: Path | None) -> int:
    """Write the QUIZ, an id or a path, as a page: shuffled, with numbers drawn, without the key."""
    course, quiz = open_quiz(course_folder, name)
    check_folder("--to", target.resolve().parent)
    paper = sample(quiz) if student is None else papers_of(course, quiz, student)
    write_text(target, page(course, quiz, paper))
    click.echo(f"Wrote {target}.", err=True)
    return 0


def sample(quiz: Quiz) -> Paper:
    """What some student would see; nothing is stored."""
    return hand_out(
        quiz, _SAMPLE, lambda each, who, attempt: draw(each, _SAMPLE, quiz.id, who, attempt), "sample"
    ).paper


def papers_of(course: Course | None, quiz: Quiz, student: str) -> Paper:
    """What this student sees, whose draws are stored from now on. BadParameter for what is no student's id."""
    fault = student_id_fault(student)
    if fault is not None or course is None:
        wrong = (
            fault[0] if fault is not None else "the quiz lies in no course, which would hold the secret of the draws"
        )
        raise click.BadParameter(wrong, param_hint="--student")
    draws = open_draws(course, quiz)
    secret = secret_in(Path(gradebook_url(course, None)).parent)
    paper = hand_out(quiz, secret, draws.of, student).paper
    draws.store()
    return paper


def page(course: Course | None, quiz: Quiz, paper: Paper) -> str:
    """The paper as HTML."""

    def html(text: str | None) -> str:
        return render(text, lambda path: _address(quiz.path.parent / path)) if text else ""

    def asked(number: int, question: ShownQuestion) -> AskedView:
        return AskedView(
            number=number,
            title=question.title,
            points=question.points,
            how=how(question),
            html=html(question.prompt),
            options=tuple(OptionView(each.id, html(each.text)) for each in question.choices),
            rights=tuple(OptionView(each.id, html(each.text)) for each in question.rights),
            starter=question.starter,
        )

    parts, number = [], 1
    for section in paper.sections:
        questions = tuple(asked(number + place, each) for place, each in enumerate(section.questions))
        number += len(questions)
        parts.append(PartView(section.title, html(section.text), questions))
    return quiz_paper("A quiz" if course is None else course.title, paper.title, html(paper.text), tuple(parts))


def how(question: ShownQuestion) -> str:
    """How a question is answered and what a mistake costs, in a sentence or two."""
    parts = [_HOW[question.kind], _RULES.get(question.scoring or "", "")]
    if question.penalty is not None:
        parts.append(f"A wrong pick costs {question.penalty} of the points, leaving it blank costs nothing.")
    if question.certainty:
        parts.append("Say how sure you are, from 1 to 3: sure and wrong costs twice the points.")
    return " ".join(filter(None, parts))


def _address(path: Path) -> str:
    """A picture as it stands in a page that loads nothing; empty for what is no small picture of a known kind."""
    kind = _TYPES.get(path.suffix.lower())
    if kind is None or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return ""
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
