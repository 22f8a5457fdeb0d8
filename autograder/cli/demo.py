"""`autograder demo`: a whole made-up class, graded.

    build/demo/class/<assignment>/     what the class handed in
    build/demo/<assignment>/           the class report, and the students' pages
    build/demo/results.jsonl           all results
    build/demo/gradebook.db            a gradebook of its own: the course's is not touched

Everything there is made anew each time. The limits of time are a share of the assignment's, so that what never ends
does not hold up whoever is watching.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import course_option, describe, jobs_option, open_course
from autograder.cli.demo_breaks import BREAKS
from autograder.cli.demo_class import Handed, make_class, write_class
from autograder.cli.output import write_results
from autograder.cli.progress import Meter
from autograder.course import Course, load_assignment
from autograder.dispatch.batch import plan_batch, run_batch
from autograder.dispatch.collect import collect
from autograder.gradebook import Gradebook
from autograder.grading.material import Material, load_material
from autograder.reports import summary_table, write_reports
from autograder.reports.amounts import amount, count
from autograder.results import Grading, Outcome, Report

FOLDER = Path("build", "demo")
_NOTEBOOK = (10.0, 6)
_TEST = (8.0, 2)
"""Seconds that are never cut, and the share (one in so many) of the assignment's limit that is left."""


@click.command()
@click.option(
    "--write-class",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    help="Only write the class's submissions, as DIR/<assignment>/<student>.ipynb.",
)
@jobs_option
@course_option
def command(target: Path | None, jobs: int, course_folder: Path | None) -> int:
    """Grade a made-up class over all assignments, with right, wrong, blank and broken notebooks."""
    course = open_course(course_folder)
    materials = [hurried(load_material(load_assignment(course, name))) for name in course.assignments]
    if not materials:
        raise click.ClickException("the course has no assignment yet: there is nothing to hand in.")
    classes = make_classes(materials)
    if target is not None:
        if target.is_dir() and any(target.iterdir()):
            raise click.ClickException(
                f"{target} is not empty; nothing was changed. Name a folder that is new or empty."
            )
        write_classes(target, classes)
        click.echo(f"Wrote {sum(map(len, classes.values()))} submissions to {target}.")
        return 0
    return demonstrate(course, materials, classes, jobs)


def hurried(material: Material) -> Material:
    """The same assignment with limits that suit somebody who watches."""
    own = material.assignment.limits
    update = {
        "notebook_seconds": _cut(own.notebook_seconds, *_NOTEBOOK),
        "test_seconds": _cut(own.test_seconds, *_TEST),
    }
    limits = own.model_copy(update=update)
    return replace(material, assignment=replace(material.assignment, limits=limits))


def _cut(seconds: float, least: float, share: int) -> float:
    return min(seconds, max(least, seconds / share))


def make_classes(materials: Sequence[Material]) -> dict[str, list[Handed]]:
    """Assignment → what the class hands in; who confuses assignments takes the next one for this."""
    others = [*materials[1:], materials[0]] if len(materials) > 1 else [None]
    return {
        material.assignment.id: make_class(material, other) for material, other in zip(materials, others, strict=True)
    }


def write_classes(folder: Path, classes: Mapping[str, Sequence[Handed]]) -> None:
    """Write every assignment's class into a folder of its own."""
    for assignment, handed in classes.items():
        write_class(folder / assignment, handed)


def demonstrate(
    course: Course, materials: Sequence[Material], classes: Mapping[str, Sequence[Handed]], jobs: int
) -> int:
    """Grade the class, print what became of it and write the reports; the exit code."""
    folder = course.root / FOLDER
    clear(folder, list(classes))
    write_classes(folder / "class", classes)
    console = Console(highlight=False)
    announce(console, materials, classes, jobs)
    reports: list[Report] = []
    pages = []
    with Gradebook.open(folder / "gradebook.db") as gradebook:
        for material in materials:
            name = material.assignment.id
            grade(material, gradebook, folder / "class" / name, classes[name], jobs)
            gradings = [gradebook.grading(number) for _, number in sorted(gradebook.current_ids(name).items())]
            own = [grading.report for grading in gradings]
            console.print(summary_table(own))
            show_aftermath(console, classes[name], gradings)
            pages.append(write_reports(folder / name, gradings, describe(course, material.assignment)))
            reports += own
    write_results(folder / "results.jsonl", reports)
    conclude(console, reports, folder, pages)
    return 3 if any(report.outcome is Outcome.UNDECIDED for report in reports) else 0


def clear(folder: Path, assignments: Sequence[str]) -> None:
    """Remove what an earlier demo left, and nothing else."""
    for name in ("class", *assignments):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in (folder / "results.jsonl", *folder.glob("gradebook.db*")):
        path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


def announce(
    console: Console, materials: Sequence[Material], classes: Mapping[str, Sequence[Handed]], jobs: int
) -> None:
    """Say who hands in what, and under which limits, before anything is graded."""
    students = {one.student for handed in classes.values() for one in handed}
    what = count(len(classes), "assignment")
    console.print(f"A made-up class of {len(students)} students hands in {what}, graded {jobs} at a time.")
    for material in materials:
        seconds = material.limits
        console.print(
            f"{material.assignment.id}: a notebook gets {seconds.notebook_seconds:g} s of CPU time here and a test "
            f"{seconds.test_seconds:g} s, as some of these never end.",
            soft_wrap=True,
        )
    table = Table("Broken on purpose", *classes, header_style="bold")
    for kind in BREAKS:
        who = [[one.student for one in handed if one.broken is kind] for handed in classes.values()]
        if any(who):
            table.add_row(kind.says, *map(", ".join, who))
    console.print(table)


def grade(material: Material, gradebook: Gradebook, folder: Path, handed: Sequence[Handed], jobs: int) -> None:
    """Grade one assignment's class with a progress bar; what has to run into a limit goes first, and nobody waits."""
    slow = {one.student for one in handed if one.broken is not None and one.broken.slow}
    submissions = sorted(collect([folder], material.assignment), key=lambda one: (one.student not in slow, one.student))
    plan = plan_batch(material, gradebook, submissions)
    with Meter(len(plan.todo), material.assignment.id, "submissions to grade") as meter:
        for _ in run_batch(material, gradebook, plan, jobs=jobs, on_ready=meter.ready):
            meter.advance()


def show_aftermath(console: Console, handed: Sequence[Handed], gradings: Sequence[Grading]) -> None:
    """Print what became of the broken ones, a line each."""
    found = {grading.report.student: grading for grading in gradings}
    broken = {one.broken: one for one in handed if one.broken is not None and one.student in found}
    width = max((len(one.student) for one in broken.values()), default=0)
    console.print("\nBroken on purpose, with the points that tests gave:", style="bold")
    for kind in BREAKS:
        if kind in broken:
            student = broken[kind].student
            first, *others = remarks(found[student])
            more = f" (and {len(others)} more)" if others else ""
            line = f"  {student:{width}}  {_points(found[student].report):>9}  {kind.says} → {first}{more}"
            if console.is_terminal:
                console.print(Text(line), no_wrap=True, overflow="ellipsis")
            else:
                console.print(Text(line), soft_wrap=True)
    console.print()


def _points(report: Report) -> str:
    if report.points is None:
        return report.outcome.value
    return f"{amount(report.points)} / {amount(report.max_points - report.manual_points_pending)}"


def remarks(grading: Grading) -> list[str]:
    """What a report says of an unusual submission: a reason, repairs, cells that failed, or else what tests tell."""
    report, evidence = grading.report, grading.evidence
    found = [report.reason] if report.reason is not None else []
    found += report.repairs
    for error in evidence.errors:
        found.append(f"Cell {error.cell + 1} failed: {error.name}" + (f": {error.message}" if error.message else ""))
    messages = (test.message for question in report.questions for test in question.tests)
    return found or list(dict.fromkeys(filter(None, messages))) or ["Nothing had to be repaired."]


def conclude(console: Console, reports: Sequence[Report], folder: Path, pages: Sequence[Path]) -> None:
    """Totals, and where to look."""
    counts = {outcome: sum(report.outcome is outcome for report in reports) for outcome in Outcome}
    told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    console.print(f"{len(reports)} submissions: {told}\n\nWhere to look:")
    for path in pages:
        console.print(f"  {_near(path)}  the class report", soft_wrap=True)
        console.print(f"  {_near(path.parent / 'students')}/  what each student gets", soft_wrap=True)
    console.print(f"  {_near(folder / 'results.jsonl')}  one JSON object per submission", soft_wrap=True)
    console.print(f"  {_near(folder / 'class')}/  what was handed in", soft_wrap=True)


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
