"""Makes of matched cells the notebook that is graded, and says in a sentence each what was done.

The order is the student's. A locked helper comes back as released, before the first answer that follows it in the
released notebook. Of several definitions of one function the last counts, as in Python, except that a definition that
is still the released stub never takes the place of a real one. Check cells stay in sight and never run.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autograder.notebook.cells import CellKind, CellRole, SubmittedCell
from autograder.notebook.matching import How, Match
from autograder.notebook.reading import RawCell
from autograder.notebook.source import (
    Outline,
    normal,
    outline_of,
    quick_definitions,
    quick_names,
    unfenced,
)
from autograder.notebook.template import Template, TemplateCell

MAX_SENTENCES = 40
_Key = tuple[int, int, int]  # (submitted index, 0 before it · 1 itself · 2 after it, place in the template)
_RECOGNISED = {
    How.TEXT: "its text",
    How.NAME: "the names that it defines",
    How.LIKENESS: "its text",
    How.POSITION: "its position",
}


class Repairer:
    """One submission under repair. `cells`, `repairs` and `flags` are ready after `run`."""

    def __init__(self, raw: Sequence[RawCell], template: Template, matches: dict[int, Match]) -> None:
        self.raw = raw
        self.template = template
        self.matches = matches
        self.found: dict[int, list[int]] = {}
        for index in sorted(matches):
            self.found.setdefault(matches[index].place, []).append(index)
        self.work: dict[_Key, SubmittedCell] = {}
        self.defined: dict[str, list[_Key]] = {}  # name that an answer is to define → the answers that do
        self.outlines: dict[str, Outline] = {}
        self.cells: tuple[SubmittedCell, ...] = ()
        self.repairs: list[str] = []
        self.flags: list[str] = []

    def run(self) -> Repairer:
        for cell in self.raw:
            self.work[(cell.index, 1, 0)] = self.settle(cell)
        self.report_recognised()
        self.drop_stubs()
        self.place_helpers()
        self.report_moves()
        self.report_missing()
        self.flag_redefinitions()
        self.cells = tuple(self.work[key] for key in sorted(self.work))
        return self

    def say(self, sentence: str) -> None:
        if len(self.repairs) < MAX_SENTENCES:
            self.repairs.append(sentence)
        elif len(self.repairs) == MAX_SENTENCES:
            self.repairs.append("More was repaired than can be listed here.")

    # ---- cell by cell

    def settle(self, cell: RawCell) -> SubmittedCell:
        """The cell with the kind, the role and the source that count."""
        match = self.matches.get(cell.index)
        if match is None:
            return SubmittedCell(cell.index, f"extra-{cell.index + 1}", cell.kind, cell.source, None, CellRole.EXTRA)
        released = self.template.cells[match.place]
        settled = SubmittedCell(cell.index, released.id, cell.kind, cell.source, released.question, released.role)
        if released.role is CellRole.ANSWER:
            return self.settle_answer(settled, released)
        if released.role in (CellRole.CHECK, CellRole.HELPER):
            if cell.kind is not released.kind or normal(cell.source) != released.text:
                what = f"check cell of ‘{released.question}’" if released.role is CellRole.CHECK else "locked cell"
                self.say(f"Cell {cell.index + 1}: the {what} had been changed; it was put back as released.")
            return replace(settled, kind=released.kind, source=released.source)
        if released.role is CellRole.TEXT and cell.kind is CellKind.CODE and normal(cell.source) != released.text:
            return replace(settled, role=CellRole.EXTRA)  # prose that was overwritten with code
        return settled

    def settle_answer(self, cell: SubmittedCell, released: TemplateCell) -> SubmittedCell:
        if cell.kind is released.kind:
            return cell
        number = (cell.index or 0) + 1
        if released.kind is CellKind.CODE:
            self.say(
                f"Cell {number}: the answer to ‘{released.question}’ had become a {cell.kind.value} cell; "
                "it was run as code."
            )
            source = unfenced(cell.source) if cell.kind is CellKind.MARKDOWN else cell.source
            return replace(cell, kind=CellKind.CODE, source=source)
        if cell.kind is CellKind.CODE:  # between Markdown and raw nothing is lost
            self.say(f"Cell {number}: the answer to ‘{released.question}’ had become a code cell; it was read as text.")
        return replace(cell, kind=released.kind)

    def report_recognised(self) -> None:
        """Says which cells were found without their ids: one by one if few, in one sentence if it was all of them."""
        lost = [
            index
            for index, match in self.matches.items()
            if match.how not in (How.ID, How.OWN_CELL) and self.template.cells[match.place].role is CellRole.ANSWER
        ]
        by_id = any(match.how is How.ID for match in self.matches.values())
        sure = [index for index in lost if self.matches[index].how is not How.POSITION]
        if sure and not by_id:
            self.say(
                "The notebook had lost its cell ids (Colab, VS Code and conversions do that); "
                "the answers were found by the names that they define and by their text."
            )
        for index in sorted(lost):
            match = self.matches[index]
            if by_id or match.how is How.POSITION:
                question = self.template.cells[match.place].question
                self.say(f"Cell {index + 1} was recognised by {_RECOGNISED[match.how]} as an answer to ‘{question}’.")
        for index, match in sorted(self.matches.items()):
            if match.how is How.OWN_CELL:
                question = self.template.cells[match.place].question
                self.say(f"Cell {index + 1}, which you added, counts as an answer to ‘{question}’.")

    # ---- several cells for one answer

    def answers(self) -> list[tuple[_Key, SubmittedCell]]:
        """The code cells that answer, in the student's order."""
        return [
            (key, cell)
            for key, cell in sorted(self.work.items())
            if cell.role is CellRole.ANSWER and cell.kind is CellKind.CODE
        ]

    def drop_stubs(self) -> None:
        """Keeps unedited stubs from redefining what the student did answer, and reports doubled answers."""
        answers = self.answers()
        for key, cell in answers:
            for name in quick_names(cell.source) & self.template.owners.keys():
                self.defined.setdefault(name, []).append(key)
        for name in sorted(self.defined, key=lambda name: (self.template.owners[name], name)):
            if len(self.defined[name]) > 1:
                self.settle_name(name, self.defined[name])
        unnamed: dict[str, list[_Key]] = {}
        for key, cell in answers:
            if not self.template.cells[self.template.position[cell.id]].names & self.template.owners.keys():
                unnamed.setdefault(cell.id, []).append(key)
        for name, keys in unnamed.items():
            released = self.template.cells[self.template.position[name]]
            real = [key for key in keys if normal(self.work[key].source) not in ("", released.text)]
            if len(keys) > 1 and real:
                self.skip([key for key in keys if key not in real], str(released.question), real)
                self.say_doubled(real, str(released.question))

    def settle_name(self, name: str, keys: list[_Key]) -> None:
        """Of several definitions of `name` only those that are no stub remain."""
        released = self.template.cells[self.template.owners[name]]
        stub = self.outline(released.source).definitions.get(name)
        real: list[_Key] = []
        whole: list[_Key] = []
        parts: list[tuple[_Key, int, int]] = []
        for key in keys:
            source = self.work[key].source
            if normal(source) == released.text:
                whole.append(key)
                continue
            outline = self.outline(source)
            own = outline.definitions.get(name)
            if own is not None and stub is not None and own.text == stub.text:
                parts.append((key, own.first, own.last))
            elif name in outline.bound:
                real.append(key)
        if not real:
            return
        for key, first, last in parts:
            lines = self.work[key].source.split("\n")
            lines[first - 1 : last] = [""] * (last - first + 1)  # line numbers stay those that the student sees
            self.work[key] = replace(self.work[key], source="\n".join(lines))
            self.say(f"Cell {key[0] + 1}: the unedited stub of ‘{name}’ was left out; the answer elsewhere counts.")
        others = released.names - {name}
        if all(self.defined_elsewhere(other, whole) for other in others):
            self.skip(whole, str(released.question), real)
        self.say_doubled(real, str(released.question))

    def defined_elsewhere(self, name: str, cells: Sequence[_Key]) -> bool:
        return any(key not in cells for key in self.defined.get(name, ()))

    def outline(self, source: str) -> Outline:
        if source not in self.outlines:
            self.outlines[source] = outline_of(source)
        return self.outlines[source]

    def skip(self, keys: Iterable[_Key], question: str, real: list[_Key]) -> None:
        for key in keys:
            if self.work[key].role is CellRole.ANSWER:
                self.work[key] = replace(self.work[key], role=CellRole.SKIPPED)
                self.say(
                    f"Cell {key[0] + 1}: an unedited stub of ‘{question}’ was not run; "
                    f"the answer in cell {real[-1][0] + 1} counts."
                )

    def say_doubled(self, real: list[_Key], question: str) -> None:
        if len(real) > 1:
            numbers = _listed(str(key[0] + 1) for key in real)
            count = {2: "two", 3: "three"}.get(len(real), str(len(real)))
            sentence = f"Cells {numbers}: {count} copies of the answer to ‘{question}’ were found; the last one counts."
            if sentence not in self.repairs:
                self.say(sentence)

    # ---- order

    def place_helpers(self) -> None:
        """Puts every locked helper where it helps: present, in order, before the first answer that follows it."""
        floor: _Key = (-1, 0, 0)
        for place, released in enumerate(self.template.cells):
            if released.role is not CellRole.HELPER:
                continue
            own = self.found.get(place)
            after = [
                index
                for index, match in self.matches.items()
                if match.place > place and self.template.cells[match.place].role is CellRole.ANSWER
            ]
            ceiling: _Key = (min(after), 0, place) if after else (len(self.raw), 0, place)
            wanted: _Key = (own[0], 1, 0) if own else min(self.behind_neighbour(place), ceiling)
            key = min(wanted, ceiling)
            if key < floor:
                key = (floor[0], floor[1] if floor[1] != 1 else 2, place)
            floor = key
            if own and key != wanted:
                self.work[key] = self.work.pop(wanted)
                self.say(
                    f"Cell {own[0] + 1}: a locked cell had been moved; it was run before the answers that need it."
                )
            elif not own:
                self.work[key] = SubmittedCell(None, released.id, released.kind, released.source, None, CellRole.HELPER)
                self.say(f"A locked cell{_naming(released)} was missing; it was put back.")

    def behind_neighbour(self, place: int) -> _Key:
        before = max((found for found in self.found if found < place), default=None)
        return (-1, 2, place) if before is None else (max(self.found[before]), 2, place)

    def report_moves(self) -> None:
        """Names the answers that stand in another order than released; they run in the student's order."""
        order = [
            (index, match.place)
            for index, match in sorted(self.matches.items())
            if self.template.cells[match.place].role is CellRole.ANSWER
            and match.how is not How.OWN_CELL
            and self.found[match.place][0] == index
        ]
        kept = _longest_rise([place for _, place in order])
        for position, (index, place) in enumerate(order):
            if position not in kept:
                question = self.template.cells[place].question
                self.say(f"Cell {index + 1}: the answer to ‘{question}’ had been moved; it was run where it stands.")

    # ---- what is not there

    def report_missing(self) -> None:
        answered = {cell.question for cell in self.work.values() if cell.role is CellRole.ANSWER}
        for question, places in self.template.answers.items():
            missing = [place for place in places if place not in self.found]
            if not missing:
                continue
            if question not in answered:
                self.say(f"The answer cell of ‘{question}’ is missing; the question counts as not answered.")
            elif not all(self.names_found(place) for place in missing):
                self.say(f"One of the answer cells of ‘{question}’ is missing.")

    def names_found(self, place: int) -> bool:
        names = self.template.cells[place].names
        return bool(names) and all(self.defined_elsewhere(name, ()) for name in names)

    def flag_redefinitions(self) -> None:
        """Names that locked cells define and that the student defines anew: tests may meet the student's."""
        provided = frozenset(
            name
            for cell in self.template.cells
            if cell.role is CellRole.HELPER
            for name in quick_definitions(cell.source)
        )
        if not provided:
            return
        for key in sorted(self.work):
            cell = self.work[key]
            if cell.runs and cell.role is not CellRole.HELPER:
                for name in sorted(quick_definitions(cell.source) & provided):
                    if len(self.flags) < MAX_SENTENCES:
                        self.flags.append(f"Cell {key[0] + 1} redefines ‘{name}’, which a locked cell provides.")


def _naming(released: TemplateCell) -> str:
    return f" (‘{min(released.names)}’)" if released.names else ""


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _longest_rise(values: Sequence[int]) -> frozenset[int]:
    """Positions of a longest strictly rising subsequence: what stayed in order when the rest was moved."""
    tails: list[int] = []
    positions: list[int] = []
    previous: list[int] = []
    for position, value in enumerate(values):
        rank = bisect.bisect_left(tails, value)
        previous.append(positions[rank - 1] if rank else -1)
        tails[rank : rank + 1] = [value]
        positions[rank : rank + 1] = [position]
    chosen: set[int] = set()
    position = positions[-1] if positions else -1
    while position >= 0:
        chosen.add(position)
        position = previous[position]
    return frozenset(chosen)
