"""Questions as data → the text of a quiz file that `load_quiz` reads back to the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograder.course.scalars import resolve
from autograder.interop.carried import Data, Draft, Note
from autograder.interop.fromhtml import plain

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*")
_TRUTHS = ("yes", "no", "on", "off", "y", "n")  # other readers of YAML take these for true and false
_ORDER = ("quiz", "id", "kind", "title", "points", "prompt", "choices", "pairs", "distractors", "answer")


def quiz_text(head: Data, drafts: Sequence[Draft], remarks: Sequence[str], refused: Sequence[Note]) -> str:
    """The file: remarks, what stands before the questions, the questions, each below what was lost with it."""
    lines = [f"# {_comment(remark)}" for remark in remarks]
    lines += _mapping(head, "")
    lines.append("questions:")
    for draft in drafts:
        lines += [f"  # Not carried over: {_comment(lost)}" for lost in draft.lost]
        lines += _item(draft.data, "  ")
    lines += [f"# Left out: {_comment(note.question)}: {_comment(note.message)}" for note in refused]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join(plain(text).split())


def _item(data: Mapping[str, Any], indent: str) -> list[str]:
    lines = _mapping(data, f"{indent}  ")
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]


def _mapping(data: Mapping[str, Any], indent: str) -> list[str]:
    keys = sorted(data, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER))
    return [line for key in keys for line in _entry(key, data[key], indent)]


def _entry(key: str, value: Any, indent: str) -> list[str]:
    name = f"{indent}{key}:"
    if isinstance(value, Mapping):
        return [name, *_mapping(value, f"{indent}  ")] if value else [f"{name} {{}}"]
    if isinstance(value, list | tuple):
        if all(isinstance(each, Mapping) for each in value):
            return [name, *(line for each in value for line in _item(each, f"{indent}  "))]
        return [f"{name} [{', '.join(map(_scalar, value))}]"]
    if isinstance(value, str) and "\n" in plain(value):
        return [f"{name} |-", *(f"{indent}  {line}".rstrip() for line in plain(value).split("\n"))]
    return [f"{name} {_scalar(value)}"]


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return share_text(value)
    if isinstance(value, Decimal | int):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = plain(str(value))
    safe = _PLAIN.fullmatch(text) and resolve(text) == text and text.lower() not in _TRUTHS
    return text if safe else json.dumps(text, ensure_ascii=False)


def share_text(value: Fraction) -> str:
    """A part of the points: as a decimal where that is exact, else as a quotient."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest == 1:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return f'"{value.numerator}/{value.denominator}"'
