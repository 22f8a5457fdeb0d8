"""Which files are whose submission: folders and files as a TA has them → one `Submitted` per student.

    <student>.ipynb                    a file, or in a folder: the stem is the student
    <student>/**/*.ipynb               a folder per student, the notebook anywhere inside and under any name
    <student>/<assignment>.ipynb       named as a file: the assignment's own notebook name says nothing, the folder does
    <student>/timestamp.txt            when it was handed in (ISO 8601), unless `--times` says it
    ada+bob.ipynb                      a group, where the assignment allows groups
    <student>.zip                      an archive, or whatever else bears a student's name: rejected, with the reason

`.py` files in percent format are taken like notebooks. Nobody is left out silently: what cannot be used becomes a flag
on somebody's report, a rejection with the reason, or a notice where it is nobody's. What a flag says does not depend on
where the folder lies, so that the same batch is the same batch from anywhere.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import Assignment, Roster, student_id_fault
from autograder.dispatch.finding import Found, changed, find, is_packed, is_plain, readable
from autograder.errors import CourseError, Problem
from autograder.grading.workshop import Submitted

_NAMED = 20
"""Files and students that a flag names; a stranger can make any number of them."""


def collect(
    paths: Sequence[Path],
    assignment: Assignment,
    *,
    roster: Roster | None = None,
    times: Mapping[str, str] | None = None,
    notice: Callable[[str], None] = lambda text: None,
) -> list[Submitted]:
    """Every student's submission under `paths`, by student. `notice` is told what is nobody's and is left out.

    CourseError for every path that holds none or cannot be read.
    """
    found: dict[str, list[Found]] = {}
    seen: set[tuple[Path, ...]] = set()
    problems = []
    for path in paths:
        try:
            here = list(find(path, assignment.notebooks, roster, notice))
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
    return _with_doubts(
        _submitted(student, found[student], members, places, assignment, roster, times or {})
        for student, members in groups.items()
    )


def _nothing(path: Path) -> Problem:
    wrong = "there is no such file or folder" if not os.path.lexists(path) else "there is no notebook in it"
    if path.is_file():
        wrong = "this is no notebook"
    if path.is_file() and is_packed(path):
        return Problem(path, None, None, "this is an archive", "unpack it, and name the folder that comes out of it")
    remedy = "name a notebook, or a folder of <student>.ipynb or <student>/…/*.ipynb"
    return Problem(path, None, None, wrong, remedy)


def _unreadable(error: OSError, path: Path) -> Problem:
    remedy = "give this account the right to read it, or leave it out"
    return Problem(str(error.filename or path), None, None, f"cannot be read ({error.strerror})", remedy)


def _members(student: str, assignment: Assignment) -> tuple[str, ...]:
    """Who handed it in together."""
    if assignment.group_max == 1:
        return (student,)
    return tuple(dict.fromkeys(name for name in student.split("+") if name)) or (student,)


def _submitted(
    student: str,
    found: Sequence[Found],
    members: tuple[str, ...],
    places: Mapping[str, int],
    assignment: Assignment,
    roster: Roster | None,
    times: Mapping[str, str],
) -> Submitted:
    flags = []
    chosen = max(found, key=lambda one: one.when)
    if len(found) > 1:
        others = sorted(name for one in found if one is not chosen for name in one.names)
        notebooks = sum(not one.spare for one in found)
        how = "the newer one was graded" if notebooks > 1 else "the notebook was graded"
        how = how if notebooks else "none is a notebook"
        flags.append(f"Two submissions of one student were found; {how}. Not graded: {_listed(others)}")
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


def _with_doubts(submissions: Iterable[Submitted]) -> list[Submitted]:
    """The same submissions, with a flag where two students could be one, or two files are.

    Students read their flags: whom else it concerns is not said, and stands on the other report.
    """
    submissions = list(submissions)
    spelt = Counter(_folded(one.student) for one in submissions)
    owners = Counter(file for one in submissions for file in _linked(one))

    def doubts(one: Submitted) -> Iterable[str]:
        if spelt[_folded(one.student)] > 1:
            yield "Another submission's id differs from this one in spelling alone."
        if any(owners[file] > 1 for file in _linked(one)):
            yield "The very same file, no copy, is another submission, too: it is a hard link."

    return [replace(one, flags=(*one.flags, *doubts(one))) for one in submissions]


def _folded(student: str) -> str:
    return unicodedata.normalize("NFKC", student).casefold()


def _linked(submitted: Submitted) -> set[tuple[int, int]]:
    """The files of a submission that have other names on the disk, too."""
    found = set()
    for path in submitted.files.values():
        try:
            about = path.lstat()
        except OSError:
            continue
        if about.st_nlink > 1:
            found.add((about.st_dev, about.st_ino))
    return found


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _assign(files: Sequence[Path], notebooks: Sequence[str]) -> tuple[dict[str, Path], list[str]]:
    """Which file is which notebook. A link or a pipe stands for one only where no plain file does."""
    plain = [path for path in files if is_plain(path)]
    odd = [path for path in files if not is_plain(path)]
    assigned, notes = _match(plain, notebooks)
    more, _ = _match(odd, [name for name in notebooks if name not in assigned])
    if not assigned and plain:  # an archive where several notebooks are wanted: the sentence on it says what to do
        assigned = {notebooks[0]: plain[0]}
    if unused := [readable(path.name) for path in odd if path not in more.values()]:
        notes.append(f"Not read, as they are links or no files: {_listed(unused)}.")
    return assigned | more, notes


def _match(files: Sequence[Path], notebooks: Sequence[str]) -> tuple[dict[str, Path], list[str]]:
    """Files for notebooks: by name, then by a name that holds the notebook's (`part-1 (2).ipynb`), then, where one is
    wanted and one is left, whatever it is called. Of several the newest; what nobody wants is told."""
    left = list(files)
    assigned: dict[str, Path] = {}

    def take(name: str, candidates: Sequence[Path]) -> None:
        assigned[name] = max(candidates, key=changed)
        left.remove(assigned[name])

    for name in notebooks:
        if same := [path for path in left if path.name == name]:
            take(name, same)
            left = [path for path in left if path.name != name]
    missing = [name for name in notebooks if name not in assigned]
    holds = {path: _held(path, missing) for path in left}
    for name in missing:
        if candidates := [path for path in left if holds[path] == name]:
            take(name, candidates)
    missing = [name for name in notebooks if name not in assigned]
    if len(missing) == 1 and left:
        several = len(left)
        take(missing[0], left)
        if several > 1:
            newest = readable(assigned[missing[0]].name)
            return assigned, [f"{several} notebooks were handed in; the newest, {newest}, was graded."]
    beside = _listed(sorted(readable(path.name) for path in left))
    return assigned, [f"Other notebooks lay beside it and were not graded: {beside}."] if left and assigned else []


def _held(path: Path, notebooks: Sequence[str]) -> str | None:
    """The notebook whose name, without its ending, stands in the file's; the longest where several do."""
    held = [name for name in notebooks if _folded(Path(name).stem) in _folded(path.stem)]
    return max(held, key=len, default=None)
