"""Draws the pictures of the quizzes: `python quizzes/pictures.py`. Needs matplotlib (the extra `plots`).

Nothing is told by colour alone, and the text beside each picture says what it shows.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent


def curves(axes: Axes) -> None:
    """Four activation functions, each named by a letter at its end."""
    x = np.linspace(-4, 4, 401)
    lines = {
        "A": (np.maximum(0, x), "-", (3.0, 2.35)),
        "B": (1 / (1 + np.exp(-x)), "--", (3.4, 0.6)),
        "C": (np.tanh(x), "-.", (-3.6, -0.8)),
        "D": (np.log1p(np.exp(x)), ":", (1.2, 2.0)),
    }
    for name, (y, style, place) in lines.items():
        axes.plot(x, y, style, linewidth=2.4)
        axes.annotate(name, place, fontsize=15, fontweight="bold")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(xlim=(-4, 4), ylim=(-1.2, 4.1), xlabel="input", ylabel="output")
    axes.grid(alpha=0.3)


def arrows(axes: Axes) -> None:
    """A query, a far point in the same direction, a near point in another."""
    for name, (x, y), colour in (("A", (6, 3), "#1b6ca8"), ("Q", (2, 1), "#000000"), ("B", (1, 2), "#b3541e")):
        axes.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2.4})
        axes.annotate(name, (x - 0.1, y + 0.2), fontsize=15, fontweight="bold", color=colour)
    axes.set(xlim=(0, 7), ylim=(0, 4), aspect="equal", xticks=range(8), yticks=range(5))
    axes.grid(alpha=0.4)


def patches(axes: Axes) -> None:
    """A 4×4 image whose pixels are numbered, cut into four patches."""
    axes.imshow(np.kron([[0.95, 0.75], [0.75, 0.95]], np.ones((2, 2))), cmap="gray", vmin=0, vmax=1)
    for number in range(16):
        axes.text(number % 4, number // 4, str(number), ha="center", va="center", fontsize=15)
    axes.axhline(1.5, color="black", linewidth=3)
    axes.axvline(1.5, color="black", linewidth=3)
    axes.set(xticks=[], yticks=[])


PICTURES = {
    "lecture-02/curves.png": (curves, (5, 3.6)),
    "lecture-05-6/arrows.png": (arrows, (5, 3)),
    "lecture-12/patches.png": (patches, (2.6, 2.6)),
}


def main() -> None:
    """Draw them all."""
    mpl.use("agg")
    for name, (draw, size) in PICTURES.items():
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        figure.savefig(HERE / name, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
