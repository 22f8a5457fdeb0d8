"""A rubric as the notes for graders that other systems have, and back."""

from __future__ import annotations

import re
from decimal import Decimal

from autograder.interop.carried import Data
from autograder.interop.fromhtml import plain
from autograder.quiz.questions import OpenQuestion

_ROW = re.compile(r"- ([0-9]{1,6}(?:\.[0-9]{1,6})?) points \(([a-z0-9-]+)\): (.+)")


def rubric_text(question: OpenQuestion) -> str:
    """One line of Markdown for each item."""
    return "\n".join(f"- {item.points:f} points ({item.id}): {' '.join(item.text.split())}" for item in question.rubric)


def rubric_from(notes: str, points: Decimal) -> Data:
    """The keys `credit` and `rubric`: the items where the notes are such lines, else one item with all points."""
    lines = [line for line in plain(notes).splitlines() if line.strip()]
    rows = [found for line in lines if (found := _ROW.fullmatch(line.strip()))]
    items: list[Data] = [{"id": row[2], "points": Decimal(row[1]), "text": row[3]} for row in rows]
    if not rows or len(rows) != len(lines) or sum((Decimal(row[1]) for row in rows), Decimal(0)) != points:
        items = [{"id": "answer", "points": points, "text": plain(notes) or "The whole answer"}]
    return {"credit": "rubric", "rubric": items}
