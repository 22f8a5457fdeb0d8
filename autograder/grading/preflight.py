"""What `autograder check` is to do with one notebook: the cells to run, the public tests, the points.

The tests come from the course's public folder where the notebook belongs to a course that is at hand, and else from the
notebook's own check cells. In a course the file is also taken in as the grader would take it: repaired, or refused with
the same sentence. Nothing is run here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from autograder.course import Assignment, QuestionKind, find_assignment, find_course, load_assignment, load_course
from autograder.errors import CourseError, SubmissionRejected
from autograder.notebook import (
    CellKind,
    CellRole,
    PackedCheck,
    SubmittedCell,
    Template,
    imported_modules,
    pack_public_tests,
    read_check_cell,
    read_submission,
)
from autograder.notebook.reading import MAX_BYTES, RawNotebook, read_notebook
from autograder.results import Visibility


@dataclass(frozen=True, slots=True)
class PreflightQuestion:
    """One question. `points` is None where only the course knows; `tests` is the source of its public tests."""

    id: str
    points: Decimal | None = None
    public_points: Decimal | None = None
    written: bool = False
    tests: str = ""


@dataclass(frozen=True, slots=True)
class Preflight:
    """A notebook, ready to be run. `cells` are (place in the notebook or None if put back, source)."""

    path: Path
    digest: str  # SHA-256 of the file, in hexadecimal
    assignment: str | None
    cells: tuple[tuple[int | None, str], ...]
    questions: tuple[PreflightQuestion, ...]
    imports: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_preflight(path: Path, course: Path | None = None) -> Preflight:
    """Read the notebook at `path`; `course` is the course's folder if it is not around the notebook.

    Raises SubmissionRejected with what to do; CourseError if the course that was named cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SubmissionRejected(f"‘{path}’ cannot be read: {error.strerror}.") from error
    raw = read_notebook(data, path.name)
    claim = raw.metadata.get("autograder")
    claim = claim if isinstance(claim, dict) else {}
    packed = {cell.index: check for cell in raw.cells if (check := read_check_cell(cell.source)) is not None}
    notes = list(raw.notes)
    assignment = _assignment(path, claim, course, notes)
    if assignment is None:
        cells = _own_cells(raw, packed)
        questions = _own_questions(claim, packed)
    else:
        cells = _course_cells(data, path, claim, assignment, notes) or _own_cells(raw, packed)
        questions = _course_questions(assignment, _notebook_of(assignment, path, claim))
    if not questions:
        raise SubmissionRejected(
            f"‘{path.name}’ has no check cells, and nothing says which assignment it belongs to, so there is nothing "
            "to check it against. Is it the notebook of an assignment? Its course can be named with --course DIR."
        )
    name = assignment.id if assignment is not None else claim.get("assignment")
    return Preflight(
        path=path,
        digest=sha256(data).hexdigest(),
        assignment=name if isinstance(name, str) else None,
        cells=tuple((cell.index, cell.source) for cell in cells if cell.runs),
        questions=questions,
        imports=tuple(sorted({module.partition(".")[0] for module in imported_modules(cells)})),
        notes=tuple(notes),
    )


def _assignment(path: Path, claim: dict[str, Any], named: Path | None, notes: list[str]) -> Assignment | None:
    """The assignment that the notebook says it is of, or in whose folder it lies; None without a course."""
    try:
        course = load_course(find_course(named or path.resolve().parent))
    except CourseError:
        if named is not None:
            raise
        return None
    claimed = claim.get("assignment")
    try:
        known = isinstance(claimed, str) and claimed in course.assignments
        name = str(claimed) if known else find_assignment(course.root, path.resolve())
    except CourseError:
        notes.append("Nothing says which assignment of the course this is; the notebook's own checks were used.")
        return None
    try:
        return load_assignment(course, name)
    except CourseError:
        if named is not None:
            raise
        notes.append("The course around the notebook has faults; the notebook's own checks were used.")
        return None


def _notebook_of(assignment: Assignment, path: Path, claim: dict[str, Any]) -> str:
    """Which of the assignment's notebooks this is."""
    for name in (claim.get("notebook"), path.name):
        if name in assignment.notebooks:
            return str(name)
    return assignment.notebooks[0]


def _course_cells(
    data: bytes, path: Path, claim: dict[str, Any], assignment: Assignment, notes: list[str]
) -> tuple[SubmittedCell, ...]:
    """The cells as the grader would run them; none if the course has not released the notebook."""
    released = assignment.folder / _notebook_of(assignment, path, claim)
    try:
        template = Template.from_notebook(json.loads(released.read_bytes()))
    except (OSError, ValueError, CourseError):
        return ()
    intake = read_submission(data, path.name, template)
    notes[:] = [*notes, *(sentence for sentence in (*intake.repairs, *intake.flags) if sentence not in notes)]
    return intake.cells


def _own_cells(raw: RawNotebook, packed: dict[int, PackedCheck]) -> tuple[SubmittedCell, ...]:
    return tuple(
        SubmittedCell(
            index=cell.index,
            id=cell.ids[0] if cell.ids else "",
            kind=cell.kind,
            source=cell.source,
            question=None,
            role=CellRole.CHECK if cell.index in packed else CellRole.GIVEN,
        )
        for cell in raw.cells
        if cell.kind is CellKind.CODE
    )


def _own_questions(claim: dict[str, Any], packed: dict[int, PackedCheck]) -> tuple[PreflightQuestion, ...]:
    """The questions of the check cells, then those that only the metadata know: written ones, or without their cell."""
    facts = claim.get("questions")
    facts = {key: value for key, value in facts.items() if isinstance(value, dict)} if isinstance(facts, dict) else {}
    checks = {check.question: check for check in packed.values()}
    found = []
    for name, check in checks.items():
        own = facts.get(name, {})
        total = check.points if check.points is not None else _points(own.get("points"))
        found.append(PreflightQuestion(name, total, _points(own.get("public_points")), tests=check.tests))
    if checks:
        for name in (name for name in facts if name not in checks):
            total, public = _points(facts[name].get("points")), _points(facts[name].get("public_points"))
            found.append(PreflightQuestion(name, total, public, written=not public))
    return tuple(found)


def _points(value: object) -> Decimal | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if known else None


def _course_questions(assignment: Assignment, notebook: str) -> tuple[PreflightQuestion, ...]:
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(assignment.public.glob("test_*.py"))}
    return tuple(
        PreflightQuestion(
            id=question.id,
            points=question.points,
            public_points=sum(
                (test.points for test in assignment.tests_of(question.id) if test.visibility is Visibility.PUBLIC),
                Decimal(0),
            ),
            written=question.kind is QuestionKind.WRITTEN,
            tests=pack_public_tests(sources, question.id),
        )
        for question in assignment.questions
        if question.notebook == notebook
    )
