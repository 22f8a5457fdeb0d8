"""Which released cell each submitted cell is. Pure: claims in, matches out; ids are claims, the text is evidence.

    1  by id         the cell's own, nbgrader's grade id (copies keep it) or Colab's; the copies of an answer share it
    2  by text       word for word as released; also a second, unedited copy of a stub
    3  by name       it defines what the stub defines, or it is the check of that question
    4  by likeness   most of its lines are those of a released cell that is still missing
    5  by position   it stands where a missing answer has to stand, between neighbours that were found

A locked or plain cell has one match; whatever else claims its id is the student's own cell, so that work which grew out
of a copy is not lost. An answer may have several. Each step looks only at cells that are still free, and likeness is
bounded in number, so that 2,000 hostile cells cost no more than a second.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from autograder.notebook.cells import CellKind, CellRole
from autograder.notebook.reading import RawCell
from autograder.notebook.source import bound_names, normal, quick_definitions, quick_names, unfenced
from autograder.notebook.template import Template, TemplateCell

MAX_COMPARISONS = 4_000
LIKENESS = 0.6
_COMPARED_LINES = 24


class How(StrEnum):
    """By what a cell was recognised."""

    ID = "id"
    TEXT = "text"
    NAME = "name"
    LIKENESS = "likeness"
    POSITION = "position"
    OWN_CELL = "own cell"  # the student answered in a cell of their own


@dataclass(frozen=True, slots=True)
class Match:
    """The released cell (its place in the template) that a submitted cell is, and how that was seen."""

    place: int
    how: How


def match_cells(cells: Sequence[RawCell], template: Template) -> dict[int, Match]:
    """Index of a submitted cell → its match. Cells that are the student's own are not in it."""
    return _Matcher(cells, template).run()


class _Matcher:
    """The state of one matching: what is matched so far, from both sides."""

    def __init__(self, cells: Sequence[RawCell], template: Template) -> None:
        self.cells = cells
        self.template = template
        self.matches: dict[int, Match] = {}
        self.found: dict[int, list[int]] = {}  # place in the template → submitted cells
        self.text = [normal(cell.source) for cell in cells]

    def run(self) -> dict[int, Match]:
        self.by_id()
        if self.free():
            self.by_text()
            self.by_name()
            self.by_likeness()
            self.by_position()
            self.own_cells()
        return self.matches

    def free(self) -> list[RawCell]:
        return [cell for cell in self.cells if cell.index not in self.matches]

    def missing(self) -> list[tuple[int, TemplateCell]]:
        return [(place, cell) for place, cell in enumerate(self.template.cells) if place not in self.found]

    def take(self, index: int, place: int, how: How) -> None:
        self.matches[index] = Match(place, how)
        self.found.setdefault(place, []).append(index)

    def by_id(self) -> None:
        claims: dict[int, list[int]] = {}
        for cell in self.cells:
            place = next((self.template.position[name] for name in cell.ids if name in self.template.position), None)
            if place is not None:
                claims.setdefault(place, []).append(cell.index)
        for place, indices in claims.items():
            for index in self.believed(self.template.cells[place], indices):
                self.take(index, place, How.ID)

    def believed(self, released: TemplateCell, indices: list[int]) -> Iterable[int]:
        """Which of the cells with the id of a released cell are taken for it."""
        if released.role is CellRole.ANSWER:
            return [index for index in indices if not self.answers_elsewhere(index, released)]
        if released.role is CellRole.CHECK:
            return [index for index in indices if not self.answers_elsewhere(index, released)]
        same = [index for index in indices if self.text[index] == released.text]
        own = [index for index in indices if self.cells[index].ids[0] == released.id]
        best = (same or own or indices)[0]
        return [] if released.kind is CellKind.CODE and self.answers_elsewhere(best, released) else [best]

    def answers_elsewhere(self, index: int, released: TemplateCell) -> bool:
        """Whether a cell in truth answers another question: it defines only names of that one."""
        if self.text[index] == released.text:
            return False
        names = quick_definitions(self.cells[index].source)
        if not names or names & released.names:
            return False
        owners = {
            self.template.cells[self.template.owners[name]].question for name in names & self.template.owners.keys()
        }
        if released.role is CellRole.ANSWER:
            return bool(owners) and released.question not in owners
        return bool(owners)

    def by_text(self) -> None:
        places: dict[str, list[int]] = {}
        stubs: dict[str, int] = {}
        for place, released in enumerate(self.template.cells):
            if released.text and place not in self.found:
                places.setdefault(released.text, []).append(place)
            if released.role is CellRole.ANSWER and released.kind is CellKind.CODE and released.text:
                stubs[released.text] = place
        for cell in self.free():
            text = self.text[cell.index]
            if places.get(text):
                self.take(cell.index, places[text].pop(0), How.TEXT)
            elif text in stubs:
                self.take(cell.index, stubs[text], How.TEXT)

    def by_name(self) -> None:
        missing = self.missing()
        if not missing:
            return
        names = {cell.index: self.names(cell) for cell in self.free()}
        for place, released in missing:
            if released.role is CellRole.CHECK:
                pattern = re.compile(
                    rf"^[ \t]*check\([ \t]*['\"]{re.escape(str(released.question))}['\"]", re.MULTILINE
                )
                found = [index for index in names if pattern.search(self.cells[index].source)]
                # `check` beside an answer is the answer's cell, not the check's
                found = [index for index in found if not names[index] & self.template.owners.keys()]
            elif released.kind is CellKind.CODE and released.names and released.role is not CellRole.GIVEN:
                found = [index for index in names if names[index] & released.names]
                code = [index for index in found if self.cells[index].kind is CellKind.CODE]
                found = code or found
                found = found if released.role is CellRole.ANSWER else found[:1]
            else:
                continue
            for index in found:
                self.take(index, place, How.NAME)
                del names[index]

    def names(self, cell: RawCell) -> frozenset[str]:
        return quick_names(cell.source if cell.kind is CellKind.CODE else unfenced(cell.source))

    def by_likeness(self) -> None:
        comparisons = 0
        lines: dict[int, list[str]] = {}
        for place, released in self.missing():
            wanted = released.text.split("\n")[:_COMPARED_LINES]
            best, score = -1, LIKENESS
            for cell in self.free():
                if cell.kind is not released.kind or not self.text[cell.index] or not released.text:
                    continue
                comparisons += 1
                if comparisons > MAX_COMPARISONS:
                    return
                if cell.index not in lines:
                    lines[cell.index] = self.text[cell.index].split("\n", _COMPARED_LINES)[:_COMPARED_LINES]
                matcher = difflib.SequenceMatcher(None, lines[cell.index], wanted, autojunk=False)
                if matcher.real_quick_ratio() >= score and matcher.quick_ratio() >= score:
                    ratio = matcher.ratio()
                    if ratio > score or (ratio == score and best < 0):
                        best, score = cell.index, ratio
            if best >= 0:
                self.take(best, place, How.LIKENESS)

    def by_position(self) -> None:
        for place, released in self.missing():
            if released.role is not CellRole.ANSWER:
                continue
            before = max((found for found in self.found if found < place), default=None)
            after = min((found for found in self.found if found > place), default=None)
            first = -1 if before is None else max(self.found[before])
            last = len(self.cells) if after is None else min(self.found[after])
            for index in range(first + 1, last):
                cell = self.cells[index]
                if index not in self.matches and self.text[index] and self.may_be(cell, released):
                    self.take(index, place, How.POSITION)
                    break

    def may_be(self, cell: RawCell, released: TemplateCell) -> bool:
        if (cell.kind is CellKind.CODE) is not (released.kind is CellKind.CODE):
            return False
        return not quick_definitions(cell.source) & self.template.owners.keys()

    def own_cells(self) -> None:
        """Cells of the student's own that define what an answer is to define belong to that answer."""
        owners = self.template.owners
        for cell in self.free():
            if cell.kind is CellKind.CODE and quick_names(cell.source) & owners.keys():
                places = [owners[name] for name in bound_names(cell.source) if name in owners]
                if places:
                    self.take(cell.index, min(places), How.OWN_CELL)
