"""`autograder init`: a new course that verifies and grades at once.

The course is copied from `template/`, its student notebook and two sample submissions are generated from its master,
and all of it is read back as any command would read it. That happens in a folder beside the target; the target gets its
files only when everything is there.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from autograder.cli.release import release
from autograder.course import load_assignment, load_course
from autograder.grading.material import Material, load_material
from autograder.notebook import apply_variant, read_variant, submission_notebook, to_bytes

ASSIGNMENT = "first-steps"
SAMPLES = {"ada": None, "grace": "length_of_two_numbers"}
"""Sample student → the wrong answer that she hands in; None is the reference."""
_FILLED = ("course.yml", "README.md")
_RENAMED = {"gitignore": ".gitignore"}  # under its own name it would rule the template itself
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@click.command()
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", help="The course's title; by default made from the folder's name.")
@click.option("--id", "slug", metavar="SLUG", help="The course's id, such as eep-596; by default the same.")
def command(target: Path, title: str | None, slug: str | None) -> int:
    """Make a new course in DIR, with one small assignment and two sample submissions."""
    folder = target.resolve()
    check_target(folder, target)
    slug = course_id(slug, folder.name)
    title = course_title(title, folder.name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".autograder-init-", dir=folder.parent) as beside:
            course = Path(beside, "course")
            build(course, slug, title)
            put_in_place(course, folder)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error}") from error
    go = [] if folder == Path.cwd() else [f"cd {shlex.quote(str(target))}"]
    commands = [*go, "autograder verify", f"autograder grade {ASSIGNMENT} submissions/{ASSIGNMENT}"]
    click.echo(f"Made the course {slug} in {target}. Next:\n")
    click.echo("\n".join(f"    {line}" for line in commands))
    click.echo("\nREADME.md says what lies where and how to go on.")
    return 0


def check_target(folder: Path, named: Path) -> None:
    """Refuse what is there already, unless it is an empty folder."""
    if folder.exists() and not folder.is_dir():
        raise click.ClickException(f"{named} is a file. Name a folder that is new or empty.")
    if folder.is_dir() and any(folder.iterdir()):
        raise click.ClickException(f"{named} is not empty; nothing was changed. Name a folder that is new or empty.")


def course_id(given: str | None, name: str) -> str:
    """The course's id: as given, or from the folder's name."""
    if given is not None and not _SLUG.fullmatch(given):
        raise click.BadParameter("write lower-case letters, digits and hyphens, such as eep-596", param_hint="--id")
    return given or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] or "course"


def course_title(given: str | None, name: str) -> str:
    """The course's title: as given, or from the folder's name."""
    title = name if given is None else given.strip()
    if not title or not title.isprintable():
        raise click.BadParameter("write one line of text", param_hint="--title")
    return title


def build(course: Path, slug: str, title: str) -> None:
    """Write the whole course into the new folder `course`, and read it back. Raises CourseError."""
    copy_template(files("autograder.cli") / "template", course)
    for name in _FILLED:
        path = course / name
        text = path.read_text(encoding="utf-8").replace("@COURSE@", slug).replace("@HEADING@", title)
        # JSON's text in quotes is YAML's, whatever the title holds
        path.write_text(text.replace("@TITLE@", json.dumps(title, ensure_ascii=False)), encoding="utf-8")
    material = load_material(load_assignment(load_course(course), ASSIGNMENT))
    release(material, None)
    write_samples(material, course / "submissions" / ASSIGNMENT)


def copy_template(source: Traversable, target: Path) -> None:
    """Copy the files of a folder, without modes: an installed package may be read-only."""
    target.mkdir()
    for entry in source.iterdir():
        if entry.is_file():
            (target / _RENAMED.get(entry.name, entry.name)).write_bytes(entry.read_bytes())
        elif entry.name != "__pycache__":
            copy_template(entry, target / entry.name)


def write_samples(material: Material, folder: Path) -> None:
    """A submission for each sample student, made from the master."""
    folder.mkdir(parents=True)
    master, own = material.masters[0], material.releases[0]
    for student, mistake in SAMPLES.items():
        answered = master
        if mistake is not None:
            answered = apply_variant(master, read_variant(material.assignment.solution / "wrong" / f"{mistake}.py"))
        (folder / f"{student}.ipynb").write_bytes(to_bytes(submission_notebook(answered, own)))


def put_in_place(course: Path, folder: Path) -> None:
    """Give the finished course its place: by its one name, or entry by entry where an empty folder stands already.

    The empty folder stays itself, because a shell may stand in it; an entry that cannot be moved takes back the others.
    """
    if not folder.exists():
        course.rename(folder)
        return
    moved: list[Path] = []
    try:
        for entry in sorted(course.iterdir()):
            entry.rename(folder / entry.name)
            moved.append(folder / entry.name)
    except OSError:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
