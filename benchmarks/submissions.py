"""`python -m benchmarks.submissions`: what grading one right answer costs, assignment by assignment.

The class hands in the reference, each time a little different. A class of 2 and one of 2 and some more are graded by
`autograder grade`, one at a time, and must get full marks. The CPU time of one more submission is the difference in
time by the difference in size, so start-up and the reference's own run do not count. `autoencoder-loss` trains networks
and has a measure of its own: `python -m benchmarks.training`.

Exit status: 0 every assignment takes at most the contracted 2 s, 1 one takes more, 2 there is no result.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

import click

from autograder.course import load_course
from benchmarks.peers.measure import Command, CommandFailed, measure
from benchmarks.training import ASSIGNMENT, ROOT, full_marks, write_class

CONTRACTED = 2.0
"""CPU seconds of a typical right answer."""
FEW = 2
"""The smaller class."""


@click.command()
@click.option("--more", type=click.IntRange(min=1), default=8, show_default=True, help="Submissions in the difference.")
@click.option("--repeat", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the median counts.")
@click.option("--only", multiple=True, metavar="ID", help="This assignment (may be repeated).")
def main(more: int, repeat: int, only: tuple[str, ...]) -> None:
    """Measure the CPU time of one more right answer for each assignment."""
    names = only or [name for name in load_course(ROOT).assignments if name != ASSIGNMENT]
    slowest = 0.0
    for name in names:
        try:
            found = sorted(cpu_of_one_more(name, more) for _ in range(repeat))
        except CommandFailed as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(2)
        median = statistics.median(found)
        slowest = max(slowest, median)
        click.echo(f"{name}: {median:.2f} s of CPU ({found[0]:.2f} to {found[-1]:.2f})")
    met = "met" if slowest <= CONTRACTED else "NOT MET"
    click.echo(f"contracted: at most {CONTRACTED:g} s, {met}")
    sys.exit(0 if slowest <= CONTRACTED else 1)


def cpu_of_one_more(name: str, more: int) -> float:
    """CPU seconds that one more submission of this assignment takes. CommandFailed if a class cannot be graded."""
    return (_cpu_of_class(name, FEW + more) - _cpu_of_class(name, FEW)) / more


def _cpu_of_class(name: str, students: int) -> float:
    with tempfile.TemporaryDirectory(prefix="autograder-benchmark-") as place:
        folder = Path(place)
        write_class(folder / "class", students, name)
        argv = [str(Path(sys.executable).parent / "autograder"), "grade", name, str(folder / "class"), "--jobs", "1"]
        argv += ["--device", "cpu", "--gradebook", str(folder / "gradebook.db"), "--results", str(folder / "results")]
        usage = measure([Command(tuple(argv), ROOT, os.environ, folder / "log")])
        if not full_marks(folder / "results"):
            raise CommandFailed(f"the class in {name} did not get full marks")
        return usage.cpu_seconds


if __name__ == "__main__":
    main()
