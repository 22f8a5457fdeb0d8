"""Which files are whose submission: folders and files as a TA has them → one `Submitted` per student.

    <student>.ipynb                    a file, or in a folder: the stem is the student
    <student>/**/*.ipynb               a folder per student, the notebook anywhere inside and under any name
    <student>/<assignment>.ipynb       named as a file: the assignment's own notebook name says nothing, the folder does
    <student>/timestamp.txt            when it was handed in (ISO 8601), unless `--times` says it
    ada+bob.ipynb                      a group, where the assignment allows groups

`.py` files in percent format are taken like notebooks. Nobody is left out silently: what cannot be used becomes a flag
on somebody's report, or a rejection with the reason. What a flag says does not depend on where the folder lies, so that
the same batch is the same batch from anywhere.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, Roster, student_id_fault
from autograder.dispatch.times import epoch, read_timestamp
from autograder.errors import CourseError, Problem
from autograder.grading.workshop import Submitted

_SUFFIXES = (".ipynb", ".py")
_SKIPPED_FOLDERS = frozenset({"__pycache__", "__MACOSX"})
_SKIPPED_FILES = ("._", ".~")
"""How macOS names what it could not put into a file, and Jupyter its copies."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one file or folder holds of a student; `base` is what the user named."""

    student: str
    base: Path
    files: tuple[Path, ...]
    timestamp: str | None = None

    @property
    def when(self) -> tuple[bool, float]:
        """Orders submissions of one student: a stated time counts more than a file's."""
        stated = epoch(self.timestamp)
        return stated is not None, stated or max(map(_changed, self.files), default=0.0)

    @property
    def names(self) -> list[str]:
        return [readable(str(path.relative_to(self.base) if path != self.base else path.name)) for path in self.files]


def collect(
    paths: Sequence[Path],
    assignment: Assignment,
    *,
    roster: Roster | None = None,
    times: Mapping[str, str] | None = None,
) -> list[Submitted]:
    """Every student's submission under `paths`, by student.

    CourseError for every path that holds none or cannot be read.
    """
    found: dict[str, list[_Found]] = {}
    seen: set[tuple[Path, ...]] = set()
    problems = []
    for path in paths:
        try:
            here = list(_find(path, assignment.notebooks))
            fault = None if here else _nothing(path)
        except OSError as error:
            fault = _unreadable(error, path)
        if fault is not None:
            problems.append(fault)
            continue
        for one in here:
            files = tuple(file.absolute() for file in one.files)
            if not files or files not in seen:  # a folder that was named twice is no second submission
                seen.add(files)
                found.setdefault(one.student, []).append(one)
    if problems:
        raise CourseError(problems)
    groups = {student: _members(student, assignment) for student in sorted(found)}
    places = Counter(member for members in groups.values() for member in members)
    return [
        _submitted(student, found[student], members, places, assignment, roster, times or {})
        for student, members in groups.items()
    ]


def readable(name: str) -> str:
    """A file's name as text that can be stored: bytes that are not UTF-8 are spelled out."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))


def _nothing(path: Path) -> Problem:
    wrong = "there is no such file or folder" if not os.path.lexists(path) else "there is no notebook in it"
    if path.is_file():
        wrong = "this is no notebook"
    remedy = "name a notebook, or a folder of <student>.ipynb or <student>/…/*.ipynb"
    return Problem(path, None, None, wrong, remedy)


def _unreadable(error: OSError, path: Path) -> Problem:
    remedy = "give this account the right to read it, or leave it out"
    return Problem(str(error.filename or path), None, None, f"cannot be read ({error.strerror})", remedy)


def _find(path: Path, notebooks: Sequence[str]) -> Iterator[_Found]:
    """What is below one path. OSError for a folder that cannot be read."""
    if path.is_file() and path.suffix in _SUFFIXES:
        folder = path.absolute().parent
        if path.name in notebooks or folder.name == path.stem:
            yield _Found(readable(folder.name), path, (path,), read_timestamp(folder))
        else:
            yield _Found(readable(path.stem), path, (path,))
        return
    if not path.is_dir():
        return
    for entry in sorted(path.iterdir()):
        if entry.is_dir():
            if not _skipped(entry.name) and not entry.is_symlink():
                student = readable(entry.name.removesuffix(".ipynb"))
                yield _Found(student, path, tuple(_notebooks(entry)), read_timestamp(entry))
        elif entry.suffix in _SUFFIXES and not entry.name.startswith(_SKIPPED_FILES):
            yield _Found(readable(entry.stem), path, (entry,))


def _skipped(folder: str) -> bool:
    return folder in _SKIPPED_FOLDERS or folder.startswith(".")


def _notebooks(folder: Path) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not _skipped(name))
        found += [Path(root, name) for name in sorted(names) if _is_notebook(name)]
    return found or sorted(path for path in folder.glob("*.py") if not path.is_dir())


def _is_notebook(name: str) -> bool:
    return name.endswith(".ipynb") and not name.startswith(_SKIPPED_FILES)


def _raise(error: OSError) -> None:
    raise error


def _members(student: str, assignment: Assignment) -> tuple[str, ...]:
    """Who handed it in together."""
    if assignment.group_max == 1:
        return (student,)
    return tuple(dict.fromkeys(name for name in student.split("+") if name)) or (student,)


def _submitted(
    student: str,
    found: Sequence[_Found],
    members: tuple[str, ...],
    places: Mapping[str, int],
    assignment: Assignment,
    roster: Roster | None,
    times: Mapping[str, str],
) -> Submitted:
    flags = []
    chosen = max(found, key=lambda one: one.when)
    if len(found) > 1:
        others = ", ".join(sorted(name for one in found if one is not chosen for name in one.names))
        flags.append(f"Two submissions of one student were found; the newer one was graded. Not graded: {others}")
    files, notes = _assign(chosen.files, assignment.notebooks)
    if len(members) > assignment.group_max:
        flags.append(f"The group has {len(members)} members; the assignment allows {assignment.group_max}.")
    flags += [f"{member} stands in more than one submission." for member in members if places[member] > 1]
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
            newest = readable(assigned[missing[0]].name)
            return assigned, [f"{len(left)} notebooks were handed in; the newest, {newest}, was graded."]
    return assigned, []
