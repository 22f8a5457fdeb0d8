"""What was released: the shape of a student notebook, against which submissions are held. It holds no solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.errors import CourseError, Problem
from autograder.notebook.cells import CellKind, CellRole
from autograder.notebook.source import bound_names, definitions, normal


@dataclass(frozen=True, slots=True)
class TemplateCell:
    """One released cell. `names` are the functions and classes that its stub defines, or else the variables."""

    id: str
    kind: CellKind
    role: CellRole
    question: str | None
    source: str
    names: frozenset[str]
    text: str  # the source in normal form

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "kind": self.kind, "role": self.role, "question": self.question, "source": self.source}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TemplateCell:
        source = str(data["source"])
        kind = CellKind(data["kind"])
        names = (definitions(source) or bound_names(source)) if kind is CellKind.CODE else frozenset[str]()
        question = None if data["question"] is None else str(data["question"])
        return cls(str(data["id"]), kind, CellRole(data["role"]), question, source, names, normal(source))


@dataclass(frozen=True)
class Template:
    """The released notebook of one assignment."""

    assignment: str
    notebook: str  # file name
    cells: tuple[TemplateCell, ...]

    @classmethod
    def from_notebook(cls, notebook: Mapping[str, Any]) -> Template:
        """The template of a student notebook made by `student_notebook`. CourseError if it was not."""
        try:
            own = notebook["metadata"]["autograder"]
            return cls(own["assignment"], own["notebook"], tuple(_cell(cell) for cell in notebook["cells"]))
        except (KeyError, TypeError, ValueError) as error:
            message = f"this is no released notebook: {type(error).__name__} {error}"
            problem = Problem("student notebook", None, None, message, "generate it again: autograder release ID")
            raise CourseError([problem]) from error

    def to_json(self) -> dict[str, Any]:
        return {
            "assignment": self.assignment,
            "notebook": self.notebook,
            "cells": [cell.to_json() for cell in self.cells],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Template:
        cells = tuple(TemplateCell.from_json(cell) for cell in data["cells"])
        return cls(str(data["assignment"]), str(data["notebook"]), cells)

    @cached_property
    def position(self) -> dict[str, int]:
        """Cell id → place in the notebook."""
        return {cell.id: index for index, cell in enumerate(self.cells)}

    @cached_property
    def answers(self) -> dict[str, tuple[int, ...]]:
        """Question → the places of its answer cells."""
        found: dict[str, tuple[int, ...]] = {}
        for index, cell in enumerate(self.cells):
            if cell.role is CellRole.ANSWER and cell.question is not None:
                found[cell.question] = (*found.get(cell.question, ()), index)
        return found

    @cached_property
    def owners(self) -> dict[str, int]:
        """Name of a function or class → the answer cell that is to define it; the last one where several do."""
        return {
            name: index
            for places in self.answers.values()
            for index in places
            for name in definitions(self.cells[index].source)
            if self.cells[index].kind is CellKind.CODE
        }

    def is_written(self, question: str) -> bool:
        """Whether the question is answered in prose."""
        return all(self.cells[index].kind is not CellKind.CODE for index in self.answers[question])


def _cell(cell: Mapping[str, Any]) -> TemplateCell:
    own = cell["metadata"]["autograder"]
    source = cell["source"]
    return TemplateCell.from_json(
        {
            "id": cell["id"],
            "kind": cell["cell_type"],
            "role": own["role"],
            "question": own.get("question"),
            "source": source if isinstance(source, str) else "".join(source),
        }
    )
