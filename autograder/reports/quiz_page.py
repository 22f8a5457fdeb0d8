"""The page of a quiz, for staff: what to look at first, then the class, then every question with a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from autograder.reports import tally as figures
from autograder.reports.charts import bins, histogram
from autograder.reports.quiz_charts import Curves, curves, item_map
from autograder.reports.quiz_info import ItemView, QuizView
from autograder.reports.rendering import render
from autograder.reports.sanitise import line

_TEXT: Final = 400  # characters of a prompt
_CHOICE: Final = 160


def quiz_page(quiz: QuizView, *, limits: tuple[float, float, float], generated_at: datetime) -> str:
    """The page as text. `limits`: difficulties below hard and above easy, item-rest below weak, are marked."""
    items = tuple(map(_safe, quiz.items))
    points = list(quiz.points)
    content = bins(points, max(quiz.max_points, Decimal("0.1")))
    median = figures.median(points)
    return render(
        "quiz.html",
        quiz=quiz,
        items=items,
        flagged=sorted((item for item in items if item.flags), key=lambda item: (item.urgency, item.number)),
        pictures={item.number: _curves(item) for item in items},
        median=median,
        mean=figures.mean(points),
        lowest=min(points, default=None),
        highest=max(points, default=None),
        bins=content,
        wide=histogram(content, median, width=760, height=300),
        narrow=histogram(content, median, width=300, height=260),
        wide_map=item_map(items, width=760, height=420, limits=limits),
        narrow_map=item_map(items, width=320, height=340, limits=limits),
        limits=limits,
        generated_at=generated_at,
    )


def _safe(item: ItemView) -> ItemView:
    """The question with its texts on one line each, and short."""
    choices = tuple(replace(choice, text=_line(choice.text, _CHOICE)) for choice in item.choices)
    return replace(item, text=_line(item.text, _TEXT), choices=choices)


def _line(text: str, limit: int) -> str:
    return line(" ".join(text.split()), limit)


def _curves(item: ItemView) -> Curves | None:
    """Its choices by thirds, or the points that it earned where it has none; None where nothing can be drawn."""
    lines = [(choice.id, choice.correct, choice.thirds) for choice in item.choices] or [("points", True, item.thirds)]
    picture = curves(lines, width=420, height=max(200, 46 + 16 * len(lines)))
    return picture if picture.lines else None
