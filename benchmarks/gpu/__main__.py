"""`python -m benchmarks.gpu`: students a minute on a card and on the CPU, side by side in one run.

    cpu               the same notebooks without a card
    card, ahead       workers start CUDA before there is a student for them
    card, not ahead   each student waits for CUDA
    card, forked      notebooks that leave CUDA to the tests: no worker, CUDA starts in each snapshot

Exit status: 0 every student got the expected points, 1 one did not, 2 there is no card.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from autograder.sandbox.cards import find_cards
from benchmarks.gpu.class_of_models import WAYS, Measured, measure_all
from benchmarks.peers.machine import this_machine

AT_LEAST_ONE = click.IntRange(min=1)


@click.command()
@click.option("--students", type=AT_LEAST_ONE, default=24, show_default=True, help="Notebooks in each run.")
@click.option("--jobs", type=AT_LEAST_ONE, default=2, show_default=True, help="Graded at once.")
@click.option("--repeat", type=AT_LEAST_ONE, default=3, show_default=True, help="Runs of each way; the median counts.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write every run here.")
def main(students: int, jobs: int, repeat: int, json_file: Path | None) -> None:
    """Grade a class that trains small models, in several ways."""
    cards, why = find_cards()
    if not cards:
        click.echo(f"Nothing to measure: {why}.", err=True)
        sys.exit(2)
    card = max(cards, key=lambda one: one.free)
    with tempfile.TemporaryDirectory(prefix="autograder-gpu-") as folder:
        measured = measure_all(card, Path(folder), students=students, jobs=jobs, repeat=repeat)
    click.echo(f"{card.name}; {this_machine()}")
    for way in WAYS:
        click.echo(row(way.name, measured[way.name]))
    if json_file is not None:
        json_file.write_text(
            json.dumps({"card": card.name, "runs": {k: v.seconds for k, v in measured.items()}}) + "\n"
        )
    sys.exit(1 if any(one.wrong for one in measured.values()) else 0)


def row(name: str, measured: Measured) -> str:
    """One line of the table."""
    wrong = f", {measured.wrong} wrong" if measured.wrong else ""
    used = f", {measured.card_peak / 2**20:.0f} MiB of the card at most" if measured.card_peak is not None else ""
    return f"{name:18} {measured.students_per_minute:8.1f} students a minute{used}{wrong}"


if __name__ == "__main__":
    main()
