"""What the page of a quiz shows: plain values, made safe and cut to length by the page's template and `quiz_page`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Interval = tuple[float, float]
Thirds = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One choice: who picks it, in all and in the lower, middle and upper third of the class."""

    id: str
    text: str
    correct: bool
    share: float
    thirds: Thirds
    item_rest: float | None


@dataclass(frozen=True, slots=True)
class ItemView:
    """One question; a number is None where the answers do not determine it. `thirds`: share of the points earned.

    `urgency`: flagged questions with a lower one are named first.
    """

    number: int
    id: str
    text: str
    kind: str
    max_points: Decimal
    students: int
    blank: int
    missing: int
    difficulty: float | None
    difficulty_interval: Interval | None
    item_rest: float | None
    item_rest_interval: Interval | None
    item_total: float | None
    discrimination_d27: float | None
    efficiency: float | None
    alpha_if_deleted: float | None
    thirds: Thirds
    choices: tuple[ChoiceView, ...] = ()
    flags: tuple[str, ...] = ()
    urgency: int = 0


@dataclass(frozen=True, slots=True)
class CurveView:
    """One question under a model of item response theory, with standard errors."""

    id: str
    slope: float
    slope_error: float
    intercept: float
    intercept_error: float
    difficulty: float | None


@dataclass(frozen=True, slots=True)
class ModelView:
    """A fitted model: `name` is 1PL or 2PL."""

    name: str
    students: int
    log_likelihood: float
    curves: tuple[CurveView, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuizView:
    """A quiz as its class answered it. `judged`: enough students for flags; `enough` is how many that takes."""

    title: str
    course_title: str
    students: int
    points: tuple[Decimal, ...]
    max_points: Decimal
    sd: float | None
    alpha: float | None
    alpha_interval: Interval | None
    sem: float | None
    items: tuple[ItemView, ...]
    left_out: tuple[str, ...]
    judged: bool
    enough: int
    model: ModelView | None = None
