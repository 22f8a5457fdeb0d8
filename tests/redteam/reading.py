"""What anybody gets to read of a grading, and readers that tell what it says and does."""

from __future__ import annotations

import io
import re
import tempfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.cli.report_text import report_text
from autograder.gradebook import Gradebook, export_csv
from autograder.reports import class_page, executed_page, for_staff, student_page, summary_table
from autograder.reports.sanitise import json_line
from autograder.results import Grading

from .ground import Ground, Seen

NOW = datetime(2025, 2, 3, tzinfo=UTC)


def views(ground: Ground, grading: Grading) -> dict[str, str]:
    """Everything that anybody gets to read of a grading, by its name."""
    return {
        "student": student_page(grading, ground.info),
        "staff": executed_page(grading, ground.info),
        "class": class_page([grading], ground.info, generated_at=NOW),
        "table": printed(summary_table([grading.report])),
        "show": printed(report_text(for_staff(grading, ground.info), 1, "")),
        "results": json_line(grading.report.to_json()),
        "export": exported([grading]),
    }


def printed(what: Any) -> str:
    """What a command prints, on a terminal without colours."""
    console = Console(file=io.StringIO(), width=200, color_system=None, force_terminal=True, highlight=False)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def exported(gradings: list[Grading]) -> str:
    """The table of a class."""
    stream = io.StringIO(newline="")
    with (
        tempfile.TemporaryDirectory(prefix="autograder-redteam-") as folder,
        Gradebook.open(Path(folder, "book.db")) as book,
    ):
        for grading in gradings:
            book.record(grading, key="k", answers="", environment="", fingerprints={}, file_name=None)
        export_csv(stream, list(book.grades("vault")), assignments=["vault"], status=True)
    return stream.getvalue()


def grading_of(seen: Seen) -> Grading:
    """The grading behind what was seen."""
    assert seen.graded is not None
    return seen.graded.grading


OURS = (
    "html head meta title style body a div header p h1 h2 h3 main section strong span small svg rect path table thead"
    " tbody tr th td ul li dl dt dd pre code b bdi blockquote footer details summary time desc line text img br"
)


class Elements(HTMLParser):
    """What a page consists of: elements with attributes, and text by the element it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img", "link", "input", "base", "embed"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    @property
    def strange(self) -> list[str]:
        """Elements and attributes that could act, or that are not ours."""
        return [tag for tag, _ in self.found if tag not in OURS.split()] + [
            f"{tag} {name}={value}"
            for tag, attributes in self.found
            for name, value in attributes.items()
            if name.startswith("on") or name in ("srcdoc", "style", "action") or "evil" in str(value)
        ]


def screen(text: str) -> str:
    """What is left on a terminal: an end of line ends one, a return begins it anew, a sequence is gone."""
    plain = re.sub(r"\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|(?:\x1b\[|\x9b)[0-9;]*[A-Za-z]|\x9d[^\x9c]*\x9c", "\0", text)
    rows = []
    for row in plain.split("\n"):
        cells: list[str] = []
        place = 0
        for sign in row:
            if sign in "\r\b":
                place = 0 if sign == "\r" else max(place - 1, 0)
                continue
            cells[place : place + 1] = [sign]
            place += 1
        rows.append("".join(cells))
    return "\n".join(rows)


def variants(texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """One text for each variant."""
    return {name: (text,) for name, text in texts.items()}
