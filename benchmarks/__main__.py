"""`python -m benchmarks`: measure, print, write JSON and Markdown.

Exit status: 0 every grader gave the expected points, 1 one did not, 2 there is no result."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from benchmarks.peers.bench import NAMES, Bench, Plan
from benchmarks.peers.grader import Unavailable
from benchmarks.peers.machine import this_machine
from benchmarks.peers.measure import CommandFailed
from benchmarks.peers.numbers import TooNoisy
from benchmarks.peers.report import as_json, as_markdown, as_table, cost_rows, facts, goal_rows

ROOT = Path(__file__).resolve().parent.parent
AT_LEAST_ONE = click.IntRange(min=1)
AT_LEAST_TWO = click.IntRange(min=2)


@click.command()
@click.option("--only", default=",".join(NAMES), show_default=True, help="Which to run, joined with commas.")
@click.option("--submissions", type=AT_LEAST_ONE, default=50, show_default=True, help="N; our long run has 3 N.")
@click.option("--nbgrader-submissions", type=AT_LEAST_TWO, default=None, help="Fewer for nbgrader. [default: N]")
@click.option("--otter-submissions", type=AT_LEAST_ONE, default=6, show_default=True, help="How many otter grades.")
@click.option("--jobs", type=AT_LEAST_ONE, default=2, show_default=True, help="Side by side, for us and for otter.")
@click.option("--repeat", type=AT_LEAST_ONE, default=6, show_default=True, help="Runs of ours; their median counts.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), default=None, help="[default: build/bench/…]")
def main(
    only: str,
    submissions: int,
    nbgrader_submissions: int | None,
    otter_submissions: int,
    jobs: int,
    repeat: int,
    json_file: Path | None,
) -> None:
    """Compare graders on the same submissions of one three-question torch notebook."""
    chosen = tuple(name.strip() for name in only.split(","))
    if unknown := set(chosen) - set(NAMES):
        raise click.UsageError(f"--only knows {', '.join(NAMES)}; not {', '.join(sorted(unknown))}")
    long = nbgrader_submissions or max(submissions, 2)
    plan = Plan(ROOT, chosen, submissions, long, otter_submissions, jobs, repeat)
    console = Console()
    machine = this_machine()
    try:
        results = Bench(plan, lambda line: console.print(f"[dim]{line} …[/dim]")).run()
    except (Unavailable, CommandFailed, TooNoisy) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    costs, numbers, lines = cost_rows(plan, results), goal_rows(results.goals), facts(plan, results, machine)
    console.print(as_table("One more submission (start-up aside), and whole commands", costs))
    if results.goals:
        console.print(as_table("Contracted numbers", numbers))
    for line in [*lines, *results.wrong]:
        console.print(line, highlight=False)
    target = json_file or plan.work / "results.json"
    target.write_text(json.dumps(as_json(plan, results, machine), indent=1, default=str) + "\n")
    tables = [costs, numbers] if results.goals else [costs]
    (plan.work / "results.md").write_text(as_markdown(tables, lines))
    sys.exit(1 if results.wrong else 0)


if __name__ == "__main__":
    main()
