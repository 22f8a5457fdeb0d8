"""Text from students, made safe to look at: nothing in it can move a cursor, hide, reorder or break the page.

    what stands in the text                        what is shown
    ─────────────────────────────────────────────  ──────────────────────────
    colour codes (ESC [ … m)                       nothing: every traceback is full of them; in one line, a name, ␛
    any other escape sequence, finished            ␛      (its payload, a link target or clipboard text, is dropped)
    ESC alone, or an unfinished sequence           ␛      and the text after it stays readable
    a carriage return that rewrites a line         ␍ and a new line: what was overwritten stays readable
    other control characters, lone surrogates,     ␀ ␇ … or ⟨U+202E⟩
    bidirectional and invisible characters
    more than four accents on one letter           four of them, then ⟨+9 marks⟩

Escaping for HTML is not done here: the templates do that to everything. The result of this module is plain text that
is safe in a terminal, in HTML text and attributes after escaping, and in XML. `visible` is idempotent.

`json_line` is for programs and for people who look at a file: it hides nothing and changes no value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

LINE_LIMIT = 200
BLOCK_LIMIT = 20_000
BLOCK_LINES = 400

# C0 but newline and tab, DEL, C1; line and paragraph separators; every format character (category Cf); surrogates;
# the non-characters that XML refuses; fillers and variation selectors that print as nothing (but U+FE0E and U+FE0F,
# which choose between the text and the picture of an emoji). A test compares this with Python's own tables.
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"
)
_MARKS = "\u0300-\u034e\u0350-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_COLOUR = re.compile(r"(?:\x1b\[|\x9b)[0-9;:]*m")
_TROUBLE = re.compile(
    r"(?P<sequence>(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: move, erase, switch modes
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, APC … with their payload
    r"|\x1b[ -/]+[0-~])"  # character sets and the like
    r"|(?P<newline>\r\n)"
    r"|(?P<rewrite>\r+)"
    rf"|(?P<marks>[{_MARKS}]{{5,}})"
    rf"|(?P<hidden>[{_HIDDEN}])"
)
_JOINERS = "\u200c\u200d"
_UNSEEN = re.compile(f"[{_HIDDEN}]|(?<=[{_MARKS}]{{4}})[{_MARKS}]")


def visible(text: str) -> str:
    """The text with nothing hidden in it; line breaks and tabs stay."""
    # Colours first: taken out later, they could bring together two halves of something else.
    return _TROUBLE.sub(_shown, _COLOUR.sub("", text))


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """One line of at most `limit` characters of the text, for names, messages and terminal cells."""
    shown = _TROUBLE.sub(_shown, text[:limit]).replace("\n", "␊").replace("\t", " ")
    return f"{shown}…" if len(text) > limit else shown


def block(text: str, limit: int = BLOCK_LIMIT, lines: int = BLOCK_LINES) -> str:
    """Text of several lines; beyond `limit` characters or `lines` lines its middle is left out, and says so."""
    head_lines, tail_lines = lines * 2 // 3, lines - lines * 2 // 3
    if len(text) > limit:
        head = _rows(text[: limit * 2 // 3])[:head_lines]
        tail = _rows(text[len(text) - (limit - limit * 2 // 3) :])[-tail_lines:]
        left_out = max(len(text) - len("\n".join(head)) - len("\n".join(tail)), 1)
        return "\n".join([*head, f"[… {left_out:,} characters left out …]", *tail])
    rows = _rows(text)
    if len(rows) > lines:
        rows = [*rows[:head_lines], f"[… {len(rows) - lines:,} lines left out …]", *rows[-tail_lines:]]
    return "\n".join(rows)


def json_line(value: Mapping[str, Any]) -> str:
    """The object as one line of JSON in which nothing is hidden: such characters are spelled `\\u202e`.

    A program reads the same values; letters of all scripts stay legible.
    """
    return _UNSEEN.sub(_spelled, json.dumps(value, ensure_ascii=False))


def _spelled(found: re.Match[str]) -> str:
    return json.dumps(found.group()).strip('"') if found.group() != "\x7f" else "\\u007f"


def _rows(text: str) -> list[str]:
    return visible(text).rstrip().split("\n")


def _shown(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found.group()
    if kind == "sequence":
        return "␛"
    if kind == "newline":
        return "\n"
    if kind == "rewrite":
        return "␍\n"
    if kind == "marks":
        return f"{text[:4]}⟨+{len(text) - 4} marks⟩"
    return text if _joins_letters(found) else _placeholder(text)


def _joins_letters(found: re.Match[str]) -> bool:
    """Whether a zero-width joiner stands where Persian, Indic scripts and emoji need it: between non-ASCII signs."""
    if found.group() not in _JOINERS:
        return False
    neighbours = found.string[max(found.start() - 1, 0) : found.start()], found.string[found.end() : found.end() + 1]
    return all(sign > "\u02ff" and sign.isprintable() for sign in neighbours)


def _placeholder(sign: str) -> str:
    code = ord(sign)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
