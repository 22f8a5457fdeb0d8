"""The words that masters, student notebooks and submissions share: what a cell is and what it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CellKind(StrEnum):
    """What Jupyter takes the cell for."""

    CODE = "code"
    MARKDOWN = "markdown"
    RAW = "raw"


class CellRole(StrEnum):
    """What the course takes the cell for. Only the released notebook decides it, never the student's metadata."""

    ANSWER = "answer"  # the student's answer to a question, code or written
    CHECK = "check"  # runs the public tests on the student's machine; never run by the grader
    HELPER = "helper"  # locked, visible code that answers and tests rely on
    GIVEN = "given"  # code that came with the notebook and that the student may edit
    TEXT = "text"  # prose
    EXTRA = "extra"  # the student's own addition
    SKIPPED = "skipped"  # a copy that is still the unedited stub, or a second check cell: kept in sight, not run


@dataclass(frozen=True, slots=True)
class SubmittedCell:
    """One cell as it will be run or read, after repair."""

    index: int | None  # 0-based position in the submitted notebook; None: it was missing and was put back
    id: str
    kind: CellKind
    source: str
    question: str | None
    role: CellRole

    @property
    def runs(self) -> bool:
        """Whether the grader runs this cell."""
        return self.kind is CellKind.CODE and self.role not in (CellRole.CHECK, CellRole.SKIPPED, CellRole.TEXT)

    def to_json(self) -> dict[str, Any]:
        return {slot: getattr(self, slot) for slot in self.__slots__}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SubmittedCell:
        return cls(
            index=None if data["index"] is None else int(data["index"]),
            id=str(data["id"]),
            kind=CellKind(data["kind"]),
            source=str(data["source"]),
            question=None if data["question"] is None else str(data["question"]),
            role=CellRole(data["role"]),
        )


# Control, zero-width and bidirectional characters rewrite the line in which they are shown.
_TREACHEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SHOWN_LENGTH = 60


def shown(text: str) -> str:
    """Text of a stranger in a form that can stand in one of our sentences: one line, short, no control characters."""
    clean = _TREACHEROUS.sub("\N{REPLACEMENT CHARACTER}", text[: _SHOWN_LENGTH + 1])
    return clean if len(clean) <= _SHOWN_LENGTH else clean[: _SHOWN_LENGTH - 1] + "…"
