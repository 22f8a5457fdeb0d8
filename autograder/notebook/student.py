"""The student notebook: generated from the master, the same bytes every time.

Cell ids are stable: an answer is `<question>-answer-<n>`, its check cell `<question>-check`, any other cell the hash of
its text, so that a new paragraph changes no other id. The same id is nbgrader's `grade_id`, which copies of a cell
keep. Answer cells are nbgrader's autograded answers, check cells its locked tests and carry the question's points,
written cells are manually graded answers, and locked helpers are read-only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from autograder.errors import CourseError, Problem
from autograder.notebook.cells import CellKind, CellRole, shown
from autograder.notebook.master import Master, MasterCell, NotebookQuestion
from autograder.notebook.packing import check_cell_source, pack_public_tests
from autograder.notebook.reach import out_of_reach
from autograder.notebook.source import normal

INSTALL = "your course's page says how to install it"


@dataclass(frozen=True, slots=True)
class Release:
    """What a student notebook says beside the master's cells. `questions` are those of this notebook."""

    assignment: str
    title: str
    notebook: str  # file name
    questions: tuple[NotebookQuestion, ...]
    public_tests: Mapping[str, str] = field(default_factory=dict)  # file name → source
    install: str = INSTALL


def student_notebook(master: Master, release: Release) -> dict[str, Any]:
    """What students get, as nbformat 4.5: stubs for solutions, and a check cell after each code question.

    It is also the blank submission. CourseError if the public tests cannot be packed, or use what stands below them.
    """
    return _notebook(master, release, solved=False)


def submission_notebook(master: Master, release: Release) -> dict[str, Any]:
    """The student notebook as handed in by somebody who answers as this master (or varied master) does."""
    return _notebook(master, release, solved=True)


def to_bytes(notebook: Mapping[str, Any]) -> bytes:
    """The notebook as a file, the same bytes for the same content."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def drift(released: bytes, fresh: Mapping[str, Any]) -> tuple[str, ...]:
    """How a released notebook differs from a fresh generation, in sentences; empty if it is the same content."""
    try:
        old = json.loads(released)
        old_cells = {cell["id"]: cell for cell in old["cells"]}
        order = [cell["id"] for cell in old["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ("the released notebook is no notebook that was generated here",)
    if old == fresh:
        return ()
    new_cells = {cell["id"]: cell for cell in fresh["cells"]}
    differences = [f"cell {name} is missing in the released notebook" for name in new_cells if name not in old_cells]
    differences += [
        f"cell {shown(str(name))} is only in the released notebook" for name in old_cells if name not in new_cells
    ]
    differences += [
        f"cell {name} has another {what}"
        for name, cell in new_cells.items()
        if name in old_cells
        for what in ("source", "cell_type", "metadata")
        if old_cells[name].get(what) != cell[what]
    ]
    if not differences and order != list(new_cells):
        differences.append("the cells stand in another order")
    if old.get("metadata") != fresh["metadata"]:
        differences.append("the notebook's metadata differ")
    return tuple(differences) or ("the notebooks differ in what no reader sees (version, outputs)",)


def _notebook(master: Master, release: Release, *, solved: bool) -> dict[str, Any]:
    questions = {question.id: question for question in release.questions}
    remedy = "declare the question in assignment.yml"
    problems = [
        Problem(master.path, None, name, "the master answers an unknown question", remedy)
        for name in master.questions()
        if name not in questions
    ]
    if problems:
        raise CourseError(problems)
    last_answer = {cell.question: index for index, cell in enumerate(master.cells) if cell.is_answer}
    answers: dict[str, int] = {}
    taken: dict[str, int] = {}
    cells: list[dict[str, Any]] = []
    for index, cell in enumerate(master.cells):
        source = cell.solved if solved else cell.released
        if not cell.is_answer or cell.question is None:
            cells.append(_other_cell(cell, source, taken))
            continue
        question = questions[cell.question]
        number = answers[question.id] = answers.get(question.id, 0) + 1
        cells.append(_answer_cell(question, number, cell.kind, source))
        if last_answer[question.id] == index and not question.written:
            tests = pack_public_tests(release.public_tests, question.id)
            problems += [] if solved else out_of_reach(master, index, question.id, tests)
            source = check_cell_source(question.id, tests, release.install, question.points)
            cells.append(_check_cell(question, source))
    if problems:
        raise CourseError(problems)
    return {"cells": cells, "metadata": _metadata(release), "nbformat": 4, "nbformat_minor": 5}


def _metadata(release: Release) -> dict[str, Any]:
    return {
        "title": release.title,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "autograder": {
            "assignment": release.assignment,
            "notebook": release.notebook,
            "questions": {
                question.id: {"points": _number(question.points), "public_points": _number(question.public_points)}
                for question in release.questions
            },
        },
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _other_cell(cell: MasterCell, source: str, taken: dict[str, int]) -> dict[str, Any]:
    """A cell that is no answer, with an id from its text; equal texts are counted."""
    role = CellRole.TEXT
    if cell.kind is CellKind.CODE:
        role = CellRole.HELPER if cell.locked else CellRole.GIVEN
    name = f"{role.value}-{hashlib.sha256(normal(cell.released).encode()).hexdigest()[:10]}"
    taken[name] = taken.get(name, 0) + 1
    if taken[name] > 1:
        name = f"{name}-{taken[name]}"
    metadata: dict[str, Any] = {"autograder": {"role": role.value}}
    if cell.locked:
        metadata["nbgrader"] = _nbgrader(name, cell.kind, locked=True)
        metadata |= {"deletable": False, "editable": False}
    return _cell(name, cell.kind, source, metadata)


def _answer_cell(question: NotebookQuestion, number: int, kind: CellKind, source: str) -> dict[str, Any]:
    name = f"{question.id}-answer-{number}"
    points: int | float | None = None
    if question.written:  # all points stand at the first cell
        points = _number(question.points) if number == 1 else 0
    metadata = {
        "autograder": {"role": CellRole.ANSWER.value, "question": question.id},
        "nbgrader": _nbgrader(name, kind, solution=True, points=points),
        "deletable": False,
    }
    return _cell(name, kind, source, metadata)


def _check_cell(question: NotebookQuestion, source: str) -> dict[str, Any]:
    name = f"{question.id}-check"
    metadata = {
        "autograder": {"role": CellRole.CHECK.value, "question": question.id},
        "nbgrader": _nbgrader(name, CellKind.CODE, locked=True, points=_number(question.points)),
        "deletable": False,
        "editable": False,
    }
    return _cell(name, CellKind.CODE, source, metadata)


def _nbgrader(
    name: str, kind: CellKind, *, solution: bool = False, locked: bool = False, points: int | float | None = None
) -> dict[str, Any]:
    """nbgrader's cell metadata, schema version 3. Points make a cell a graded one."""
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade": points is not None,
        "solution": solution,
        "locked": locked,
        "task": False,
        "grade_id": name,
        "cell_type": kind.value,
    }
    if points is not None:
        metadata["points"] = points
    return metadata


def _cell(name: str, kind: CellKind, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"id": name, "cell_type": kind.value, "metadata": metadata, "source": _lines(source)}
    if kind is CellKind.CODE:
        cell |= {"execution_count": None, "outputs": []}
    return cell


def _lines(source: str) -> Sequence[str]:
    """Multi-line text as notebooks keep it. Not `splitlines`, which would also part at form feeds and the like."""
    lines = [line + "\n" for line in source.split("\n")]
    lines[-1] = lines[-1][:-1]
    return [line for line in lines if line]
