"""The master notebook: the one source from which the student notebook and the reference solution come.

A cell belongs to a question by the key `question` in its header (percent format) or in its metadata (ipynb). Of a code
question the code cells are answers and its Markdown cells are plain text; of a written question the Markdown cells with
a solution region are answers. `locked=true` (or the tag "locked") marks a cell that students see and must not edit.
Comments above the first header of a percent file are the author's own and are never released.

Everything that is wrong with a master is reported at once. Nothing here runs a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from autograder.errors import CourseError, Problem, SubmissionRejected
from autograder.notebook.cells import CellKind
from autograder.notebook.markers import (
    CODE_STUB,
    WRITTEN_STUB,
    find_regions,
    without_markers,
    without_solution,
)
from autograder.notebook.percent import read_percent
from autograder.notebook.reading import read_notebook

# Keys of a cell header that mean something here or to Jupyter; any other is a slip of the pen.
_OURS = ("question", "locked", "tags")
_JUPYTERS = (
    "title",
    "name",
    "id",
    "editable",
    "deletable",
    "collapsed",
    "scrolled",
    "jupyter",
    "slideshow",
    "cellView",
)
QUESTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")


@dataclass(frozen=True, slots=True)
class NotebookQuestion:
    """What a notebook has to know of a question of its assignment."""

    id: str
    points: Decimal
    public_points: Decimal = Decimal(0)
    written: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class MasterCell:
    """One cell of the master. `line` is the 1-based line of its first line, or within the cell (1) in an ipynb."""

    kind: CellKind
    source: str  # with solution and markers; the markers are comments, so line numbers hold when it is run
    line: int
    released: str  # as students get it
    question: str | None = None
    locked: bool = False
    is_answer: bool = False  # where students write: a code cell of a question, or a Markdown cell with a solution

    @property
    def solved(self) -> str:
        """The source with its solution and without the marker lines."""
        return without_markers(self.source)


@dataclass(frozen=True, slots=True)
class Master:
    """A master notebook that was read and found consistent, or one varied from it."""

    path: Path
    cells: tuple[MasterCell, ...]

    def reference_cells(self) -> tuple[MasterCell, ...]:
        """The code cells of the full solution, in order."""
        return tuple(cell for cell in self.cells if cell.kind is CellKind.CODE)

    def questions(self) -> tuple[str, ...]:
        """The ids of the questions that students answer here, in order of appearance."""
        return tuple(dict.fromkeys(cell.question for cell in self.cells if cell.is_answer and cell.question))


def read_master(path: Path, questions: Sequence[NotebookQuestion] | None = None) -> Master:
    """The master in `path` (.py in percent format, or .ipynb), held against `questions` where they are given.

    `questions` are those of this notebook, not of the whole assignment. CourseError carries every problem found.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = Problem(path, None, None, f"the master notebook cannot be read: {error.strerror}", "create it")
        raise CourseError([problem]) from error
    problems: list[Problem] = []
    cells = tuple(_ipynb_cells(path, data, problems) if path.suffix == ".ipynb" else _py_cells(path, data, problems))
    for number, cell in enumerate(cells):
        problems.extend(_cell_problems(path, number, cell))
    problems.extend(_question_problems(path, cells, questions))
    if problems:
        raise CourseError(problems)
    return Master(path, cells)


def read_text(path: Path, data: bytes) -> str:
    """The text of a course file. CourseError if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CourseError([Problem(path, line, None, "this is not UTF-8", "save the file as UTF-8")]) from error


def _py_cells(path: Path, data: bytes, problems: list[Problem]) -> Iterator[MasterCell]:
    for cell in read_percent(read_text(path, data)):
        if cell.header is None and all(not line.strip() or line.startswith("#") for line in cell.source.split("\n")):
            continue
        for key in cell.bad_options:
            remedy = f'write {key}="text", a number, true or false'
            problems.append(Problem(path, cell.header, key, "the value cannot be read", remedy))
        problems.extend(
            Problem(path, cell.header, key, "unknown key in a cell header", f"use one of: {', '.join(_OURS)}")
            for key in cell.options
            if key not in _OURS and key not in _JUPYTERS
        )
        yield _master_cell(path, cell.kind, cell.source, (cell.line, cell.header), cell.options, problems)


def _ipynb_cells(path: Path, data: bytes, problems: list[Problem]) -> Iterator[MasterCell]:
    try:
        notebook = read_notebook(data)
    except SubmissionRejected as error:
        problems.append(Problem(path, None, None, str(error), "open it in Jupyter and save it again"))
        return
    for cell in notebook.cells:
        yield _master_cell(path, cell.kind, cell.source, (1, None), cell.metadata, problems)


def _master_cell(
    path: Path,
    kind: CellKind,
    source: str,
    lines: tuple[int, int | None],
    options: Mapping[str, Any],
    problems: list[Problem],
) -> MasterCell:
    """One cell; `lines` are those of its source and of its header."""
    line, header = lines
    question, locked, tags = options.get("question"), options.get("locked", False), options.get("tags", [])
    if question is not None and not (isinstance(question, str) and QUESTION_ID.fullmatch(question)):
        remedy = 'write question="an-id" with letters, digits, - and _ (at most 48)'
        problems.append(Problem(path, header, "question", f"{question!r} is no question id", remedy))
        question = None
    if not isinstance(locked, bool):
        problems.append(Problem(path, header, "locked", f"{locked!r} is neither true nor false", "write locked=true"))
        locked = False
    tagged = isinstance(tags, list) and "locked" in tags
    return MasterCell(
        kind,
        source,
        line,
        released=without_solution(source, CODE_STUB if kind is CellKind.CODE else WRITTEN_STUB),
        question=question,
        locked=locked or tagged,
        is_answer=question is not None and (kind is CellKind.CODE or bool(find_regions(source)[0])),
    )


def _cell_problems(path: Path, number: int, cell: MasterCell) -> Iterator[Problem]:
    regions, faults = find_regions(cell.source)
    key = f"cell {number + 1}"
    for fault in faults:
        yield Problem(path, cell.line + fault.line, key, fault.message, fault.remedy)
    if not regions:
        if cell.locked and cell.question is not None:
            remedy = "drop question=, or drop locked="
            yield Problem(path, cell.line, key, "a locked cell cannot be an answer", remedy)
        return
    line = cell.line + regions[0].begin
    if cell.kind is CellKind.RAW:
        yield Problem(path, line, key, "a raw cell holds a solution", "make it a code or a Markdown cell")
    if cell.question is None:
        remedy = 'add question="…" to the cell header'
        yield Problem(path, line, key, "a solution stands outside a question's cell", remedy)
    if cell.locked:
        remedy = "drop locked=, or move the solution to another cell"
        yield Problem(path, line, key, "a locked cell holds a solution", remedy)


def _question_problems(
    path: Path, cells: Sequence[MasterCell], questions: Sequence[NotebookQuestion] | None
) -> Iterator[Problem]:
    present: dict[str, list[MasterCell]] = {}
    for cell in cells:
        if cell.question is not None:
            present.setdefault(cell.question, []).append(cell)
    known = None if questions is None else {question.id: question for question in questions}
    for name, own in present.items():
        if known is not None and name not in known:
            remedy = f"use one of: {', '.join(known) or '(no question is declared)'}"
            yield Problem(path, own[0].line, name, "this question is not in assignment.yml", remedy)
        elif not any(find_regions(cell.source)[0] for cell in own):
            remedy = "put the solution between '### BEGIN SOLUTION' and '### END SOLUTION'"
            yield Problem(path, own[0].line, name, "this question has no solution region", remedy)
        else:
            yield from _kind_problems(path, name, own, None if known is None else known[name].written)
    for question in questions or ():
        if question.id not in present:
            remedy = f'add a cell with question="{question.id}", or drop the question from assignment.yml'
            yield Problem(path, None, question.id, "this question never appears in the master notebook", remedy)


def _kind_problems(path: Path, name: str, cells: Sequence[MasterCell], written: bool | None) -> Iterator[Problem]:
    """Answers of one question stand in cells of one kind: code or Markdown."""
    if written is None:
        written = not any(cell.kind is CellKind.CODE for cell in cells)
    wrong = CellKind.CODE if written else CellKind.MARKDOWN
    for cell in cells:
        if cell.kind is wrong and cell.is_answer:
            what, other = ("written", "code") if written else ("code", "Markdown")
            message = f"the answer of a {what} question stands in a {other} cell"
            yield Problem(path, cell.line, name, message, f"drop question= here, or make it no {what} question")
