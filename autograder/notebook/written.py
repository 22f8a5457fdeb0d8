"""Collects the written answers, also where a student wrote beside the cell that was meant for it.

An answer is what stands in its own cell and in the student's own prose right below it. If both are blank, it is what
was added to the question's text just above. A cell that still holds the released stub is blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.notebook.cells import CellKind, CellRole, SubmittedCell
from autograder.notebook.source import normal
from autograder.notebook.template import Template


@dataclass(frozen=True, slots=True)
class Written:
    """The written answers by question ("" is blank), the cells with their final roles, and what was repaired."""

    answers: dict[str, str]
    cells: tuple[SubmittedCell, ...]
    repairs: tuple[str, ...]


def collect_written(cells: Sequence[SubmittedCell], template: Template) -> Written:
    """The written answers of a notebook whose cells were matched."""
    repairs: list[str] = []
    cells = _continued(cells, template, repairs)
    answers: dict[str, str] = {}
    for question, places in template.answers.items():
        if template.is_written(question):
            stubs = {template.cells[place].text for place in places}
            answers[question] = _own_text(cells, question, stubs, repairs)
            if not answers[question]:
                answers[question] = _text_above(cells, template, question, repairs)
    return Written(answers, tuple(cells), tuple(repairs))


def _continued(cells: Sequence[SubmittedCell], template: Template, repairs: list[str]) -> list[SubmittedCell]:
    """Gives the student's own prose below a written answer to that answer."""
    continued: list[SubmittedCell] = []
    above: SubmittedCell | None = None
    for cell in cells:
        if cell.role is CellRole.EXTRA and cell.kind is not CellKind.CODE:
            if above is not None and cell.source.strip():
                cell = replace(cell, role=CellRole.ANSWER, question=above.question)
                repairs.append(f"Cell {_number(cell)} was added to the answer to ‘{cell.question}’ above it.")
        else:
            is_written = cell.role is CellRole.ANSWER and cell.question and template.is_written(cell.question)
            above = cell if is_written else None
        continued.append(cell)
    return continued


def _own_text(cells: Sequence[SubmittedCell], question: str, stubs: set[str], repairs: list[str]) -> str:
    texts: dict[str, None] = {}
    copies: dict[str, list[str]] = {}
    for cell in cells:
        text = cell.source.strip()
        if cell.role is not CellRole.ANSWER or cell.question != question or not text or text in texts:
            continue
        if normal(text) not in stubs:
            texts[text] = None
            copies.setdefault(cell.id, []).append(_number(cell))
    repairs.extend(
        f"Cells {', '.join(numbers)}: several copies of the written answer to ‘{question}’ were found; all were kept."
        for numbers in copies.values()
        if len(numbers) > 1
    )
    return "\n\n".join(texts)


def _text_above(cells: Sequence[SubmittedCell], template: Template, question: str, repairs: list[str]) -> str:
    """What the student added to the prose that stands right above the answer cell."""
    place = template.answers[question][0] - 1
    if place < 0 or template.cells[place].role is not CellRole.TEXT:
        return ""
    released = template.cells[place]
    known = set(released.text.split("\n"))
    for cell in cells:
        if cell.id == released.id and cell.kind is not CellKind.CODE:
            added = [line for line in cell.source.split("\n") if line.rstrip() not in known]
            text = "\n".join(added).strip()
            if text:
                repairs.append(f"Cell {_number(cell)}: the answer to ‘{question}’ stood in the question's own cell.")
            return text
    return ""


def _number(cell: SubmittedCell) -> str:
    return "?" if cell.index is None else str(cell.index + 1)
