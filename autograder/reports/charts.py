"""Geometry of the pictures: where bars, ticks and marks stand. The templates draw it as SVG, beside a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder.reports.amounts import amount

MAX_BARS = 25
_STEPS = (1, 2, 5)  # times a power of ten
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 8.0, 26.0, 46.0
_LABEL_WIDTH = 7.5  # of one character at the size of the axis labels


@dataclass(frozen=True, slots=True)
class Bin:
    """How many students have from `low` to less than `high` points; `high` None: just `low`."""

    low: Decimal
    high: Decimal | None
    count: int

    @property
    def label(self) -> str:
        return amount(self.low) if self.high is None else f"{amount(self.low)} to under {amount(self.high)}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `text` stands at `text_x`: below a bar that is a single value, else where the bar begins."""

    x: float
    y: float
    width: float
    height: float
    text: str  # empty where labels would run into each other
    text_x: float
    bin: Bin


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the vertical axis."""

    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """A picture of `width` × `height` units; `median` is the place of the median on the horizontal axis."""

    width: float
    height: float
    left: float
    right: float
    base: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    median: float | None


def bins(points: Iterable[Decimal], max_points: Decimal) -> tuple[Bin, ...]:
    """The points sorted into at most 25 bins of a round width; each is a single value where all points allow it."""
    values = list(points)
    step = _step(max_points)
    last = max(int(max_points // step), 0)
    counts = [0] * (last + 1)
    for value in values:
        counts[min(max(int(value // step), 0), last)] += 1
    exact = all(value % step == 0 for value in values)

    def high(place: int) -> Decimal | None:
        return None if exact or (place == last and place * step == max_points) else (place + 1) * step

    return tuple(Bin(place * step, high(place), count) for place, count in enumerate(counts))


def histogram(content: Sequence[Bin], median: Decimal | None, *, width: float, height: float) -> Histogram:
    """The bins as bars in a picture of that size."""
    base, right = height - _BOTTOM, width - _RIGHT
    each = (right - _LEFT) / len(content)
    ticks = _ticks(max(bin.count for bin in content))
    scale = (base - _TOP) / ticks[-1]
    every = _label_every(content, each)
    single, bars = content[0].high is None, []
    for place, bin in enumerate(content):
        x, tall = _LEFT + place * each, bin.count * scale
        text = amount(bin.low) if place % every == 0 else ""
        text_x = x + each / 2 if single else x
        bars.append(Bar(x + each * 0.1, base - tall, each * 0.8, tall, text, text_x, bin))
    return Histogram(
        width=width,
        height=height,
        left=_LEFT,
        right=right,
        base=base,
        bars=tuple(bars),
        ticks=tuple(Tick(base - count * scale, count) for count in ticks),
        median=None if median is None else _place(median, content, each),
    )


def _place(value: Decimal, content: Sequence[Bin], each: float) -> float:
    """Where a value stands: above the middle of a bar that is a single value, else in proportion."""
    step = content[1].low if len(content) > 1 else Decimal(1)
    single = content[0].high is None
    place = float(value / step) + (0.5 if single else 0.0)
    return _LEFT + min(max(place, 0.0), len(content) - 0.5) * each


def _step(max_points: Decimal) -> Decimal:
    """The smallest round bin width that needs no more than 25 bins."""
    step = Decimal("0.1")
    while True:
        for times in _STEPS:
            if max_points < step * times * MAX_BARS:
                return step * times
        step *= 10


def _ticks(highest: int) -> list[int]:
    """Whole numbers from zero to at least `highest`, four steps or fewer."""
    power = 1
    while True:
        for times in _STEPS:
            step = power * times
            if step * 4 >= highest:
                return list(range(0, max(-(-highest // step), 1) * step + 1, step))
        power *= 10


def _label_every(content: Sequence[Bin], each: float) -> int:
    """Of how many bars one gets a label, so that the last one can have one too where possible."""
    widest = max(len(amount(bin.low)) for bin in content) * _LABEL_WIDTH + 6
    least = max(1, -int(-widest // each))
    fitting = [every for every in range(least, least * 2 + 3) if (len(content) - 1) % every == 0]
    return fitting[0] if fitting else least
