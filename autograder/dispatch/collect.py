"""Which files are whose submission: folders and files as a TA has them → one `Submitted` per student.

    <student>.ipynb                    a file, or in a folder: the stem is the student
    <student>/**/*.ipynb               a folder per student, the notebook anywhere inside and under any name
    <student>/timestamp.txt            when it was handed in (ISO 8601), unless `--times` says it
    ada+bob.ipynb                      a group, where the assignment allows groups

`.py` files in percent format are taken like notebooks. Nobody is left out silently: what cannot be used becomes a flag
on somebody's report, or a rejection with the reason.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course import Assignment, Roster, student_id_fault
from autograder.errors import CourseError, Problem
from autograder.grading.workshop import Submitted

_SUFFIXES = (".ipynb", ".py")
_SKIPPED_FOLDERS = frozenset({".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git"})


@dataclass(frozen=True, slots=True)
class _Found:
    student: str
    files: tuple[Path, ...]
    timestamp: str | None


def collect(
    paths: Sequence[Path],
    assignment: Assignment,
    *,
    roster: Roster | None = None,
    times: Mapping[str, str] | None = None,
) -> list[Submitted]:
    """Every student's submission under `paths`, by student. Raises CourseError for a path that holds none."""
    found: dict[str, list[_Found]] = {}
    problems = []
    for path in paths:
        here = list(_find(path))
        if not here:
            problems.append(_nothing(path))
        for one in here:
            found.setdefault(one.student, []).append(one)
    if problems:
        raise CourseError(problems)
    times = times or {}
    return [_submitted(student, found[student], assignment, roster, times) for student in sorted(found)]


def read_times(path: Path) -> dict[str, str]:
    """Student → when the submission was handed in, from a CSV with the columns student and submitted_at.
    CourseError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"student", "submitted_at"} <= set(reader.fieldnames or ()):
                raise CourseError([_times_problem(path, 1, "the header lacks student or submitted_at")])
            rows = [(reader.line_num, row["student"], row["submitted_at"]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError([_times_problem(path, None, f"cannot be read: {error}")]) from error
    problems = [
        _times_problem(path, line, f"“{time}” is no ISO 8601 time") for line, _, time in rows if not _is_time(time)
    ]
    if problems:
        raise CourseError(problems)
    return {student: time for _, student, time in rows}


def _times_problem(path: Path, line: int | None, message: str) -> Problem:
    return Problem(path, line, None, message, "write `student,submitted_at` with times like 2025-02-03T21:30:00-08:00")


def _is_time(text: str | None) -> bool:
    try:
        datetime.fromisoformat(text or "")
    except ValueError:
        return False
    return True


def _nothing(path: Path) -> Problem:
    wrong = "there is no such file or folder" if not path.exists() else "there is no notebook in it"
    remedy = "name a notebook, or a folder of <student>.ipynb or <student>/…/*.ipynb"
    return Problem(path, None, None, wrong, remedy)


def _find(path: Path) -> Iterable[_Found]:
    if path.is_file() and path.suffix in _SUFFIXES:
        yield _Found(path.stem, (path,), _timestamp(path.parent) if path.parent.name == path.stem else None)
        return
    if not path.is_dir():
        return
    for entry in sorted(path.iterdir()):
        if entry.suffix in _SUFFIXES and not entry.is_dir():
            yield _Found(entry.stem, (entry,), None)
        elif entry.is_dir() and entry.name not in _SKIPPED_FOLDERS and not entry.is_symlink():
            yield _Found(entry.name, tuple(_notebooks(entry)), _timestamp(entry))


def _notebooks(folder: Path) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        found += [Path(root, name) for name in sorted(names) if name.endswith(".ipynb")]
    return found or sorted(folder.glob("*.py"))


def _timestamp(folder: Path) -> str | None:
    try:
        text = (folder / "timestamp.txt").read_text(encoding="utf-8", errors="replace")[:100].strip()
    except OSError:
        return None
    text = text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text  # nbgrader writes this form
    return text if _is_time(text) else None


def _submitted(
    student: str,
    found: Sequence[_Found],
    assignment: Assignment,
    roster: Roster | None,
    times: Mapping[str, str],
) -> Submitted:
    flags = []
    chosen = max(found, key=lambda one: (one.timestamp or "", max((_changed(f) for f in one.files), default=0.0)))
    if len(found) > 1:
        others = ", ".join(sorted(str(path) for one in found if one is not chosen for path in one.files))
        flags.append(f"Two submissions of one student were found; the newer one was graded. Not graded: {others}")
    files, notes = _assign(chosen.files, assignment.notebooks)
    members = tuple(dict.fromkeys(student.split("+"))) if assignment.group_max > 1 else (student,)
    if len(members) > assignment.group_max:
        flags.append(f"The group has {len(members)} members; the assignment allows {assignment.group_max}.")
    fault = student_id_fault(student)
    if fault is not None:
        flags.append(f"The file name gives no proper student id: {fault[0]}.")
    if roster is not None:
        flags += [f"{member} is not on the roster." for member in members if member not in roster]
    return Submitted(student, files, members, times.get(student, chosen.timestamp), (*flags, *notes))


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _assign(files: Sequence[Path], notebooks: Sequence[str]) -> tuple[dict[str, Path], list[str]]:
    """Which file is which notebook: by name, then, where one is wanted and one is left, whatever it is called."""
    left = list(files)
    assigned: dict[str, Path] = {}
    for name in notebooks:
        same = [path for path in left if path.name == name]
        if same:
            assigned[name] = max(same, key=_changed)
            left = [path for path in left if path.name != name]
    missing = [name for name in notebooks if name not in assigned]
    if len(missing) == 1 and left:
        assigned[missing[0]] = max(left, key=_changed)
        if len(left) > 1:
            newest = assigned[missing[0]].name
            return assigned, [f"{len(left)} notebooks were handed in; the newest, {newest}, was graded."]
    return assigned, []
