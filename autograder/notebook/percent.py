"""Reads Jupytext's percent format, with the line on which each cell stands.

    # ---                                   a YAML header between two such lines is skipped, and so is a coding line
    # %% question="cosine" tags=["x"]       a code cell: title, then [kind], then key=value (JSON values)
    # %% [markdown] question="design"       a Markdown cell: commented lines, or one triple-quoted string
    # %% {"question": "cosine"}             all keys as one JSON object

Jupytext itself costs half a second to import and gives no line numbers; a test holds the two readers together. One
difference is deliberate: Jupytext takes any comment that ends in a question mark for IPython's help and uncomments it.
A header inside a triple-quoted string is taken for a header.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from autograder.notebook.cells import CellKind

_HEADER = re.compile(r"^#[ \t]*%%(%*)(?:[ \t]+(.*))?$")
_ANY_HEADER = re.compile(r"^#[ \t]*%%+(?=\s|\Z)", re.MULTILINE)
_LONGEST_HEADER = 4_000  # a reader of key=value that meets errors takes quadratic time
_KIND = re.compile(r"\[(markdown|md|raw|code)\]", re.IGNORECASE)
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z_][\w.\-]*)=")
_BARE = re.compile(r"\S+")
_COMMENT = re.compile(r"^#(?: |$)?")
_QUOTED = re.compile(r"""\A[rR]?(\"\"\"|''')(.*)\1\s*\Z""", re.DOTALL)
_MAGIC = re.compile(r"^([ \t]*)#[ \t]?(%{1,2}[A-Za-z]|![ \t]*[A-Za-z.~$\\/{])", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\s*# ---[ \t]*\n(?:#[^\n]*\n)*?# ---[ \t]*(?:\n|\Z)")
_ENCODING = re.compile(r"#.*?coding[:=][ \t]*[-\w.]+")
_KINDS = {"markdown": CellKind.MARKDOWN, "md": CellKind.MARKDOWN, "raw": CellKind.RAW, "code": CellKind.CODE}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}


@dataclass(frozen=True, slots=True)
class PercentCell:
    """One cell of a percent file. `line` is the 1-based line of the first line of `source`."""

    kind: CellKind
    source: str
    line: int
    header: int | None  # the header's 1-based line; None for what stands before the first header
    options: dict[str, Any] = field(default_factory=dict)
    bad_options: tuple[str, ...] = ()  # keys whose value could not be read


def count_headers(text: str) -> int:
    """How many cell headers the text has, line ends of any kind."""
    return len(_ANY_HEADER.findall(text))


def read_percent(text: str) -> tuple[PercentCell, ...]:
    """All cells in order. What stands before the first header is a code cell too, if it is not blank."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    lines = text.split("\n")
    skipped = front.group().count("\n") if front else sum(_ENCODING.match(line) is not None for line in lines[:1])
    headers = [number for number in range(skipped, len(lines)) if _HEADER.match(lines[number])]
    cells: list[PercentCell] = []
    before = headers[0] if headers else len(lines)
    if any(line.strip() for line in lines[skipped:before]):
        cells.append(_cell(lines[skipped:before], skipped + 1, None, ""))
    for start, end in pairwise([*headers, len(lines)]):
        match = _HEADER.match(lines[start])
        assert match is not None  # it was found by the same pattern
        cells.append(_cell(lines[start + 1 : end], start + 2, start + 1, match.group(2) or ""))
    return tuple(cells)


def _cell(lines: list[str], line: int, header: int | None, description: str) -> PercentCell:
    kind, options, bad = _read_header(description)
    while lines and not lines[0].strip():
        lines, line = lines[1:], line + 1
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    source = "\n".join(lines)
    if kind is CellKind.CODE:
        if "language" in options:  # Jupytext's form of `%%bash`: commented out, for another interpreter
            kind = CellKind.RAW
        source = _MAGIC.sub(r"\1\2", source)
    elif (quoted := _QUOTED.match(source)) is not None:
        body = quoted.group(2)
        line += len(body) - len(body.lstrip("\n"))
        source = body.strip("\n")
    else:
        source = "\n".join(_COMMENT.sub("", text, count=1) for text in lines)
    return PercentCell(kind, source, line, header, options, tuple(bad))


def _read_header(description: str) -> tuple[CellKind, dict[str, Any], list[str]]:
    if len(description) > _LONGEST_HEADER:
        return CellKind.CODE, {}, [description[:20]]
    first_key = _KEY.search(description)
    named = _KIND.search(description, 0, first_key.start() if first_key else len(description))
    kind = _KINDS[named.group(1).lower()] if named else CellKind.CODE
    rest = description[named.end() :] if named else description
    brace = rest.strip()
    if brace.startswith("{"):
        try:
            options = json.loads(brace)
        except (ValueError, RecursionError):
            return kind, {}, [brace]
        return kind, options if isinstance(options, dict) else {}, []
    return kind, *_read_options(rest)


def _read_options(text: str) -> tuple[dict[str, Any], list[str]]:
    options: dict[str, Any] = {}
    bad: list[str] = []
    decoder = json.JSONDecoder()
    position = 0
    while (key := _KEY.search(text, position)) is not None:
        name, position = key.group(1), key.end()
        try:
            options[name], position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            word = _BARE.match(text, position)
            value = word.group() if word else ""
            position += len(value)
            if value in _WORDS:
                options[name] = _WORDS[value]
            elif len(value) > 1 and value[0] == value[-1] == "'":
                options[name] = value[1:-1]
            else:
                bad.append(name)
    return options, bad
