"""Geometry of a quiz's pictures: the map of its questions, and who picks what by thirds of the class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autograder.reports.quiz_info import ItemView, Thirds

Point = tuple[float, float]

_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 22.0, 22.0, 46.0
_MARK: Final = 22.0  # the side of a question's mark
_DIRECTIONS: Final = 12  # in which a place for a mark is looked for
_DASHES: Final = ("7 4", "2 4", "10 3 2 3", "4 2", "12 5", "1 3")
_CURVE_LEFT, _CURVE_RIGHT, _CURVE_TOP, _CURVE_BOTTOM = 40.0, 62.0, 12.0, 30.0
_LABEL: Final = 16.0  # the height of a label at the end of a curve


@dataclass(frozen=True, slots=True)
class Mark:
    """One question on the map: it is at `x`, `y`; its number stands in a mark around `label_x`, `label_y`."""

    x: float
    y: float
    label_x: float
    label_y: float
    item: ItemView

    @property
    def diamond(self) -> str:
        """The outline of a flagged question's mark, as an SVG path."""
        h = _MARK * 0.7
        return f"M{self.label_x:.1f} {self.label_y - h:.1f}l{h:.1f} {h:.1f} {-h:.1f} {h:.1f} {-h:.1f} {-h:.1f}z"


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class ItemMap:
    """Difficulty from left (hard) to right (easy), item-rest correlation upwards. `weak`: below it none separates."""

    width: float
    height: float
    left: float
    right: float
    top: float
    base: float
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    hard: float
    easy: float
    weak: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: a path through the thirds, its points, and its label at the right end. `dash` is empty for the key."""

    name: str
    key: bool
    path: str
    dots: tuple[Point, ...]
    dash: str
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Curves:
    """Shares by lower, middle and upper third."""

    width: float
    height: float
    left: float
    right: float
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[Line, ...]


def item_map(items: Sequence[ItemView], *, width: float, height: float, limits: tuple[float, float, float]) -> ItemMap:
    """The map of all questions with both numbers; `limits`: below hard, above easy, below weak are for a look."""
    placed = [item for item in items if item.difficulty is not None and item.item_rest is not None]
    lowest = min([0.0, *(item.item_rest or 0.0 for item in placed)])
    highest = max([0.6, *(item.item_rest or 0.0 for item in placed)])
    bottom, top = math.floor(lowest * 5) / 5, math.ceil(highest * 5 - 1e-9) / 5
    right, base = width - _RIGHT, height - _BOTTOM

    def across(share: float) -> float:
        return _LEFT + min(max(share, 0.0), 1.0) * (right - _LEFT)

    def up(value: float) -> float:
        return base - (value - bottom) / (top - bottom) * (base - _TOP)

    places = [(across(item.difficulty or 0.0), up(item.item_rest or 0.0)) for item in placed]
    labels = _labels(places, (_LEFT, right, _TOP, base))
    hard, easy, weak = limits
    steps = range(round(bottom * 5), round(top * 5) + 1)
    return ItemMap(
        width=width,
        height=height,
        left=_LEFT,
        right=right,
        top=_TOP,
        base=base,
        across=tuple(Tick(across(step / 5), f"{step * 20}%") for step in range(6)),
        up=tuple(Tick(up(step / 5), f"{step / 5:.1f}".replace("-", "−")) for step in steps),
        hard=across(hard),
        easy=across(easy),
        weak=up(max(weak, bottom)),
        marks=tuple(Mark(*at, *label, item) for at, label, item in zip(places, labels, placed, strict=True)),
    )


def _labels(
    places: Sequence[tuple[float, float]], frame: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    """Where each mark stands: at its point if that is free, else the nearest place around it that is."""
    taken: list[Point] = []
    left, right, top, base = frame
    half = _MARK / 2
    for x, y in places:
        x, y = min(max(x, left + half), right - half), min(max(y, top + half), base - half)
        found = (x, y)
        for step in range(60):
            angle = 2 * math.pi * (step % _DIRECTIONS) / _DIRECTIONS
            far = (step // _DIRECTIONS + bool(step)) * _MARK * 0.75
            trial = x + far * math.cos(angle), y + far * math.sin(angle)
            inside = left + half <= trial[0] <= right - half and top + half <= trial[1] <= base - half
            if inside and all(math.dist(trial, other) >= _MARK * 1.15 for other in taken):
                found = trial
                break
        taken.append(found)
    return taken


def curves(lines: Sequence[tuple[str, bool, Thirds]], *, width: float, height: float) -> Curves:
    """Curves for (name, whether it is the key, shares by thirds); those without a number in a third are left out."""
    right, base = width - _CURVE_RIGHT, height - _CURVE_BOTTOM
    places = [_CURVE_LEFT + 14 + third * (right - _CURVE_LEFT - 28) / 2 for third in range(3)]

    def up(share: float) -> float:
        return base - min(max(share, 0.0), 1.0) * (base - _CURVE_TOP)

    drawn = [(name, key, [up(share) for share in thirds if share is not None]) for name, key, thirds in lines]
    drawn = [(name, key, heights) for name, key, heights in drawn if len(heights) == 3]
    labels = _spread([heights[-1] for _, _, heights in drawn], _CURVE_TOP + 4, base)
    dashes = iter(_DASHES * (len(drawn) // len(_DASHES) + 1))
    made = []
    for (name, key, heights), label in zip(drawn, labels, strict=True):
        dots = tuple(zip(places, heights, strict=True))
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in dots)
        made.append(Line(name, key, path, dots, "" if key else next(dashes), places[-1] + 12, label))
    return Curves(
        width=width,
        height=height,
        left=_CURVE_LEFT,
        right=right,
        across=tuple(map(Tick, places, ("lower", "middle", "upper"))),
        up=tuple(Tick(up(step / 2), f"{step * 50}%") for step in range(3)),
        lines=tuple(made),
    )


def _spread(heights: Sequence[float], top: float, base: float) -> list[float]:
    """The heights, moved apart so that labels there do not overlap, and kept between top and base where they fit."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed: dict[int, float] = {}
    last = -math.inf
    for place in order:
        last = placed[place] = max(heights[place], last + _LABEL, top)
    limit = base
    for place in reversed(order):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - _LABEL
    return [placed[place] for place in range(len(heights))]
