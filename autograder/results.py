"""What grading produces: verdicts, reports and the evidence behind them. Pure values; imports nothing of ours.

A `Report` is what everybody may see, and is exactly the contracted JSON object (docs/design.md, "Results").
`Evidence` is what staff see beside it (tracebacks, timings) and what the student's own notebook printed.
Points are `Decimal`, so that sums are exact; they become JSON numbers only on the way out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Verdict(StrEnum):
    """What became of one test. Undecided is never a zero and never full marks."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


class Outcome(StrEnum):
    """What became of one submission."""

    GRADED = "graded"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class Visibility(StrEnum):
    """Whether students have the test in hand."""

    PUBLIC = "public"
    HIDDEN = "hidden"


def number(value: Decimal | None) -> float | None:
    """The JSON form of an amount of points."""
    return None if value is None else float(value)


def points(value: object) -> Decimal | None:
    """An amount of points from its JSON form, without binary rounding (0.1 stays 0.1)."""
    return None if value is None else Decimal(str(value))


def _required(value: object) -> Decimal:
    amount = points(value)
    if amount is None:
        raise ValueError("max_points must not be null")
    return amount


@dataclass(frozen=True, slots=True)
class TestResult:
    """The verdict of one test. `message` is for the student: the author's hint, never what the test saw."""

    __test__ = False  # pytest: not a test class

    id: str
    verdict: Verdict
    points: Decimal | None
    max_points: Decimal
    visibility: Visibility
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "verdict": self.verdict.value,
            "points": number(self.points),
            "max_points": number(self.max_points),
            "visibility": self.visibility.value,
            "message": self.message,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TestResult:
        return cls(
            id=data["id"],
            verdict=Verdict(data["verdict"]),
            points=points(data["points"]),
            max_points=_required(data["max_points"]),
            visibility=Visibility(data["visibility"]),
            message=data["message"],
        )


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """All verdicts of one question. `points` is None while a test is undecided or a human has to grade it."""

    id: str
    points: Decimal | None
    max_points: Decimal
    tests: tuple[TestResult, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "points": number(self.points),
            "max_points": number(self.max_points),
            "tests": [test.to_json() for test in self.tests],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> QuestionResult:
        return cls(
            id=data["id"],
            points=points(data["points"]),
            max_points=_required(data["max_points"]),
            tests=tuple(TestResult.from_json(test) for test in data["tests"]),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All verdicts of one submission: one line of the results file."""

    assignment: str
    student: str
    members: tuple[str, ...]
    submission: str  # "sha256:<hex>" of the submitted bytes
    outcome: Outcome
    max_points: Decimal
    submitted_at: str | None = None  # ISO 8601
    reason: str | None = None  # why it is rejected or undecided
    points: Decimal | None = None  # what is decided; None unless graded
    manual_points_pending: Decimal = Decimal(0)
    questions: tuple[QuestionResult, ...] = ()
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    isolation: str = "none"  # the fence's tier while student code ran
    snapshots: bool = True
    device: str = "cpu"
    seed: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "student": self.student,
            "members": list(self.members),
            "submission": self.submission,
            "submitted_at": self.submitted_at,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "points": number(self.points),
            "max_points": number(self.max_points),
            "manual_points_pending": number(self.manual_points_pending),
            "questions": [question.to_json() for question in self.questions],
            "repairs": list(self.repairs),
            "flags": list(self.flags),
            "isolation": self.isolation,
            "snapshots": self.snapshots,
            "device": self.device,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        if data.get("schema") != SCHEMA:
            raise ValueError(f"report of schema {data.get('schema')!r}, this version reads {SCHEMA}")
        return cls(
            assignment=data["assignment"],
            student=data["student"],
            members=tuple(data["members"]),
            submission=data["submission"],
            submitted_at=data["submitted_at"],
            outcome=Outcome(data["outcome"]),
            reason=data["reason"],
            points=points(data["points"]),
            max_points=_required(data["max_points"]),
            manual_points_pending=_required(data["manual_points_pending"]),
            questions=tuple(QuestionResult.from_json(question) for question in data["questions"]),
            repairs=tuple(data["repairs"]),
            flags=tuple(data["flags"]),
            isolation=data["isolation"],
            snapshots=data["snapshots"],
            device=data["device"],
            seed=data["seed"],
            seconds=data["seconds"],
        )


@dataclass(frozen=True, slots=True)
class CellError:
    """A student's own cell that failed: what the student would have seen in Jupyter."""

    notebook: str
    cell: int  # 0-based position in the submitted notebook
    question: str | None
    name: str  # exception class, or "Timeout", "Crashed", …
    message: str
    line: int | None = None  # 1-based, within the cell
    source: str | None = None  # that line's text

    def to_json(self) -> dict[str, Any]:
        return {slot: getattr(self, slot) for slot in self.__slots__}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lies behind a report. `details` may quote hidden tests: staff only. The rest is the student's own."""

    details: dict[str, str] = field(default_factory=dict)  # test id → what the grader saw
    seconds: dict[str, float] = field(default_factory=dict)  # test id → wall seconds
    errors: tuple[CellError, ...] = ()
    written: dict[str, str] = field(default_factory=dict)  # written question id → the answer as typed
    executed: dict[str, dict[str, Any]] = field(default_factory=dict)  # notebook name → nbformat 4 JSON with outputs
    peak: int | None = None  # bytes of memory that the student's processes held at most; None where nobody counted
    card: dict[str, tuple[int, float]] = field(default_factory=dict)  # test id → bytes and seconds on a card, a claim
    card_peak: int | None = None  # bytes of a card, as its driver counts them; None where it does not

    def to_json(self) -> dict[str, Any]:
        return {
            "details": self.details,
            "seconds": self.seconds,
            "errors": [error.to_json() for error in self.errors],
            "written": self.written,
            "executed": self.executed,
            "peak": self.peak,
            "card": {test: list(used) for test, used in self.card.items()},
            "card_peak": self.card_peak,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Evidence:
        return cls(
            details=data["details"],
            seconds=data["seconds"],
            errors=tuple(CellError(**error) for error in data["errors"]),
            written=data["written"],
            executed=data["executed"],
            peak=data.get("peak"),  # earlier gradebooks have none, nor what follows
            card={test: (used[0], used[1]) for test, used in data.get("card", {}).items()},
            card_peak=data.get("card_peak"),
        )


@dataclass(frozen=True, slots=True)
class Grading:
    """One submission graded: the report and its evidence travel together from the fence to the gradebook."""

    report: Report
    evidence: Evidence = field(default_factory=Evidence)
