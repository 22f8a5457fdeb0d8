"""YAML files as plain data that remembers the line of every key.

    text ─ PyYAML's parser ─→ events ─ _Builder ─→ dict, list, scalars  +  {key path: line}

Values are built from parser events and not by PyYAML's constructor: so scalars follow YAML 1.2's core schema
(`scalars.py`), nothing is ever instantiated, and aliases cannot blow up. A course file is plain data: anchors, aliases,
tags, merge keys, doubled keys and second documents are refused, each as one `Problem` with its line. Only malformed
YAML stops the reading; all else is gathered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autograder.course.problems import shortened
from autograder.course.scalars import resolve
from autograder.course.textfile import read_text
from autograder.errors import Problem

KeyPath = tuple[str | int, ...]

MOST_BYTES = 1 << 20
MOST_DEPTH = 30
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it was compiled in: ten times faster

_UNPRINTABLE = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

_ADVICE = (  # (part of PyYAML's words, what we say, what to do)
    ("nesting depth", f"values are nested more than {MOST_DEPTH} deep", "flatten them"),  # libyaml's own limit
    (
        "escape character",
        "an unknown backslash escape in double quotes",
        "use single quotes, or write \\\\ for a backslash",
    ),
    ("quoted scalar", "the quoted text that begins here is not closed", "close it with the quote that opened it"),
    (
        "flow",
        "the list […] or mapping {…} that begins here is not written correctly",
        "separate its items with commas, and close the bracket",
    ),
    ("cannot start any token", "a value begins with a character that YAML reserves", "put the text in quotes"),
    ("could not find expected ':'", "a key has no colon", "write `key: value`, with a space after the colon"),
    ("sequence entries", "a dash stands where no list can begin", "write each `- item` on a line of its own"),
    ("block scalar", "a value begins with | or >, and text follows on the same line", "put the text in quotes"),
    (
        "document",
        "the text after the end of the document cannot be read",
        "remove lines that begin with `%`, `---` or `...`",
    ),
    (
        "block",
        "the indentation does not fit the lines above",
        "indent the keys of one mapping, and the dashes of one list, equally, with spaces",
    ),
)


class _Malformed(Exception):
    """Reading cannot go on after the problem that was just added."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's data, the line of each key and item, and the places whose value was refused already."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]
    refused: frozenset[KeyPath]

    def line(self, path: KeyPath) -> int | None:
        """The line of a key or item, else of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def key(self, path: KeyPath) -> str:
        """A key path as an author reads it: `questions[design].points`; items without an id are numbered from 1."""
        text, value = "", self.data
        for part in path:
            try:
                value = value[part]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                value = None  # type: ignore[assignment]
            if isinstance(part, str):
                text += f".{shortened(part)}" if text else shortened(part)
            else:
                name = value.get("id") if isinstance(value, dict) else None
                text += f"[{shortened(name)}]" if isinstance(name, str) else f"[#{part + 1}]"
        return text

    def problem(self, path: KeyPath, message: str, remedy: str) -> Problem:
        """A problem at a key of this file."""
        return Problem(self.path, self.line(path), self.key(path) or None, message, remedy)


def read_yaml(path: Path, problems: list[Problem], *, missing: str) -> YamlFile | None:
    """A file whose top level is a mapping, or None; what is wrong with it is appended to `problems`."""
    text = read_text(path, problems, most_bytes=MOST_BYTES, missing=missing)
    if text is None or _is_unprintable(path, text, problems):
        return None
    builder = _Builder(path, yaml.parse(text, Loader=_LOADER), problems)
    try:
        data = builder.document()
    except _Malformed:
        return None
    except yaml.YAMLError as error:
        problems.append(_syntax_problem(path, text, error))
        return None
    if not isinstance(data, dict):
        wrong = "the file is empty" if data is None else "the file holds no `key: value` lines"
        problems.append(Problem(path, 1, None, wrong, "write `key: value` lines, with a space after each colon"))
        return None
    return YamlFile(path, data, builder.lines, frozenset(builder.refused))


class _Builder:
    """Builds data out of parser events, and notes lines and refusals on the way."""

    def __init__(self, path: Path, events: Iterator[Any], problems: list[Problem]) -> None:
        self.path = path
        self.events = events
        self.problems = problems
        self.lines: dict[KeyPath, int] = {}
        self.refused: set[KeyPath] = set()

    def document(self) -> Any:
        data = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(event, (), "a second document starts here (`---`)", "keep one document a file")
                    raise _Malformed
                data = self.node(next(self.events), ())
        return data

    def node(self, event: Any, path: KeyPath) -> Any:
        if len(path) > MOST_DEPTH:
            self.refuse(event, path[:3], f"values are nested more than {MOST_DEPTH} deep", "flatten them")
            raise _Malformed
        if isinstance(event, yaml.AliasEvent):
            self.refuse(
                event,
                path,
                f"the alias `*{event.anchor}` is not read in course files",
                "write the value out, or put it in quotes",
            )
            return None
        if event.anchor is not None:
            self.note(event, path, f"the anchor `&{event.anchor}` is not read in course files", "remove it")
        if event.tag is not None:
            tag = shortened(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self.note(event, path, f"the tag `{tag}` is not read in course files", "remove it")
        if not path:
            self.lines[()] = event.start_mark.line + 1
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event, path)

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, path)
            place = (*path, "?" if key is None else key)
            doubled = key in data
            if doubled:
                self.note(event, place, f"the key is here twice, first on line {self.lines[place]}", "keep one of them")
            self.lines.setdefault(place, event.start_mark.line + 1)
            value = self.node(next(self.events), place)
            if key is not None and not doubled:
                data[key] = value
        return data

    def key(self, event: Any, path: KeyPath) -> str | None:
        """A key is its text, whatever it would mean as a value."""
        if not isinstance(event, yaml.ScalarEvent):
            self.note(
                event,
                path,
                "a key must be a plain word",
                "write `key: value`; put text that starts with { or [ in quotes",
            )
            self.node(event, (*path, "?"))
            return None
        if event.value == "<<" and event.implicit[0]:
            self.note(event, path, "the merge key `<<` is not read in course files", "write the keys out")
            return None
        return str(event.value)

    def sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            place = (*path, len(items))
            self.lines.setdefault(place, event.start_mark.line + 1)
            items.append(self.node(event, place))
        return items

    def scalar(self, event: Any, path: KeyPath) -> Any:
        if not event.implicit[0]:  # quoted, or a block of text
            return event.value
        try:
            return resolve(event.value)
        except ValueError as error:
            self.refuse(event, path, str(error), "write a plain number, or put it in quotes if it is text")
            return None

    def note(self, event: Any, path: KeyPath, message: str, remedy: str) -> None:
        key = YamlFile(self.path, {}, {}, frozenset()).key(path)
        self.problems.append(Problem(self.path, event.start_mark.line + 1, key or None, message, remedy))

    def refuse(self, event: Any, path: KeyPath, message: str, remedy: str) -> None:
        """Note a problem whose value is lost, so that nobody complains about the value again."""
        self.refused.add(path)
        self.note(event, path, message, remedy)


def _is_unprintable(path: Path, text: str, problems: list[Problem]) -> bool:
    found = _UNPRINTABLE.search(text)
    if found is None:
        return False
    wrong = f"the line contains a control character (U+{ord(found[0]):04X})"
    line = text.count("\n", 0, found.start()) + 1
    problems.append(Problem(path, line, None, wrong, "delete it; is this really a text file?"))
    return True


def _syntax_problem(path: Path, text: str, error: yaml.YAMLError) -> Problem:
    """PyYAML's complaint in an author's words."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(path, None, None, f"the file is not YAML: {shortened(str(error), 80)}", "retype that place")
    said = f"{error.context or ''} {error.problem or ''}"
    begins = any(words in said for words in ("quoted scalar", "flow", "simple key"))  # the fault is where it begins
    mark = error.context_mark if begins and error.context_mark else error.problem_mark
    lines = text.rstrip().splitlines() or [""]
    number = min(mark.line + 1 if mark is not None else 1, len(lines))
    return Problem(path, number, None, *_advice(said, lines[number - 1]))


def _advice(said: str, line: str) -> tuple[str, str]:
    """What is wrong and what to do, from PyYAML's words and the line itself."""
    value = line.partition(":")[2].strip()
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "the line is indented with a tab", "indent with spaces: YAML allows no tabs"
    if "mapping values are not allowed" in said and ": " in value:
        return "the value contains a second “: ”", "put the value in quotes"
    if "mapping values are not allowed" in said:
        remedy = "check its indentation, and that the line above has a colon after its key"
        return "a key stands where none can be", remedy
    closed_early = "expected <block end>" in said or "did not find expected key" in said
    if value[:1] in ("'", '"') and closed_early:
        return "text follows after the closing quote", "use the other kind of quote around a text that contains one"
    for words, message, remedy in _ADVICE:
        if words in said:
            return message, remedy
    return f"this is not YAML: {shortened(said.strip(), 80)}", "compare the line with the lines around it"
