"""The tables on the screen, as JSON and as Markdown for the README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from benchmarks.peers.bench import Plan, Results
from benchmarks.peers.machine import Machine
from benchmarks.peers.numbers import Figures, Goal

Rows = list[list[str]]

NAMES = {
    "ours": "autograder grade",
    "ours-20": "autograder, 20 tests",
    "nbgrader": "nbgrader autograde",
    "otter": "otter run",
}


def cost_rows(plan: Plan, results: Results) -> Rows:
    """A header and one row for each grader, then the bare cells."""
    count = plan.submissions
    rows = [["", "one more", f"{count} in all", "CPU of one more", "peak memory", "ratio", "ratio in all"]]
    ours = results.figures.get("ours")
    for name, measured in results.figures.items():
        rows.append(_cost_row(NAMES[name], measured, count, ours))
    if bare := results.bare:
        rows.append(["bare cells, IPython", _time(bare.cells_seconds), "", _time(bare.cells_cpu_seconds), *[""] * 3])
        rows.append(["bare cells, exec", _time(bare.exec_seconds), "", _time(bare.exec_cpu_seconds), *[""] * 3])
    return rows


def goal_rows(goals: Sequence[Goal]) -> Rows:
    """A header and one row for each contracted number."""
    rows = [["", "contracted", "reached", ""]]
    for goal in goals:
        aim = f" (aim: {goal.aim:g})" if goal.aim is not None else ""
        contracted = f"{goal.bound} {goal.contracted:g} {goal.unit}{aim}"
        rows.append([goal.name, contracted, f"{goal.reached:.1f} {goal.unit}", "met" if goal.met else "NOT MET"])
    return rows


def facts(plan: Plan, results: Results, machine: Machine) -> list[str]:
    """The sentences under the tables."""
    lines = [str(machine)]
    if results.isolation:
        lines.append(f"autograder grade: {plan.jobs} jobs, fence: {', '.join(results.isolation)}")
    counts = {name: figures.graded for name, figures in results.figures.items()}
    graded = ", ".join(f"{name} {count}" for name, count in counts.items())
    verdict = "DIFFERENT POINTS" if results.wrong else "the same points from each, as expected"
    if any(count < plan.submissions for count in counts.values()):
        lines.append("≈: extrapolated from fewer submissions")
    if counts:
        lines.append(f"submissions graded in the longest run: {graded}; {verdict}")
    return lines


def as_table(title: str, rows: Rows) -> Table:
    """Rows for a terminal."""
    table = Table(title=title, title_justify="left", min_width=76)
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="left" if number == 0 else "right", no_wrap=number == 0)
    for row in rows[1:]:
        table.add_row(*row)
    return table


def as_markdown(tables: Sequence[Rows], lines: Sequence[str]) -> str:
    """The same for the README."""
    blocks = []
    for header, *body in tables:
        ruler = ["---", *["---:"] * (len(header) - 1)]
        blocks.append("\n".join("| " + " | ".join(row) + " |" for row in [header, ruler, *body]))
    return "\n\n".join([*blocks, "  \n".join(lines)]) + "\n"


def as_json(plan: Plan, results: Results, machine: Machine) -> dict[str, Any]:
    """Everything that was measured, runs one by one included."""
    return {
        "machine": asdict(machine),
        "plan": {**asdict(plan), "root": str(plan.root)},
        "figures": {name: asdict(figures) for name, figures in results.figures.items()},
        "runs": {name: [asdict(run) for run in runs] for name, runs in results.runs.items()},
        "bare": asdict(results.bare) if results.bare else None,
        "isolation": list(results.isolation),
        "goals": [{**asdict(goal), "met": goal.met} for goal in results.goals],
        "wrong": results.wrong,
    }


def _cost_row(name: str, figures: Figures, count: int, ours: Figures | None) -> list[str]:
    ratios = ["", ""]
    if ours and not figures.grader.startswith("ours"):
        ratios = [f"{figures.seconds / ours.seconds:.0f}", f"{figures.whole(count) / ours.whole(count):.0f}"]
    whole = ("" if figures.graded >= count else "≈") + _time(figures.whole(count))
    peak = f"{figures.peak_bytes / 2**20:.0f} MiB" if figures.peak_bytes else ""
    return [name, _time(figures.seconds), whole, _time(figures.cpu_seconds), peak, *ratios]


def _time(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"
