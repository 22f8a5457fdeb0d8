"""`autograder grade`: a class's submissions, graded and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
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
from autograder.cli.output import check_folder, write_results, written
from autograder.cli.progress import Meter
from autograder.cli.reduced import FLAG, announce
from autograder.cli.trusted import grade_trusted
from autograder.course import Assignment
from autograder.dispatch.batch import plan_batch, run_batch
from autograder.dispatch.collect import collect
from autograder.dispatch.device import Choice, NoCard, choose_device, wants_card
from autograder.dispatch.times import read_times
from autograder.gradebook import Gradebook
from autograder.grading.material import load_material
from autograder.grading.workshop import Workshop
from autograder.reports import AssignmentInfo, summary_table, write_reports
from autograder.reports.sanitise import line
from autograder.results import Outcome, Report
from autograder.sandbox.cards import Card, find_cards

_GOES_ON = "What was recorded stays; the same command goes on from there."
_FRESH = "What was recorded stays; with --fresh the command begins again."
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
@click.option(FLAG, "reduced", is_flag=True, help="A fence without namespaces: use it where they cannot be had.")
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
    reduced: bool,
    url: str | None,
    course_folder: Path | None,
) -> int:
    """Grade the submissions of assignment ID in PATH…: files, or folders of <student>.ipynb or <student>/…/*.ipynb."""
    if reduced:
        jobs = announce(jobs, trusted=trust_this_code)
    if results is not None:
        check_folder("--results", results.parent)
    if html is not None:
        check_folder("--html", html)
    course, assignment = open_assignment(course_folder, name)
    material = load_material(assignment)
    stated = read_times(times) if times else None
    submissions = collect(
        paths, assignment, roster=course.roster, times=stated, notice=lambda text: click.echo(line(text), err=True)
    )
    on = find_device(assignment, device, fenced=not (reduced or trust_this_code))
    if trust_this_code:
        info = describe(course, assignment)
        gradings = grade_trusted(material, submissions, info, jobs=jobs, seed=seed or 0, html=html)
        return publish_unrecorded([grading.report for grading in gradings], results)
    where = gradebook_url(course, url)
    new = isinstance(where, Path) and not where.exists()  # then everybody is to be graded: start warming up at once
    workshop = Workshop(material, jobs=jobs, card=on.card, reduced=reduced) if new else None
    with workshop or nullcontext(), Gradebook.open(where) as gradebook:
        plan = plan_batch(material, gradebook, submissions, device=on.device, seed=seed, fresh=fresh, reduced=reduced)
        todo = f"to grade, {len(plan.standing)} unchanged"
        with (
            Meter(len(plan.todo), assignment.id, todo, again=_FRESH if fresh else _GOES_ON) as meter,
            closing(
                run_batch(
                    material,
                    gradebook,
                    plan,
                    jobs=jobs,
                    card=on.card,
                    fresh=fresh,
                    reduced=reduced,
                    workshop=workshop,
                    on_ready=meter.ready,
                )
            ) as batch,
        ):
            for _ in batch:
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
    summary = Summary()
    reports = summary.watch(gradebook.report(number) for number in wanted)
    if results is not None:
        write_results(results, reports)
    for _ in reports:  # those that no file asked for
        pass
    if html is not None:
        with written(html):
            page = write_reports(html, (gradebook.grading(number) for number in wanted), info)
        click.echo(f"Class report: {page}", err=True)
    return summary.show()


def publish_unrecorded(reports: list[Report], results: Path | None) -> int:
    """The same for reports that no gradebook has."""
    if results is not None:
        write_results(results, reports)
    summary = Summary()
    for report in reports:
        summary.add(report)
    return summary.show()


@dataclass(slots=True)
class Summary:
    """What the terminal says of a class: its table, or its totals and what needs somebody where it is long."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    rows: list[Report] = field(default_factory=list)
    others: list[Report] = field(default_factory=list)

    def watch(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The same reports, counted as they pass."""
        for report in reports:
            self.add(report)
            yield report

    def add(self, report: Report) -> None:
        self.counts[report.outcome] += 1
        if len(self.rows) <= _MOST_ROWS:
            self.rows.append(report)
        if report.outcome is not Outcome.GRADED and len(self.others) < _MOST_ROWS:
            self.others.append(report)

    def show(self) -> int:
        """Print it; 3 if something stayed undecided, else 0."""
        total = sum(self.counts.values())
        console = Console()
        if len(self.rows) <= _MOST_ROWS:
            console.print(summary_table(self.rows))
        elif self.others:
            console.print(summary_table(self.others))
            left = total - self.counts[Outcome.GRADED] - len(self.others)
            if left:
                console.print(f"… and {left} more that were not graded", highlight=False)
        found = ", ".join(f"{number} {outcome}" for outcome, number in self.counts.items() if number)
        console.print(f"{total} submission{'s' * (total != 1)}: {found}")
        return 3 if self.counts[Outcome.UNDECIDED] else 0


def find_device(assignment: Assignment, option: str, *, fenced: bool) -> Choice:
    """The device for `--device`, said on the terminal where it is not what the assignment prefers; once for all.

    Raises UsageError where the command or the assignment insists on a card that cannot be had.
    """
    cards: list[Card] = []
    none_because = "a card is used with the full fence only"
    if fenced and wants_card(assignment.device, option):
        cards, none_because = find_cards()
    try:
        choice = choose_device(assignment.device, option, cards, none_because)
    except NoCard as error:
        raise click.UsageError(str(error)) from error
    lost = choice.card.missing() if choice.card is not None else None
    if lost is not None:
        raise click.UsageError(f"{lost}, or grade with --device cpu.")
    if choice.card is not None:
        click.echo(f"On {line(choice.card.name)}. Its device nodes are within students' reach.", err=True)
    elif choice.reason:
        click.echo(choice.reason, err=True)
    return choice
