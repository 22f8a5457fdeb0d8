"""A class in numbers, gathered in one pass: a grading is looked at once and only its row stays in memory."""

from __future__ import annotations

import heapq
import statistics
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from autograder.reports.files import page_name
from autograder.reports.info import AssignmentInfo
from autograder.reports.sanitise import line
from autograder.results import Grading, Outcome, QuestionResult, Report, Verdict, Visibility

SLOWEST = 8
NAMED = 3  # failed tests that a row names; the rest is a number
KINDS = 1_000  # different texts of flags and repairs that are told apart
HARD = 0.5  # below this pass rate a test is flagged


@dataclass(frozen=True, slots=True)
class Row:
    """One submission in the class report."""

    student: str
    page: str
    outcome: Outcome
    reason: str | None
    points: Decimal | None
    max_points: Decimal
    pending: Decimal
    failed: tuple[str, ...]
    failed_count: int
    undecided: tuple[str, ...]
    undecided_count: int
    flags: int
    repairs: int
    seconds: float
    slowest_test: str | None


@dataclass(slots=True)
class TestTally:
    """One test over the whole class."""

    __test__ = False  # pytest: not a test class

    id: str
    about: str
    question: str
    visibility: Visibility
    max_points: Decimal
    passed: int = 0
    failed: int = 0
    undecided: int = 0
    longest: float | None = None

    @property
    def rate(self) -> float | None:
        """The share of decided verdicts that passed."""
        decided = self.passed + self.failed
        return self.passed / decided if decided else None

    @property
    def remark(self) -> str | None:
        """What to look at, in words."""
        if self.rate is None:
            return "decided for nobody: look at the test"
        if self.rate == 0:
            return "nobody passed: is the test right?"
        return "hard: most did not pass" if self.rate < HARD else None


@dataclass(slots=True)
class QuestionTally:
    """One question over the whole class: the points that are decided."""

    title: str
    max_points: Decimal
    total: Decimal = Decimal(0)
    decided: int = 0
    open: int = 0

    @property
    def mean(self) -> Decimal | None:
        return self.total / self.decided if self.decided else None

    @property
    def share(self) -> float | None:
        return float(self.mean / self.max_points) if self.mean is not None and self.max_points else None


@dataclass(slots=True)
class Tally:
    """The class so far. Rejected and undecided submissions are listed and count in no figure on points."""

    assignment: AssignmentInfo
    rows: list[Row] = field(default_factory=list)
    tests: dict[str, TestTally] = field(default_factory=dict)
    questions: dict[str, QuestionTally] = field(default_factory=dict)
    isolation: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    without_snapshots: int = 0

    def __post_init__(self) -> None:
        for question in self.assignment.questions:
            self.questions[question.id] = QuestionTally(line(question.title), question.points)

    def add(self, grading: Grading) -> None:
        """Takes one submission in."""
        report = grading.report
        for question in report.questions:
            self._add_question(question, graded=report.outcome is Outcome.GRADED)
            self._add_tests(question, grading.evidence.seconds)
        if report.outcome is Outcome.GRADED or _decided(report):  # else nothing of the student's may have run
            self.isolation[line(report.isolation)] += 1
            self.devices[line(report.device)] += 1
            self.without_snapshots += not report.snapshots
        _note(self.flags, report.flags)
        _note(self.repairs, report.repairs)
        self.rows.append(self._row(report, grading.evidence.seconds))

    def count(self, outcome: Outcome) -> int:
        """How many submissions came out so."""
        return sum(row.outcome is outcome for row in self.rows)

    def points(self) -> list[Decimal]:
        """The points of all graded submissions."""
        return [row.points for row in self.rows if row.outcome is Outcome.GRADED and row.points is not None]

    def pending(self) -> int:
        """How many graded submissions still wait for a person."""
        return sum(row.outcome is Outcome.GRADED and row.pending > 0 for row in self.rows)

    def by_student(self) -> list[Row]:
        """All rows in the order of the students' ids."""
        return sorted(self.rows, key=lambda row: (row.student.casefold(), row.student))

    def of(self, outcome: Outcome) -> list[Row]:
        """The rows that came out so, in the order of the students' ids."""
        return [row for row in self.by_student() if row.outcome is outcome]

    def slowest(self) -> list[Row]:
        """The submissions that took longest, the longest first."""
        return heapq.nlargest(SLOWEST, self.rows, key=lambda row: row.seconds)

    def hardest(self) -> list[TestTally]:
        """All tests, those that the fewest passed first."""
        return sorted(self.tests.values(), key=lambda test: (-1.0 if test.rate is None else test.rate, test.id))

    def undecided_tests(self) -> list[TestTally]:
        """Tests that could not decide, those that could not most often first."""
        found = [test for test in self.tests.values() if test.undecided]
        return sorted(found, key=lambda test: (-test.undecided, test.id))

    def _add_question(self, question: QuestionResult, *, graded: bool) -> None:
        tally = self.questions.get(question.id)
        if tally is None:
            tally = self.questions[question.id] = QuestionTally(line(question.id), question.max_points)
        if question.points is None:
            tally.open += 1
        elif graded:
            tally.decided += 1
            tally.total += question.points

    def _add_tests(self, question: QuestionResult, seconds: dict[str, float]) -> None:
        for test in question.tests:
            tally = self.tests.get(test.id)
            if tally is None:
                tally = self.tests[test.id] = TestTally(
                    id=line(test.id),
                    about=line(self.assignment.tests.get(test.id, "")),
                    question=self.questions[question.id].title,
                    visibility=test.visibility,
                    max_points=test.max_points,
                )
            tally.passed += test.verdict is Verdict.PASSED
            tally.failed += test.verdict is Verdict.FAILED
            tally.undecided += test.verdict is Verdict.UNDECIDED
            took = seconds.get(test.id)
            if took is not None:
                tally.longest = max(took, tally.longest or 0.0)

    def _row(self, report: Report, seconds: dict[str, float]) -> Row:
        failed = self._ids(report, Verdict.FAILED)
        undecided = self._ids(report, Verdict.UNDECIDED)
        slowest = max((id for id in seconds if id in self.tests), key=seconds.__getitem__, default=None)
        return Row(
            student=line(report.student),
            page=page_name(report.student),
            outcome=report.outcome,
            reason=None if report.reason is None else line(report.reason, 600),
            points=report.points,
            max_points=report.max_points,
            pending=report.manual_points_pending,
            failed=tuple(failed[:NAMED]),
            failed_count=len(failed),
            undecided=tuple(undecided[:NAMED]),
            undecided_count=len(undecided),
            flags=len(report.flags),
            repairs=len(report.repairs),
            seconds=report.seconds,
            slowest_test=None if slowest is None else self.tests[slowest].id,
        )

    def _ids(self, report: Report, verdict: Verdict) -> list[str]:
        """The tests with this verdict, named by the tally's own strings: ten thousand rows share them."""
        tests = (test for question in report.questions for test in question.tests)
        return [self.tests[test.id].id for test in tests if test.verdict is verdict]


def mean(points: list[Decimal]) -> Decimal | None:
    """The mean, exact; None of nothing."""
    return statistics.mean(points) if points else None


def median(points: list[Decimal]) -> Decimal | None:
    """The median; None of nothing."""
    return statistics.median(points) if points else None


def spread(points: list[Decimal]) -> Decimal | None:
    """The standard deviation of the class itself; None of fewer than two."""
    return statistics.pstdev(points) if len(points) > 1 else None


def _decided(report: Report) -> bool:
    return any(test.verdict is not Verdict.UNDECIDED for question in report.questions for test in question.tests)


def _note(counter: Counter[str], texts: tuple[str, ...]) -> None:
    for text in {line(text) for text in texts}:
        counter[text if text in counter or len(counter) < KINDS else "others"] += 1
