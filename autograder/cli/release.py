"""`autograder release`: what students get, generated from the master."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from autograder.cli.common import course_option, open_assignment
from autograder.course import Assignment
from autograder.grading.material import Material, load_material
from autograder.notebook import student_notebook, to_bytes


@click.command()
@click.argument("name", metavar="ID")
@click.option("--to", "target", type=click.Path(path_type=Path, file_okay=False), help="Copy what students get here.")
@course_option
def command(name: str, target: Path | None, course_folder: Path | None) -> int:
    """Generate the student notebook of assignment ID, and with --to copy it and its files."""
    _, assignment = open_assignment(course_folder, name)
    for path in release(load_material(assignment), target):
        click.echo(path)
    return 0


def release(material: Material, target: Path | None) -> list[Path]:
    """Write the student notebooks into the assignment's folder and, with `target`, all that students get there, too."""
    assignment = material.assignment
    written = []
    for name, master, own in zip(assignment.notebooks, material.masters, material.releases, strict=True):
        path = assignment.folder / name
        _write(path, to_bytes(student_notebook(master, own)))
        written.append(path)
    if target is not None:
        written += _copy(assignment, target)
    return written


def _copy(assignment: Assignment, target: Path) -> list[Path]:
    copies = []
    for name in (*assignment.notebooks, *assignment.files):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(assignment.folder / name, copy)
        copies.append(copy)
    return copies


def _write(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)
