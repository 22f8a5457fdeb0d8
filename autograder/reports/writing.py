"""A folder of reports for a batch.

    DIR/index.html              the class, for staff
    DIR/staff/<student>.html    one submission with hidden tests' evidence, for staff
    DIR/students/<student>.html what the student gets; nothing in it links to the other two

Gradings are taken one at a time and forgotten when their two pages are written; only a row of each stays. If a
student comes twice, the later pages stay. Only `students/` may leave the staff, and even there ids can be guessed:
hand out single pages, or publish them behind a log-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from autograder.reports.amounts import now
from autograder.reports.class_page import tally_pieces
from autograder.reports.executed_page import executed_page
from autograder.reports.files import page_name, write_beside
from autograder.reports.info import AssignmentInfo
from autograder.reports.student_page import student_page
from autograder.reports.tally import Tally
from autograder.results import Grading


def write_reports(
    directory: Path, gradings: Iterable[Grading], assignment: AssignmentInfo, *, generated_at: datetime | None = None
) -> Path:
    """Writes all pages and gives the path of the class report. Each file appears whole or not at all."""
    students, staff = directory / "students", directory / "staff"
    for folder in (students, staff):
        folder.mkdir(parents=True, exist_ok=True)
    tally = Tally(assignment)
    for grading in gradings:
        name = page_name(grading.report.student)
        write_beside(students / name, [student_page(grading, assignment)])
        write_beside(staff / name, [executed_page(grading, assignment)])
        tally.add(grading)
    index = directory / "index.html"
    write_beside(index, tally_pieces(tally, generated_at or now()))
    return index
