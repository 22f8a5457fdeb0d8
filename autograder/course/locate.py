"""Finding things by name: the course around a folder, and the assignment that an id or a path means."""

from __future__ import annotations

from pathlib import Path

from autograder.course.course import COURSE_FILE
from autograder.course.problems import closest, listed, shortened
from autograder.errors import CourseError, Problem

ASSIGNMENT_FILE = "assignment.yml"
_HOMES = (("assignments",), ("solutions",), ("tests", "hidden"))  # folders that hold one folder for each assignment


def find_course(start: Path) -> Path:
    """The folder of the course that `start` lies in, searched upwards. CourseError if there is none."""
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / COURSE_FILE).is_file():
            return candidate
    wrong = f"no {COURSE_FILE} in this folder or in any folder above it"
    remedy = "go to the folder of your course, or name it with `--course DIR`"
    raise CourseError([Problem(folder, None, None, wrong, remedy)])


def find_assignment(root: Path, name: str | Path) -> str:
    """The id of the assignment of the course in `root` that an id or any path in its folders means.

    A path may be relative to the current folder or to the course, and may name the assignment's folder, its solution,
    its hidden tests or anything below them. CourseError if it means none.
    """
    root = root.resolve()
    text = str(name)
    if text in _present(root):
        return text
    if text and "\0" not in text:
        for path in (Path(text).resolve(), (root / text).resolve()):
            found = _id_in(root, path)
            if found is not None and path.exists():
                return found
    raise CourseError([_not_found(root, text)])


def _id_in(root: Path, path: Path) -> str | None:
    if not path.is_relative_to(root):
        return None
    parts = path.relative_to(root).parts
    for home in _HOMES:
        if parts[: len(home)] == home and len(parts) > len(home) and parts[len(home)] in _present(root):
            return parts[len(home)]
    return None


def _present(root: Path) -> list[str]:
    folder = root / "assignments"
    return sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def _not_found(root: Path, text: str) -> Problem:
    known = [name for name in _present(root) if (root / "assignments" / name / ASSIGNMENT_FILE).is_file()]
    match = closest(Path(text).name, known)
    remedy = f"did you mean `{match}`?" if match else f"the course has {listed(known, 'no assignment yet')}"
    return Problem(root / "assignments", None, None, f"there is no assignment `{shortened(text, 80)}`", remedy)
