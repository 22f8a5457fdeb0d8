"""What the quiz commands need: a quiz by its id or path, its course if it lies in one, and its draws."""

from __future__ import annotations

from pathlib import Path

from autograder.cli.common import gradebook_url, open_course
from autograder.course import Course
from autograder.course.course import COURSE_FILE
from autograder.quiz.draws import Draws
from autograder.quiz.load import find_quiz, load_quiz
from autograder.quiz.questions import Quiz


def open_quiz(folder: Path | None, name: str) -> tuple[Course | None, Quiz]:
    """A quiz by id or path, with its course; a file outside of any course is read alone. Raises CourseError."""
    course = quiz_course(folder, name)
    return course, load_quiz(quiz_file(course, name))


def quiz_file(course: Course | None, name: str) -> Path:
    """The file that an id or a path means. Raises CourseError."""
    return Path(name).resolve() if course is None else find_quiz(course.root, name)


def quiz_course(folder: Path | None, name: str) -> Course | None:
    """The course that a quiz lies in; None for a file that lies in none. Raises CourseError."""
    path = Path(name)
    if folder is None and "\0" not in name and path.is_file():
        homes = path.resolve().parents
        return open_course(path.resolve().parent) if any((home / COURSE_FILE).is_file() for home in homes) else None
    return open_course(folder)


def open_draws(course: Course | None, quiz: Quiz) -> Draws:
    """The draws of a quiz, kept beside the course's gradebook."""
    if course is None:
        return Draws(quiz, None)
    return Draws(quiz, Path(gradebook_url(course, None)).parent)
