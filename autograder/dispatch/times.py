"""When submissions were handed in: the file of `--times`, and a `timestamp.txt` beside a notebook."""

from __future__ import annotations

import csv
import os
import stat
from pathlib import Path

from autograder.errors import CourseError, Problem
from autograder.gradebook import epoch, unguard

_HEADER = ("student", "submitted_at")
_MOST_CHARACTERS = 100  # of a timestamp


def read_times(path: Path) -> dict[str, str]:
    """Student → when the submission was handed in, from a CSV with the columns student and submitted_at; ids may stand
    there as `export` writes them.

    CourseError with every line that is wrong.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not set(_HEADER) <= set(reader.fieldnames or ()):
                raise CourseError([_problem(path, 1, "the header lacks student or submitted_at")])
            rows = [
                (reader.line_num, unguard((row["student"] or "").strip()), (row["submitted_at"] or "").strip())
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError([_problem(path, None, f"cannot be read: {error}")]) from error
    problems: list[Problem] = []
    times: dict[str, str] = {}
    for line, student, time in rows:
        if epoch(time) is None:
            problems.append(_problem(path, line, f"“{time}” is no ISO 8601 time"))
        elif times.setdefault(student, time) != time:
            problems.append(_problem(path, line, f"“{student}” has another time in an earlier line"))
    if problems:
        raise CourseError(problems)
    return times


def _problem(path: Path, line: int | None, message: str) -> Problem:
    return Problem(path, line, None, message, "write `student,submitted_at` with times like 2025-02-03T21:30:00-08:00")


def read_timestamp(folder: Path) -> str | None:
    """The time in a folder's `timestamp.txt`. The file is a stranger's: only a plain one is read, and little of it."""
    try:
        descriptor = os.open(folder / "timestamp.txt", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = os.read(descriptor, 4 * _MOST_CHARACTERS) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return None
    finally:
        os.close(descriptor)
    text = data.decode("utf-8-sig", "replace").strip()
    text = text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text  # nbgrader writes this form
    return text if len(text) <= _MOST_CHARACTERS and epoch(text) is not None else None
