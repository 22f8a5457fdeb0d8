"""What several commands need: the course, an assignment, the gradebook, and pages about them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from autograder.course import Assignment, Course, QuestionKind, find_course, load_assignment, load_course
from autograder.reports.info import AssignmentInfo, Kind, QuestionInfo

GRADEBOOK = ".autograder/gradebook.db"


def course_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--course DIR`: where the course lies, if not here or above."""
    return click.option(
        "--course",
        "course_folder",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        help="The course's folder; by default the nearest one with a course.yml, from here upwards.",
    )(function)


def open_course(folder: Path | None) -> Course:
    """The course in `folder`, or around the current one. Raises CourseError."""
    return load_course(find_course(folder or Path.cwd()))


def open_assignment(folder: Path | None, name: str) -> tuple[Course, Assignment]:
    """An assignment by id or path, with its course. Raises CourseError."""
    start = folder or (Path(name) if Path(name).exists() else Path.cwd())
    course = load_course(find_course(start))
    return course, load_assignment(course, name)


def gradebook_url(course: Course, url: str | None) -> str | Path:
    """Where the gradebook is: `--gradebook`, or the file in the course, whose folder is made and ignored by git."""
    if url:
        return url
    path = course.root / GRADEBOOK
    path.parent.mkdir(exist_ok=True)
    ignore = path.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return path


def gradebook_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--gradebook URL`."""
    return click.option(
        "--gradebook", "url", help=f"A file, or a SQLAlchemy URL; by default {GRADEBOOK} in the course."
    )(function)


def jobs_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--jobs N`."""
    return click.option(
        "--jobs", "-j", type=click.IntRange(1, 256), default=available_cores, show_default="all cores",
        help="Submissions graded at once.",
    )(function)  # fmt: skip


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe(course: Course, assignment: Assignment) -> AssignmentInfo:
    """What reports say about an assignment."""
    return AssignmentInfo(
        id=assignment.id,
        title=assignment.title,
        course_title=course.title,
        max_points=assignment.max_points,
        questions=tuple(
            QuestionInfo(
                id=question.id,
                title=question.title,
                kind=Kind.WRITTEN if question.kind is QuestionKind.WRITTEN else Kind.CODE,
                points=question.points,
                rubric=tuple(f"{item.text} ({item.points} points)" for item in question.rubric),
            )
            for question in assignment.questions
        ),
        tests={test.id: test.doc for test in assignment.tests},
    )
