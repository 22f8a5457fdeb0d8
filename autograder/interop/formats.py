"""The formats by name, and which one a file is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.interop import canvas, canvasout, gift, giftout, moodle, moodleout, paste, pasteout, qti2
from autograder.interop.carried import Exported, Imported, broken
from autograder.quiz.questions import Quiz

Read = Callable[[bytes, str], Imported]
Write = Callable[[Quiz], Exported]

_ROOT = re.compile(r"<\s*(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_SKIPPED = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+", re.DOTALL)
_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what people call it, the end of its files' names, and what reads and writes it."""

    title: str
    suffix: str
    read: Read | None
    write: Write | None


def _read_canvas(data: bytes, name: str) -> Imported:
    return canvas.read_package(data, name) if data[:4] == b"PK\x03\x04" else canvas.read_file(data, name)


FORMATS: Mapping[str, Format] = {
    "canvas": Format("Canvas, QTI 1.2", ".zip", _read_canvas, canvasout.write),
    "moodle": Format("Moodle XML", ".xml", moodle.read, moodleout.write),
    "gift": Format("GIFT", ".gift", gift.read, giftout.write),
    "qti2": Format("QTI 2.2", ".zip", None, qti2.write),
    "text": Format("plain text", ".txt", paste.read, pasteout.write),
}
READABLE = tuple(name for name, form in FORMATS.items() if form.read)
WRITABLE = tuple(name for name, form in FORMATS.items() if form.write)


def detect(data: bytes, name: str) -> str:
    """The format of a file. CourseError if it is none of them."""
    if data[:4] == b"PK\x03\x04":
        return "canvas"
    head = data[:_LOOKED_AT].decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    head = head.lstrip("\ufeff \t\r\n")
    if head.startswith("<"):
        place = 0
        while found := _SKIPPED.match(head, place):
            place = found.end()
        root = _ROOT.match(head, place)
        kind = {"quiz": "moodle", "questestinterop": "canvas"}.get(root[1] if root else "")
        if kind:
            return kind
        raise broken(name, "this XML is neither Moodle's nor QTI 1.2", "say what it is: --format moodle, or canvas")
    if re.search(r"(?m)^##( |$)", head):
        return "text"
    if name.endswith((".gift", ".txt")) and "{" in head:
        return "gift"
    raise broken(name, "the format of this file is not known", f"say what it is: --format {', '.join(READABLE)}")
