"""`autograder quiz import` and `autograder quiz export`: quizzes of other systems.

Both say what was lost, and what was refused with the reason. Exit codes: 0 every question was carried, 1 some were
refused, 2 the call or a file is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from autograder.cli.common import course_option
from autograder.cli.export import write_whole
from autograder.cli.quiz_opening import open_quiz
from autograder.interop.carried import Note
from autograder.interop.formats import FORMATS, READABLE, WRITABLE, detect
from autograder.interop.placing import place
from autograder.interop.xmlio import MOST_BYTES
from autograder.reports.sanitise import json_line, line

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both commands."""
    force = click.option("--force", is_flag=True, help="Overwrite what is there.")
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    return force(as_json(function))


@click.command("import")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), required=True, help="quizzes/ID.yml")
@click.option("--format", "form", type=click.Choice(READABLE), help="What FILE is, if that cannot be seen.")
@_shared
def import_command(source: Path, target: Path, form: str | None, force: bool, as_json: bool) -> int:
    """Make a quiz file out of FILE: Canvas QTI 1.2, Moodle XML, GIFT, or plain text."""
    quiz_id = target.stem
    if target.suffix != ".yml" or not _SLUG.fullmatch(quiz_id):
        raise click.BadParameter("name a file such as quizzes/lecture-02.yml: a-z, 0-9, hyphens", param_hint="--to")
    if source.stat().st_size > MOST_BYTES:
        raise click.ClickException(f"{source.name} has more than {MOST_BYTES >> 20} MiB: it is no quiz.")
    data = source.read_bytes()
    form = form or detect(data, source.name)
    reader = FORMATS[form].read
    assert reader is not None  # --format offers only what can be read
    placed = place(reader(data, source.name), quiz_id, [f"From {source.name} ({FORMATS[form].title})."])
    files = {target.parent / quiz_id / name: picture for name, picture in placed.pictures.items()}
    files |= {target: placed.text.encode()} if placed.questions else {}
    _refuse_to_overwrite(files, force)
    for path, content in files.items():
        write_whole(path, content)
    report = {"quiz": quiz_id, "format": form, "file": str(target) if files else None}
    tell(report, placed.questions, placed.warnings, placed.refused, as_json)
    return 1 if placed.refused or not placed.questions else 0


@click.command("export")
@click.argument("name", metavar="QUIZ")
@click.option("--format", "form", type=click.Choice(WRITABLE), required=True, help="What to write.")
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Write this file.")
@_shared
@course_option
def export_command(name: str, form: str, target: Path, force: bool, as_json: bool, course_folder: Path | None) -> int:
    """Write a QUIZ (an id or a path) for another system."""
    _, quiz = open_quiz(course_folder, name)
    writer = FORMATS[form].write
    assert writer is not None  # --format offers only what can be written
    made = writer(quiz)
    refused = {note.question for note in made.refused}
    carried = [question.id for question in quiz.questions if question.id not in refused]
    if carried:
        _refuse_to_overwrite([target], force)
        write_whole(target, made.data)
    report = {"quiz": quiz.id, "format": form, "file": str(target) if carried else None}
    tell(report, carried, made.warnings, made.refused, as_json)
    return 1 if made.refused else 0


def _refuse_to_overwrite(paths: Sequence[Path] | dict[Path, bytes], force: bool) -> None:
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise click.ClickException(f"{there[0]} is there already. Add --force to overwrite it, or name another file.")


def tell(
    report: dict[str, Any], carried: Sequence[str], warnings: Sequence[Note], refused: Sequence[Note], as_json: bool
) -> None:
    """Say what was carried, what was lost on the way, and what was refused."""
    if as_json:
        notes = {"warnings": [note.to_json() for note in warnings], "refused": [note.to_json() for note in refused]}
        click.echo(json_line({**report, "questions": list(carried), **notes}))
        return
    for note in warnings:
        click.echo(f"{line(note.question) or 'the quiz'}: not carried over: {line(note.message)}", err=True)
    for note in refused:
        click.echo(f"{line(note.question)}: refused: {line(note.message)}", err=True)
    wrote = f" → {report['file']}" if report["file"] else "; nothing was written"
    click.echo(f"{len(carried)} carried, {len(refused)} refused{wrote}")
