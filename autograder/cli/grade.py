"""`autograder grade`: a class's submissions, graded and recorded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console

from autograder.cli.common import (
    course_option,
    describe,
    gradebook_option,
    gradebook_url,
    jobs_option,
    open_assignment,
)
from autograder.cli.progress import Meter
from autograder.cli.trusted import grade_trusted
from autograder.dispatch.batch import plan_batch, run_batch
from autograder.dispatch.collect import collect, read_times
from autograder.gradebook import Gradebook
from autograder.grading.material import load_material
from autograder.reports import AssignmentInfo, summary_table, write_reports
from autograder.results import Outcome, Report

_MOST_ROWS = 80
"""A class larger than this gets its totals on the terminal, and its table in the class report."""


@click.command()
@click.argument("name", metavar="ID")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@jobs_option
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", help="Where models run.")
@click.option("--results", type=click.Path(path_type=Path, dir_okay=False), help="Write one JSON object per line here.")
@click.option("--html", type=click.Path(path_type=Path, file_okay=False), help="Write the class report and pages here.")
@click.option("--times", type=click.Path(path_type=Path, dir_okay=False), help="CSV: student,submitted_at.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Set the assignment's seed.")
@click.option("--fresh", is_flag=True, help="Grade again what is stored; the seed stays.")
@click.option("--trust-this-code", is_flag=True, help="No fence: for your own solution only. Nothing is recorded.")
@gradebook_option
@course_option
def command(
    name: str,
    paths: tuple[Path, ...],
    jobs: int,
    device: str,
    results: Path | None,
    html: Path | None,
    times: Path | None,
    seed: int | None,
    fresh: bool,
    trust_this_code: bool,
    url: str | None,
    course_folder: Path | None,
) -> int:
    """Grade the submissions of assignment ID in PATH…: files, or folders of <student>.ipynb or <student>/…/*.ipynb."""
    course, assignment = open_assignment(course_folder, name)
    material = load_material(assignment)
    submissions = collect(paths, assignment, roster=course.roster, times=read_times(times) if times else None)
    device = choose_device(device, required=assignment.device.require and assignment.device.prefer == "cuda")
    if trust_this_code:
        info = describe(course, assignment)
        gradings = grade_trusted(material, submissions, info, jobs=jobs, seed=seed or 0, html=html)
        if results is not None:
            write_results(results, (grading.report for grading in gradings))
        return summarise(grading.report for grading in gradings)
    with Gradebook.open(gradebook_url(course, url)) as gradebook:
        plan = plan_batch(material, gradebook, submissions, device=device, seed=seed, fresh=fresh)
        with Meter(len(plan.todo), assignment.id, f"to grade, {len(plan.standing)} unchanged") as meter:
            for _ in run_batch(material, gradebook, plan, jobs=jobs, device=device, fresh=fresh, on_ready=meter.ready):
                meter.advance()
        students = sorted(one.student for one in submissions)
        return publish(gradebook, assignment.id, students, describe(course, assignment), results, html)


def publish(
    gradebook: Gradebook,
    assignment: str,
    students: list[str],
    info: AssignmentInfo,
    results: Path | None,
    html: Path | None,
) -> int:
    """Write what was asked for about these students' current reports, print the summary; the exit code."""
    numbers = gradebook.current_ids(assignment)
    wanted = [numbers[student] for student in students if student in numbers]
    if results is not None:
        write_results(results, (gradebook.report(number) for number in wanted))
    if html is not None:
        page = write_reports(html, (gradebook.grading(number) for number in wanted), info)
        click.echo(f"Class report: {page}", err=True)
    return summarise(gradebook.report(number) for number in wanted)


def write_results(path: Path, reports: Iterable[Report]) -> None:
    """One JSON object per line; the file appears whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("w", encoding="utf-8") as file:
        for report in reports:
            file.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def summarise(reports: Iterator[Report]) -> int:
    """Print the class's table, or its totals where it is long; 3 if something stayed undecided, else 0."""
    counts = dict.fromkeys(Outcome, 0)
    shown: list[Report] = []
    for report in reports:
        counts[report.outcome] += 1
        if len(shown) <= _MOST_ROWS or report.outcome is not Outcome.GRADED:
            shown.append(report)
    total = sum(counts.values())
    console = Console()
    if total <= _MOST_ROWS:
        console.print(summary_table(shown))
    elif counts[Outcome.GRADED] < total:
        console.print(summary_table(report for report in shown if report.outcome is not Outcome.GRADED))
    console.print(
        f"{total} submissions: " + ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    )
    return 3 if counts[Outcome.UNDECIDED] else 0


def choose_device(wanted: str, *, required: bool) -> str:
    """The device for `--device`. Raises UsageError where the command or the assignment insists on a card."""
    if required:
        raise click.UsageError("the assignment requires a card (device: require), and this version grades on the CPU.")
    if wanted == "cuda":
        raise click.UsageError("this version grades on the CPU; `--device cuda` is not there yet. Use --device cpu.")
    return "cpu"
