"""The page of one student: points, what passed, hints, own errors."""

from __future__ import annotations

from autograder.reports.amounts import amount, count
from autograder.reports.info import AssignmentInfo
from autograder.reports.redact import StudentView, for_student
from autograder.reports.rendering import render
from autograder.results import Grading, Outcome, Verdict

NOT_DECIDED = "The grader could not decide this; it costs you nothing and staff have been told."


def student_page(grading: Grading, assignment: AssignmentInfo) -> str:
    """The report that a student gets, as a page that stands alone; of hidden tests nothing but what `redact` allows."""
    view = for_student(grading, assignment)
    return render("student.html", view=view, summary=summary(view), not_decided=NOT_DECIDED)


def summary(view: StudentView) -> list[str]:
    """What the result means, in a few sentences."""
    if view.outcome is Outcome.REJECTED:
        return [
            "This file could not be graded, so there are no points yet.",
            "That says nothing about your work: it is about the file as it arrived. "
            "Put right what is written below and hand it in again.",
        ]
    if view.outcome is Outcome.UNDECIDED:
        return [
            NOT_DECIDED,
            "There is no total until this is sorted out. What is decided stands below, and you need do nothing.",
        ]
    return _graded(view)


def _graded(view: StudentView) -> list[str]:
    passed, failed = view.verdicts(Verdict.PASSED), view.verdicts(Verdict.FAILED)
    sentences = []
    if failed:
        sentences.append(f"{passed} of {count(passed + failed, 'test')} passed. The hints below say where to look.")
    elif passed:
        sentences.append("Every test passed. Well done!" if passed > 1 else "The test passed. Well done!")
    if view.pending > 0:
        points = "1 more point is" if view.pending == 1 else f"{amount(view.pending)} more points are"
        sentences.append(f"{points} open: a person reads your written answers and adds them.")
    return sentences
