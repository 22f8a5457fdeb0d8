"""Variants of a master: known mistakes (`wrong/`) and other right styles (`right/`).

    # loses: test_ignores_scale, test_zero_vector     first line; only in wrong/
    # %% question="cosine"
    def cosine(u, v): …                               replaces the master's answer cells of that question

The cells of a question replace the master's answer cells of it one by one. Where the variant has more, the rest joins
the last one; where it has fewer, the master's other answer cells of that question become empty. All else stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import CourseError, Problem
from autograder.notebook.cells import CellKind
from autograder.notebook.markers import find_regions
from autograder.notebook.master import Master, MasterCell, read_text
from autograder.notebook.percent import PercentCell, read_percent

_LOSES = re.compile(r"^#\s*loses\s*:(.*)$", re.IGNORECASE)
_TEST = re.compile(r"test_\w+")


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant: which tests it loses (none: a right style) and the cells that replace the master's answers."""

    path: Path
    loses: tuple[str, ...]
    cells: tuple[MasterCell, ...]

    @property
    def name(self) -> str:
        """The file's name without its ending: the mistake or the style that it shows."""
        return self.path.stem

    def questions(self) -> tuple[str, ...]:
        """The questions that it answers in its own way."""
        return tuple(dict.fromkeys(cell.question for cell in self.cells if cell.question))


def read_variant(path: Path, *, right: bool | None = None) -> Variant:
    """The variant in `path`; `right` says what it has to be (default: by its folder's name).

    CourseError carries every problem found.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = Problem(path, None, None, f"the variant cannot be read: {error.strerror}", "create it")
        raise CourseError([problem]) from error
    text = read_text(path, data)
    problems: list[Problem] = []
    loses = _read_loses(path, text, path.parent.name == "right" if right is None else right, problems)
    cells = tuple(_cells(path, read_percent(text), problems))
    if not cells and not problems:
        remedy = 'add a cell that begins with # %% question="…"'
        problems.append(Problem(path, 1, None, "the variant changes nothing", remedy))
    if problems:
        raise CourseError(problems)
    return Variant(path, loses, cells)


def apply_variant(master: Master, variant: Variant) -> Master:
    """The master with the variant's answers in place of its own. CourseError if it has no such answer."""
    answers: dict[str, list[int]] = {}
    for index, cell in enumerate(master.cells):
        if cell.is_answer and cell.question is not None:
            answers.setdefault(cell.question, []).append(index)
    problems: list[Problem] = []
    cells = list(master.cells)
    for question in variant.questions():
        own = [cell for cell in variant.cells if cell.question == question]
        if question not in answers:
            remedy = f"use one of: {', '.join(answers)}"
            problems.append(Problem(variant.path, own[0].line, question, "the master has no such question", remedy))
        elif cells[answers[question][0]].kind is not own[0].kind:
            remedy = f"make it a {cells[answers[question][0]].kind.value} cell, as in the master"
            problems.append(Problem(variant.path, own[0].line, question, "the answer is of another kind", remedy))
        else:
            places = answers[question]
            for index, (source, line) in zip(places, _laid_out(own, len(places)), strict=True):
                cells[index] = replace(cells[index], source=source, line=line)
    if problems:
        raise CourseError(problems)
    return Master(master.path, tuple(cells))


def _laid_out(cells: Sequence[MasterCell], places: int) -> Iterator[tuple[str, int]]:
    """(source, line) for each place: one by one, the rest joined to the last, the last places empty."""
    for place in range(places):
        part = cells[place:] if place == places - 1 else cells[place : place + 1]
        yield "\n\n\n".join(cell.source for cell in part), part[0].line if part else 1


def _read_loses(path: Path, text: str, right: bool, problems: list[Problem]) -> tuple[str, ...]:
    first = text.split("\n", 1)[0].rstrip("\r")
    match = _LOSES.match(first)
    if right:
        if match is not None:
            remedy = "drop the line, or move the file to wrong/"
            problems.append(Problem(path, 1, "loses", "a right variant loses nothing", remedy))
        return ()
    tests = tuple(part.strip() for part in match.group(1).split(",") if part.strip()) if match else ()
    if not tests:
        remedy = "begin the file with '# loses: test_a, test_b'"
        problems.append(Problem(path, 1, "loses", "a wrong variant does not say which tests it loses", remedy))
    for test in dict.fromkeys(tests):
        if not _TEST.fullmatch(test):
            problems.append(Problem(path, 1, "loses", f"{test!r} is no name of a test", "name test functions"))
        if tests.count(test) > 1:
            problems.append(Problem(path, 1, "loses", f"{test} is named twice", "name it once"))
    return tests


def _cells(path: Path, cells: Sequence[PercentCell], problems: list[Problem]) -> Iterator[MasterCell]:
    for cell in cells:
        question = cell.options.get("question")
        if cell.header is None:
            if any(line.strip() and not line.startswith("#") for line in cell.source.split("\n")):
                remedy = 'put it under # %% question="…"'
                problems.append(Problem(path, cell.line, None, "code before the first cell header", remedy))
            continue
        if not isinstance(question, str):
            remedy = 'write # %% question="…"'
            problems.append(Problem(path, cell.header, "question", "a cell of a variant names no question", remedy))
            continue
        if cell.kind is CellKind.RAW:
            problems.append(Problem(path, cell.header, question, "a raw cell answers nothing", "drop [raw]"))
        problems.extend(
            Problem(path, cell.line + fault.line, question, fault.message, fault.remedy)
            for fault in find_regions(cell.source)[1]
        )
        yield MasterCell(cell.kind, cell.source, cell.line, released="", question=question, is_answer=True)
