"""The page of the class: what needs somebody first, then the figures, then everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from autograder.reports import tally as figures
from autograder.reports.charts import bins, histogram
from autograder.reports.info import AssignmentInfo
from autograder.reports.rendering import pieces
from autograder.reports.tally import Tally
from autograder.results import Grading, Outcome

FIRST = 25  # of the submissions that need somebody; the others can be unfolded
NOTES = 20  # most frequent flags and repairs


def class_page(gradings: Iterable[Grading], assignment: AssignmentInfo, *, generated_at: datetime) -> str:
    """The staff's report on a class, as a page that links to `students/` and `staff/` beside it."""
    tally = Tally(assignment)
    for grading in gradings:
        tally.add(grading)
    return "".join(tally_pieces(tally, generated_at))


def tally_pieces(tally: Tally, generated_at: datetime) -> Iterator[str]:
    """The page of a class that is already counted, piece by piece."""
    return pieces("class.html", tally=tally, generated_at=generated_at, **_values(tally))


def _values(tally: Tally) -> dict[str, Any]:
    points = tally.points()
    max_points = tally.assignment.max_points
    content = bins(points, max_points)
    median = figures.median(points)
    return {
        "first": FIRST,
        "undecided": tally.of(Outcome.UNDECIDED),
        "rejected": tally.of(Outcome.REJECTED),
        "rows": tally.by_student(),
        "graded": len(points),
        "median": median,
        "mean": figures.mean(points),
        "spread": figures.spread(points),
        "lowest": min(points, default=None),
        "highest": max(points, default=None),
        "full": sum(value >= max_points for value in points),
        "bins": content,
        "wide": histogram(content, median, width=760, height=300),
        "narrow": histogram(content, median, width=300, height=260),
        "open_points": max((row.pending for row in tally.rows if row.outcome is Outcome.GRADED), default=Decimal(0)),
        "flags": tally.flags.most_common(NOTES),
        "repairs": tally.repairs.most_common(NOTES),
    }
