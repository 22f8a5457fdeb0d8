"""Intake: the bytes that a student handed in → the cells to run and the answers to read, repaired and reported.

    reading (caps, formats) → matching (which cell is which) → does it belong here? → repair → Intake

The released notebook decides what a cell is and what it counts; the student's metadata is a hint for matching and
nothing else. Nothing is executed. This module imports nothing heavy: it runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.errors import SubmissionRejected
from autograder.notebook.cells import CellKind, CellRole, SubmittedCell, shown
from autograder.notebook.matching import How, Match, match_cells
from autograder.notebook.reading import MAX_BYTES, RawCell, RawNotebook, read_notebook
from autograder.notebook.repair import MAX_SENTENCES, Repairer
from autograder.notebook.source import quick_names
from autograder.notebook.template import Template
from autograder.notebook.written import collect_written

_TELLING_TEXT = 40  # characters of released prose that no other notebook has by chance


@dataclass(frozen=True, slots=True)
class Intake:
    """A submission that can be graded. `repairs` are sentences for the student, `flags` for student and staff."""

    cells: tuple[SubmittedCell, ...]  # in the order in which they run
    repairs: tuple[str, ...]
    flags: tuple[str, ...]
    answers: Mapping[str, str]  # code question → source of its cells; "" if there are none
    written: Mapping[str, str]  # written question → the answer as typed; "" if it was left blank

    @property
    def digest(self) -> str:
        """SHA-256 over all that can change a verdict: the code that runs, in order, and the written answers."""
        content = [[cell.source for cell in self.cells if cell.runs], sorted(self.written.items())]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {
            "cells": [cell.to_json() for cell in self.cells],
            "repairs": list(self.repairs),
            "flags": list(self.flags),
            "answers": dict(self.answers),
            "written": dict(self.written),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Intake:
        return cls(
            cells=tuple(SubmittedCell.from_json(cell) for cell in data["cells"]),
            repairs=tuple(str(sentence) for sentence in data["repairs"]),
            flags=tuple(str(sentence) for sentence in data["flags"]),
            answers={str(question): str(source) for question, source in data["answers"].items()},
            written={str(question): str(text) for question, text in data["written"].items()},
        )


def read_submission(data: bytes, file_name: str, template: Template, *, max_bytes: int = MAX_BYTES) -> Intake:
    """The submission in `data`, held against what was released. SubmissionRejected if it cannot be graded."""
    notebook = read_notebook(data, file_name, max_bytes=max_bytes)
    matches = match_cells(notebook.cells, template)
    notes = list(notebook.notes)
    notes += _check_belongs(notebook, template, matches)
    repaired = Repairer(notebook.cells, template, matches).run()
    written = collect_written(repaired.cells, template)
    return Intake(
        cells=written.cells,
        repairs=(*notes, *repaired.repairs, *written.repairs[:MAX_SENTENCES]),
        flags=tuple(repaired.flags),
        answers=_answers(written.cells, template),
        written=written.answers,
    )


def _answers(cells: Sequence[SubmittedCell], template: Template) -> dict[str, str]:
    sources: dict[str, list[str]] = {name: [] for name in template.answers if not template.is_written(name)}
    for cell in cells:
        if cell.role is CellRole.ANSWER and cell.question in sources and cell.source.strip():
            sources[cell.question].append(cell.source)
    return {question: "\n\n\n".join(parts) for question, parts in sources.items()}


# ---- does it belong here?


def _check_belongs(notebook: RawNotebook, template: Template, matches: Mapping[int, Match]) -> list[str]:
    """Rejects the notebook of another assignment; a sentence if only its metadata say so."""
    right = f"submit ‘{shown(template.notebook)}’ of ‘{shown(template.assignment)}’"
    claim = notebook.metadata.get("autograder")
    if isinstance(claim, dict) and isinstance(claim.get("assignment"), str):
        other = claim["assignment"] != template.assignment
        part = claim.get("notebook", template.notebook)
        if not other and (part == template.notebook or not isinstance(part, str)):
            return []
        name = shown(claim["assignment"] if other else part)
        what = f"the assignment ‘{name}’" if other else f"another notebook, ‘{name}’"
        if not _clearly_answers(notebook.cells, template, matches):
            raise SubmissionRejected(f"This is the notebook of {what}. Please {right}.")
        return [f"The notebook says that it belongs to {what}; its answers belong here, so it was graded."]
    if not any(cell.source.strip() for cell in notebook.cells):
        raise SubmissionRejected(f"The notebook is empty. Please {right}.")
    if not any(_tells(match, template) for match in matches.values()):
        raise SubmissionRejected(
            f"No cell of this notebook belongs to ‘{shown(template.assignment)}’: it is another file. Please {right}."
        )
    return []


def _tells(match: Match, template: Template) -> bool:
    """Whether this match could hardly be chance."""
    released = template.cells[match.place]
    if match.how is How.POSITION or released.role is CellRole.GIVEN:
        return False
    return released.role is not CellRole.TEXT or len(released.text) >= _TELLING_TEXT


def _clearly_answers(cells: Sequence[RawCell], template: Template, matches: Mapping[int, Match]) -> bool:
    """Whether at least half of the answer cells are there by what is written in them, ids aside."""
    wanted = {
        place
        for places in template.answers.values()
        for place in places
        if template.cells[place].kind is CellKind.CODE and template.cells[place].names
    }
    seen = {
        match.place
        for index, match in matches.items()
        if match.place in wanted and quick_names(cells[index].source) & template.cells[match.place].names
    }
    return bool(wanted) and 2 * len(seen) >= len(wanted)
