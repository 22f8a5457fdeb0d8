"""The page of one submission for staff: all verdicts with what the tests saw, and the notebook as it ran.

A notebook's outputs are the student's bytes. Text is quoted as text, HTML, SVG, Markdown and LaTeX are quoted as their
source, PNG pictures are rebuilt (`images`), everything else is named and left out. The JSON is not trusted to have the
shape that nbformat promises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.reports.images import Picture, picture
from autograder.reports.info import AssignmentInfo
from autograder.reports.redact import for_staff
from autograder.reports.rendering import render
from autograder.reports.sanitise import block, line
from autograder.results import Grading

CELLS = 400
OUTPUTS = 40
SOURCE_LIMIT = 20_000
OUTPUT_LIMIT = 8_000
OUTPUT_LINES = 200
PICTURES = 30
PIXELS = 64 * 10**6  # of all pictures of a page: a few kilobytes each can unfold to gigabytes in a browser


@dataclass(frozen=True, slots=True)
class OutputView:
    """One output: a `picture`, or `text` under a `label`."""

    label: str
    text: str = ""
    picture: Picture | None = None
    error: bool = False


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell, counted from 1."""

    number: int
    kind: str
    source: str
    outputs: tuple[OutputView, ...]
    more: int  # outputs left out


@dataclass(frozen=True, slots=True)
class NotebookView:
    """One executed notebook."""

    name: str
    cells: tuple[CellView, ...]
    more: int  # cells left out


@dataclass(slots=True)
class _Budget:
    """What pictures a page may still show."""

    pictures: int = PICTURES
    pixels: int = PIXELS

    def take(self, encoded: str) -> Picture | None:
        """The picture, if it is one and fits."""
        if not self.pictures:
            return None
        self.pictures -= 1
        image = picture(encoded)
        if image is None or image.width * image.height > self.pixels:
            return None
        self.pixels -= image.width * image.height
        return image


def executed_page(grading: Grading, assignment: AssignmentInfo) -> str:
    """One submission with everything that staff may see, as a page that stands alone."""
    view = for_staff(grading, assignment)
    budget = _Budget()
    notebooks = [_notebook(name, content, budget) for name, content in view.executed.items()]
    return render("executed.html", staff=view, view=view.public, notebooks=notebooks)


def _notebook(name: str, content: object, budget: _Budget) -> NotebookView:
    cells = _list(_get(content, "cells"))
    shown = tuple(_cell(number, cell, budget) for number, cell in enumerate(cells[:CELLS], start=1))
    return NotebookView(line(name), shown, len(cells) - len(shown))


def _cell(number: int, cell: object, budget: _Budget) -> CellView:
    outputs = _list(_get(cell, "outputs"))
    return CellView(
        number=number,
        kind=line(_text(_get(cell, "cell_type")), 20),
        source=block(_text(_get(cell, "source")), SOURCE_LIMIT),
        outputs=tuple(view for output in outputs[:OUTPUTS] for view in _output(output, budget)),
        more=max(len(outputs) - OUTPUTS, 0),
    )


def _output(output: object, budget: _Budget) -> Iterable[OutputView]:
    kind = _get(output, "output_type")
    if kind == "stream":
        return [OutputView(line(_text(_get(output, "name")), 20) or "stream", _quoted(_get(output, "text")))]
    if kind == "error":
        traceback = "\n".join(_text(row) for row in _list(_get(output, "traceback"))[:200])
        name, value = _text(_get(output, "ename")), _text(_get(output, "evalue"))
        return [OutputView("error", _quoted(traceback or f"{name}: {value}"), error=True)]
    return _data(_get(output, "data"), budget)


def _data(data: object, budget: _Budget) -> list[OutputView]:
    """What a rich output shows: its picture if it has one, else its plain text, else its source."""
    if not isinstance(data, Mapping):
        return []
    if "image/png" in data:
        image = budget.take(_text(data["image/png"]))
        return [OutputView("picture", "" if image else "[a picture that cannot be shown]", image)]
    if "text/plain" in data:
        others = [line(str(kind), 60) for kind in list(data)[:8] if kind != "text/plain"]
        label = f"value (not shown: {', '.join(others)})" if others else "value"
        return [OutputView(label, _quoted(data["text/plain"]))]
    return [
        OutputView(f"{line(str(kind), 60)}, as source", _quoted(content)) for kind, content in list(data.items())[:4]
    ]


def _quoted(content: object) -> str:
    return block(_text(content), OUTPUT_LIMIT, OUTPUT_LINES)


def _get(holder: object, key: str) -> object:
    return holder.get(key) if isinstance(holder, Mapping) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Notebook text, which is a string or a list of strings; nothing else is text."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
