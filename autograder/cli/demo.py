"""`autograder demo`: a whole made-up class, graded.

    build/demo/class/<assignment>/     what the class handed in
    build/demo/<assignment>/           the class report, and the students' pages
    build/demo/results.jsonl           all results
    build/demo/gradebook.db            a gradebook of its own: the course's is not touched

Everything there is made anew each time. The limits of time are the assignment's or stricter, so that what never ends does
not hold up whoever is watching.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.common import course_option, describe, jobs_option, open_course
from autograder.cli.demo_class import Handed, make_class, write_class
from autograder.cli.grade import write_results
from autograder.cli.progress import Meter
from autograder.course import Course, load_assignment
from autograder.dispatch.batch import plan_batch, run_batch
from autograder.dispatch.collect import collect
from autograder.gradebook import Gradebook
from autograder.grading.material import Material, load_material
from autograder.reports import summary_table, write_reports
from autograder.results import Grading, Outcome, Report

FOLDER = Path("build", "demo")
NOTEBOOK_SECONDS = 10.0
TEST_SECONDS = 4.0


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
    limits = own.model_copy(
        update={
            "notebook_seconds": min(own.notebook_seconds, NOTEBOOK_SECONDS),
            "test_seconds": min(own.test_seconds, TEST_SECONDS),
        }
    )
    return replace(material, assignment=replace(material.assignment, limits=limits))


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
    announce(console, classes, jobs)
    reports: list[Report] = []
    pages = []
    with Gradebook.open(folder / "gradebook.db") as gradebook:
        for material in materials:
            name = material.assignment.id
            grade(material, gradebook, folder / "class" / name, classes[name], jobs)
            gradings = [gradebook.grading(number) for _, number in sorted(gradebook.current_ids(name).items())]
            own = [grading.report for grading in gradings]
            console.print(summary_table(own))
            console.print(aftermath(classes[name], gradings))
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


def announce(console: Console, classes: Mapping[str, Sequence[Handed]], jobs: int) -> None:
    """Say who hands in what before anything is graded."""
    students = {one.student for handed in classes.values() for one in handed}
    assignments = f"{len(classes)} assignment" + "s" * (len(classes) != 1)
    console.print(f"A made-up class of {len(students)} students hands in {assignments}, graded {jobs} at a time.")
    console.print(
        f"A notebook gets {NOTEBOOK_SECONDS:g} s of CPU time here and a test {TEST_SECONDS:g} s, or less where the"
        " assignment says so: some of these notebooks never end.\n"
    )
    table = Table("Broken on purpose", *classes, header_style="bold")
    who: dict[str, list[str]] = {}
    for handed in classes.values():
        for one in handed:
            if one.broken is not None:
                who.setdefault(one.broken.says, [])
    for says, names in who.items():
        for handed in classes.values():
            names.append(", ".join(one.student for one in handed if one.broken is not None and one.broken.says == says))
        table.add_row(says, *names)
    console.print(table)


def grade(material: Material, gradebook: Gradebook, folder: Path, handed: Sequence[Handed], jobs: int) -> None:
    """Grade one assignment's class with a progress bar. What has to run into a limit goes first, so that nobody waits."""
    slow = {one.student for one in handed if one.broken is not None and one.broken.slow}
    submissions = sorted(collect([folder], material.assignment), key=lambda one: (one.student not in slow, one.student))
    plan = plan_batch(material, gradebook, submissions)
    with Meter(len(plan.todo), material.assignment.id, "submissions to grade") as meter:
        for _ in run_batch(material, gradebook, plan, jobs=jobs, on_ready=meter.ready):
            meter.advance()


def aftermath(handed: Sequence[Handed], gradings: Sequence[Grading]) -> Table:
    """What became of the broken ones, in a line each."""
    found = {grading.report.student: grading for grading in gradings}
    table = Table("Student", "Handed in", "Points by tests", "What the grader made of it", header_style="bold")
    for one in handed:
        if one.broken is not None and one.student in found:
            grading = found[one.student]
            table.add_row(one.student, one.broken.says, _points(grading.report), Text(next(remarks(grading))))
    return table


def _points(report: Report) -> str:
    if report.points is None:
        return report.outcome.value
    return f"{report.points.normalize():f} / {(report.max_points - report.manual_points_pending).normalize():f}"


def remarks(grading: Grading) -> Iterator[str]:
    """What a report says first about an unusual submission: a reason, a repair, a cell that failed, a limit met."""
    report, evidence = grading.report, grading.evidence
    if report.reason is not None:
        yield report.reason
    yield from report.repairs
    for error in evidence.errors:
        yield f"Cell {error.cell + 1} was left with {error.name}: {error.message}"
    for question in report.questions:
        for test in question.tests:
            if test.message is not None:
                yield test.message
    yield "Nothing had to be repaired."


def conclude(console: Console, reports: Sequence[Report], folder: Path, pages: Sequence[Path]) -> None:
    """Totals, and where to look."""
    counts = {outcome: sum(report.outcome is outcome for report in reports) for outcome in Outcome}
    console.print(
        f"\n{len(reports)} submissions: " + ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    )
    console.print("\nWhere to look:")
    for path in pages:
        console.print(
            f"  {_near(path)}  the class; students’ pages in {_near(path.parent / 'students')}/", soft_wrap=True
        )
    console.print(f"  {_near(folder / 'results.jsonl')}  one JSON object per submission", soft_wrap=True)
    console.print(f"  {_near(folder / 'class')}/  what was handed in", soft_wrap=True)


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
