"""95 % intervals: how far a number from a class of this size can be trusted."""

from __future__ import annotations

import math
from typing import Final

Interval = tuple[float, float]

_Z: Final = 1.959963984540054  # the normal distribution's 97.5 % point


def wilson(share: float, n: int) -> Interval | None:
    """Wilson's score interval of a share (1927); too wide, never too narrow, where scores between 0 and 1 occur.

    None for nobody, and outside 0 to 1 (negative marking).
    """
    if n == 0 or not 0 <= share <= 1:
        return None
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def fisher(correlation: float | None, n: int) -> Interval | None:
    """Fisher's interval of a correlation over n pairs; None for fewer than four."""
    if correlation is None or n < 4:
        return None
    if abs(correlation) >= 1:
        return correlation, correlation
    z, half = math.atanh(correlation), _Z / math.sqrt(n - 3)
    return math.tanh(z - half), math.tanh(z + half)


def below_one(value: float, error: float) -> Interval | None:
    """The interval of a reliability with this standard error, on the scale of log(1 - value) as Bonett (2002) has it.

    So it never reaches above 1. None for 1 itself, of which nothing can be said.
    """
    if value >= 1:
        return None
    factor = math.exp(_Z * error / (1 - value))
    return 1 - (1 - value) * factor, 1 - (1 - value) / factor
