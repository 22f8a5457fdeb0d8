"""Who may see what: the only way from a `Grading` to a page.

                                   student                              staff
    ─────────────────────────────  ───────────────────────────────────  ──────────────────
    hidden test                    name, verdict, points, the author's   all, and what the
                                   hint if it failed                     test saw, seconds
    public test                    that, its purpose, and what it saw    the same as hidden
                                   if it failed (the student has it)
    undecided test                 that it is undecided                  what it saw
    reason of a rejection          yes: it says what to do               yes
    reason of an undecided report  no: it may quote the machine or a     yes
                                   hidden test
    own cell errors, written       yes                                   yes
    answers, repairs, flags
    outputs of the executed copy,  no                                    yes
    rubric, seconds, seed, tier

The pages get these views and never the grading, so that a template cannot show what its reader may not see.
Texts are made safe and cut to length here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from autograder.reports.info import AssignmentInfo, Kind
from autograder.reports.sanitise import block, line
from autograder.results import CellError, Grading, Outcome, QuestionResult, Report, TestResult, Verdict, Visibility

HINT_LIMIT = 2_000
DETAIL_LIMIT = 6_000
ANSWER_LIMIT = 30_000
NOTES = 100  # repairs, flags, errors: more of each than this is noise, or an attack


@dataclass(frozen=True, slots=True)
class TestView:
    """One verdict as its reader may see it. `saw` is what the test saw, `about` what it is for."""

    __test__ = False  # pytest: not a test class

    id: str
    verdict: Verdict
    points: Decimal | None
    max_points: Decimal
    visibility: Visibility
    hint: str | None = None
    about: str | None = None
    saw: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question with its verdicts or, for a written one, the answer. `rubric` is filled for staff only."""

    title: str
    kind: Kind
    points: Decimal | None
    max_points: Decimal
    tests: tuple[TestView, ...] = ()
    answer: str | None = None
    rubric: tuple[str, ...] = ()
    card: tuple[int, float] | None = None  # for staff: peak in bytes and seconds on a card, say the student's processes

    def verdicts(self, verdict: Verdict) -> int:
        """How many of the question's tests have this verdict."""
        return sum(test.verdict == verdict for test in self.tests)


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A cell of the student's that failed: `cell` counts from 1, as a reader does."""

    notebook: str
    cell: int
    question: str | None
    name: str
    message: str
    line: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class StudentView:
    """All that a student may see of a grading."""

    course: str
    assignment: str
    student: str
    members: tuple[str, ...]
    submission: str
    submitted_at: str | None
    outcome: Outcome
    reason: str | None
    points: Decimal | None
    max_points: Decimal
    pending: Decimal
    questions: tuple[QuestionView, ...]
    errors: tuple[ErrorView, ...]
    repairs: tuple[str, ...]
    flags: tuple[str, ...]

    def verdicts(self, verdict: Verdict) -> int:
        """How many tests have this verdict."""
        return sum(question.verdicts(verdict) for question in self.questions)


@dataclass(frozen=True, slots=True)
class StaffView:
    """All of a grading. `public` has every test's evidence filled in, `executed` is raw and has to be sanitised."""

    public: StudentView
    isolation: str
    snapshots: bool
    device: str
    seed: int
    seconds: float
    peak: int | None  # bytes
    card_peak: int | None  # bytes of a card
    executed: Mapping[str, Any]


def for_student(grading: Grading, assignment: AssignmentInfo) -> StudentView:
    """What the student may see."""
    report, details = grading.report, grading.evidence.details
    # One id with two visibilities cannot be, but if it were, the hidden one would count.
    tests = [test for question in report.questions for test in question.tests]
    hidden = {test.id for test in tests if test.visibility is not Visibility.PUBLIC}

    def view(test: TestResult) -> TestView:
        failed, public = test.verdict is Verdict.FAILED, test.id not in hidden
        return _test(
            test,
            hint=test.message if failed else None,
            about=assignment.tests.get(test.id) if public else None,
            saw=details.get(test.id) if public and failed else None,
        )

    questions = tuple(
        _question(question, assignment, grading, tuple(map(view, question.tests))) for question in report.questions
    )
    return _report(grading, assignment, questions, report.reason if report.outcome is Outcome.REJECTED else None)


def for_staff(grading: Grading, assignment: AssignmentInfo) -> StaffView:
    """Everything, for those who may see hidden tests."""
    report, evidence = grading.report, grading.evidence

    def view(test: TestResult) -> TestView:
        return _test(
            test,
            hint=test.message,
            about=assignment.tests.get(test.id),
            saw=evidence.details.get(test.id),
            seconds=evidence.seconds.get(test.id),
        )

    questions = tuple(
        _question(question, assignment, grading, tuple(map(view, question.tests)), staff=True)
        for question in report.questions
    )
    return StaffView(
        public=_report(grading, assignment, questions, report.reason),
        isolation=report.isolation,
        snapshots=report.snapshots,
        device=report.device,
        seed=report.seed,
        seconds=report.seconds,
        peak=evidence.peak,
        card_peak=evidence.card_peak,
        executed=evidence.executed,
    )


def _test(
    test: TestResult, *, hint: str | None, about: str | None, saw: str | None, seconds: float | None = None
) -> TestView:
    return TestView(
        id=line(test.id),
        verdict=test.verdict,
        points=test.points,
        max_points=test.max_points,
        visibility=test.visibility,
        hint=None if hint is None else block(hint, HINT_LIMIT),
        about=None if about is None else line(about),
        saw=None if saw is None else block(saw, DETAIL_LIMIT),
        seconds=seconds,
    )


def _question(
    question: QuestionResult,
    assignment: AssignmentInfo,
    grading: Grading,
    tests: tuple[TestView, ...],
    *,
    staff: bool = False,
) -> QuestionView:
    info = assignment.question(question.id)
    answer = grading.evidence.written.get(question.id)
    written = answer is not None or not question.tests
    return QuestionView(
        title=line(info.title if info else question.id),
        kind=info.kind if info else Kind.WRITTEN if written else Kind.CODE,
        points=question.points,
        max_points=question.max_points,
        tests=tests,
        answer=None if answer is None else block(answer, ANSWER_LIMIT),
        rubric=tuple(line(text) for text in info.rubric) if info and staff else (),
        card=_on_card(question, grading) if staff else None,
    )


def _on_card(question: QuestionResult, grading: Grading) -> tuple[int, float] | None:
    used = [grading.evidence.card[test.id] for test in question.tests if test.id in grading.evidence.card]
    return (max(size for size, _ in used), sum(seconds for _, seconds in used)) if used else None


def _error(error: CellError, assignment: AssignmentInfo) -> ErrorView:
    info = assignment.question(error.question) if error.question is not None else None
    return ErrorView(
        notebook=line(error.notebook),
        cell=error.cell + 1,
        question=line(info.title) if info else None,
        name=line(error.name),
        message=block(error.message, HINT_LIMIT),
        line=error.line,
        source=None if error.source is None else line(error.source),
    )


def _report(
    grading: Grading, assignment: AssignmentInfo, questions: tuple[QuestionView, ...], reason: str | None
) -> StudentView:
    report: Report = grading.report
    return StudentView(
        course=line(assignment.course_title),
        assignment=line(assignment.title),
        student=line(report.student),
        members=tuple(line(member) for member in report.members[:NOTES] if member != report.student),
        submission=line(report.submission),
        submitted_at=None if report.submitted_at is None else line(report.submitted_at),
        outcome=report.outcome,
        reason=None if reason is None else block(reason, HINT_LIMIT),
        points=report.points,
        max_points=report.max_points,
        pending=report.manual_points_pending,
        questions=questions,
        errors=tuple(_error(error, assignment) for error in grading.evidence.errors[:NOTES]),
        repairs=tuple(line(text, HINT_LIMIT) for text in report.repairs[:NOTES]),
        flags=tuple(line(text, HINT_LIMIT) for text in report.flags[:NOTES]),
    )
