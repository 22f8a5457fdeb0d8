"""What travels between formats: questions as plain data, pictures, and notes about what was lost or refused.

    file of another system ── a reader ──▶ Imported: questions as data for YAML, warnings, refusals
    our Quiz ── a writer ──▶ Exported: bytes, warnings, refusals

A field that cannot be carried is a warning of its question. A question that cannot be carried is refused with a
reason, and the others go on. A file that cannot be trusted or understood at all raises CourseError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import localcontext
from pathlib import Path
from typing import Any, TypeVar

from autograder.errors import AutograderError, CourseError, Problem

Data = dict[str, Any]
Made = TypeVar("Made")

_GENERATED = re.compile(r"[0-9a-f]{16,}|[0-9]{6,}|[0-9a-f]{8}-[0-9a-f]{4}-")
_PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF87a": "gif", b"GIF89a": "gif"}
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,59}")


class Refused(AutograderError):
    """One question cannot be carried; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about a question, or about the whole quiz where `question` is empty."""

    question: str
    message: str

    def to_json(self) -> dict[str, str | None]:
        """The note as `--json` shows it."""
        return {"question": self.question or None, "message": self.message}


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as data for a quiz file, and what was lost with it."""

    data: Data
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class Imported:
    """What a reader found."""

    title: str = ""
    text: str = ""
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    pools: list[Data] = field(default_factory=list)
    attempts: Data = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """Name → bytes; in texts they are `<quiz id>/<name>`, written as `{FOLDER}/name` until the id is known."""

    def take(self, name: str, read: Callable[[list[str]], Data]) -> Data | None:
        """Add the question that `read(lost)` returns, or its refusal under `name`; the data, or None."""
        if len(self.drafts) + len(self.refused) >= MOST_QUESTIONS:
            raise broken(name, f"the file holds more than {MOST_QUESTIONS:,} questions", "export fewer at once")
        lost: list[str] = []
        try:
            with localcontext(prec=DIGITS):
                data = read(lost)
        except Refused as error:
            self.refused.append(Note(name, str(error)))
            return None
        data["id"] = self._unused(data.get("id") or "")
        self.drafts.append(Draft(data, tuple(dict.fromkeys(lost))))
        return data

    def picture(self, name: str, data: bytes) -> str | None:
        """Keep a picture; its address for texts, or None if it is of no kind that is carried."""
        kind = picture_kind(data)
        if kind is None:
            return None
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name.rpartition("/")[2].rpartition(".")[0]).strip("-")[:60] or "picture"
        place, number = f"{stem}.{kind}", 2
        while self.pictures.get(place, data) != data:
            place, number = f"{stem}-{number}.{kind}", number + 1
        self.pictures[place] = data
        return f"{FOLDER}/{place}"

    def _unused(self, wanted: str) -> str:
        taken = {draft.data["id"] for draft in self.drafts} | {pool["id"] for pool in self.pools}
        base = wanted or f"question-{len(self.drafts) + 1}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base[:70]}-{number}", number + 1
        return name


MOST_QUESTIONS = 2_000
DIGITS = 80
"""Of sums and products: numbers have 30 at most, so that those of two are exact."""
FOLDER = "autograder-pictures"
"""Stands in texts for the folder of pictures until the quiz has its id."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a writer made."""

    data: bytes
    warnings: tuple[Note, ...] = ()
    refused: tuple[Note, ...] = ()
    carried: int = 0


def picture_kind(data: bytes) -> str | None:
    """What a picture is by its first bytes: png, jpg, gif or webp; None for all else, also SVG: it may hold scripts."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in _PICTURES.items() if data.startswith(start)), None)


def identifier(*candidates: str | None) -> str:
    """The first candidate that makes an id, or nothing: ids that a machine generated are passed over."""
    for candidate in candidates:
        text = re.sub(r"[^a-z0-9]+", "-", (candidate or "").lower()).strip("-")[:60].strip("-")
        if _SLUG.fullmatch(text) and not _GENERATED.search((candidate or "").lower()):
            return text
    return ""


def broken(file: Path | str, message: str, remedy: str, line: int | None = None) -> CourseError:
    """The error for a file that cannot be read at all."""
    return CourseError([Problem(file, line, None, message, remedy)])


def notes(question: str, messages: Iterable[str]) -> list[Note]:
    """One note for each message."""
    return [Note(question, message) for message in messages]
