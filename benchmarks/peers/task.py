"""What is graded: the three-question notebook of `torch_three/`, and submissions of it whose points are known.

Every grader gets the notebook that it released itself, with the same answers filled in (`fill`). An answer cell is
recognised by the function that it defines, so no grader's metadata has to be understood here.
Each submission carries its student's name in every answer: no two are alike, and a cache of results cannot help.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import jupytext
import nbformat.v4
import yaml

Notebook = dict[str, Any]
Scores = dict[str, dict[str, Decimal]]  # student → question → points

WRONG_EVERY = 3  # each third submission has one mistake; the mistakes take turns
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)
MARKERS = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the function that answers it and what the one test of it is worth."""

    id: str
    function: str
    points: Decimal
    check: str  # source of `test_<id>`, for graders that run tests beside the student's code


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the master; `question` is set where it holds an answer."""

    kind: str
    source: str
    question: str | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known-wrong answer and the questions that it loses."""

    name: str
    answers: Mapping[str, str]
    loses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Task:
    """The assignment as this program needs it."""

    id: str
    course: Path
    cells: tuple[Cell, ...]
    questions: tuple[Question, ...]
    mistakes: tuple[Mistake, ...]
    check_header: str  # imports that every `check` needs

    def reference(self) -> dict[str, str]:
        """The right answer to each question, without its solution marks."""
        return {cell.question: MARKERS.sub("", cell.source) for cell in self.cells if cell.question}


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student hands in, and the points that it is worth."""

    student: str
    answers: Mapping[str, str]
    points: Mapping[str, Decimal]


def load_task(course: Path) -> Task:
    """The only assignment of a course folder, with its mistakes and its plain tests."""
    (folder,) = (course / "assignments").iterdir()
    spec = yaml.safe_load((folder / "assignment.yml").read_text())
    solution = course / "solutions" / folder.name
    cells = _read_cells(solution / "master.py")
    header, checks = _read_checks(course / "plain" / "checks.py")
    functions = {cell.question: _function(cell.source) for cell in cells if cell.question}
    questions = tuple(
        Question(entry["id"], functions[entry["id"]], Decimal(str(entry["points"])), checks[f"test_{entry['id']}"])
        for entry in spec["questions"]
    )
    mistakes = tuple(_read_mistake(path) for path in sorted((solution / "wrong").glob("*.py")))
    return Task(spec["assignment"], course, cells, questions, mistakes, header)


def make_submissions(task: Task, count: int) -> tuple[Submission, ...]:
    """The first `count` of an endless, always equal row of submissions."""
    return tuple(_submission(task, number) for number in range(1, count + 1))


def warm_up(task: Task) -> Submission:
    """One more submission, to be graded and forgotten before a clock starts."""
    return _named(task, "warm-up", {}, frozenset())


def blank_notebook(task: Task) -> Notebook:
    """The notebook that students get, in plain nbformat 4."""
    return _notebook(task, [SOLUTION.sub(r"\1raise NotImplementedError", cell.source) for cell in task.cells])


def master_notebook(task: Task) -> Notebook:
    """The notebook with its solutions between their marks."""
    return _notebook(task, [cell.source for cell in task.cells])


def fill(notebook: Notebook, task: Task, submission: Submission) -> Notebook:
    """A released notebook with the student's answers in place of the blanks."""
    filled = copy.deepcopy(notebook)
    for question in task.questions:
        answer_cell(filled, question)["source"] = submission.answers[question.id]
    return filled


def answer_cell(notebook: Notebook, question: Question) -> dict[str, Any]:
    """The code cell that defines the question's function; LookupError if there is none."""
    start = re.compile(rf"^def {question.function}\(", re.MULTILINE)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and start.search("".join(cell["source"])):
            found: dict[str, Any] = cell
            return found
    raise LookupError(f"no cell of the notebook defines {question.function}")


def _submission(task: Task, number: int) -> Submission:
    student = f"student-{number:04d}"
    if number % WRONG_EVERY:
        return _named(task, student, {}, frozenset())
    mistake = task.mistakes[number // WRONG_EVERY % len(task.mistakes)]
    return _named(task, student, mistake.answers, mistake.loses)


def _named(task: Task, student: str, changed: Mapping[str, str], lost: frozenset[str]) -> Submission:
    answers = {id_: f"# {student}\n{source}" for id_, source in {**task.reference(), **changed}.items()}
    points = {question.id: Decimal(0) if question.id in lost else question.points for question in task.questions}
    return Submission(student, answers, points)


def _notebook(task: Task, sources: list[str]) -> Notebook:
    """Cells get their place as an id, so that the same task always makes the same bytes."""
    cells = []
    for number, (cell, source) in enumerate(zip(task.cells, sources, strict=True)):
        make = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
        cells.append(make(source, id=cell.question or f"cell-{number}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook: Notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return notebook


def _read_cells(path: Path) -> tuple[Cell, ...]:
    notebook = jupytext.read(path)
    return tuple(Cell(cell.cell_type, cell.source, cell.metadata.get("question")) for cell in notebook.cells)


def _read_mistake(path: Path) -> Mistake:
    tests = path.read_text().splitlines()[0].removeprefix("# loses:").split(",")
    answers = {cell.question: cell.source for cell in _read_cells(path) if cell.question}
    return Mistake(path.stem, answers, frozenset(test.strip().removeprefix("test_") for test in tests))


def _read_checks(path: Path) -> tuple[str, dict[str, str]]:
    """What stands above the first test, and the source of each test by its name."""
    source = path.read_text()
    tests = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    header = "\n".join(source.splitlines()[: tests[0].lineno - 1]).strip() + "\n"
    return header, {node.name: ast.get_source_segment(source, node) or "" for node in tests}


def _function(source: str) -> str:
    """The name of the function that an answer cell defines."""
    (name,) = re.findall(r"^def (\w+)\(", source, re.MULTILINE)
    return str(name)
