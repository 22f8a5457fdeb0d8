"""`autograder grade --trust-this-code`: the operator's own solution, graded without a fence and without a record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from autograder.cli.progress import Meter
from autograder.dispatch.digest import digest_of
from autograder.dispatch.engine import LocalEngine
from autograder.grading.material import Material
from autograder.grading.workshop import Submitted, Workshop
from autograder.reports import AssignmentInfo, write_reports
from autograder.results import Grading


def grade_trusted(
    material: Material,
    submissions: Sequence[Submitted],
    info: AssignmentInfo,
    *,
    jobs: int,
    seed: int,
    html: Path | None,
) -> list[Grading]:
    """Grade without a fence, by student. Nothing reaches the gradebook, so nothing can be exported as a grade."""
    click.echo("No fence: this code runs with your rights. Nothing is recorded.", err=True)
    with (
        Workshop(material, jobs=jobs, seed=seed, trusted=True) as workshop,
        Meter(len(submissions), material.assignment.id, "to grade without a fence") as meter,
    ):
        workshop.wait_ready()
        meter.ready()

        def work(submitted: Submitted) -> Grading:
            return workshop.grade(submitted, digest_of(submitted.files)).grading

        gradings = []
        for grading in LocalEngine(jobs).run(work, submissions, workshop.close):
            meter.advance()
            gradings.append(grading)
        workshop.require_grader()
    gradings.sort(key=lambda grading: grading.report.student)
    if html is not None:
        click.echo(f"Class report: {write_reports(html, gradings, info)}", err=True)
    return gradings
