"""From verdicts to a report: pure sums, and the one place where a test's outcome becomes words for the student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from autograder.course import Assignment, Question, QuestionKind, TestSpec
from autograder.grading.attempt import CellDone
from autograder.grading.submission import TestVerdict
from autograder.notebook import CellKind, Intake, SubmittedCell
from autograder.results import (
    CellError,
    Evidence,
    Grading,
    Outcome,
    QuestionResult,
    Report,
    TestResult,
    Verdict,
)

RESTORED = 10_000
"""Run indices of cells that the student's notebook lacked start here; the others are positions in it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report says beside its verdicts."""

    student: str
    members: tuple[str, ...]
    submission: str  # "sha256:…"
    submitted_at: str | None
    isolation: str
    device: str
    seed: int
    seconds: float
    flags: tuple[str, ...] = ()
    snapshots: bool = True


def run_index(cell: SubmittedCell, position: int) -> int:
    """The number under which a cell runs: its place in the student's notebook, or one past all of those."""
    return RESTORED + position if cell.index is None else cell.index


def assemble(
    assignment: Assignment,
    facts: Facts,
    intakes: Sequence[Intake],
    verdicts: Mapping[str, TestVerdict],
    cells: Sequence[Mapping[int, CellDone]],
    peak: int | None = None,
    card: int | None = None,
) -> Grading:
    """The report of a submission that was run. A test without a verdict is undecided. `peak`, `card`: see
    `attempt.Pass`."""
    questions = tuple(_question(question, assignment.tests, verdicts) for question in assignment.questions)
    open_tests = [test for question in questions for test in question.tests if test.verdict is Verdict.UNDECIDED]
    pending = sum((q.max_points for q in questions if not q.tests), start=Decimal(0))
    decided = sum((q.points for q in questions if q.points is not None), start=Decimal(0))
    names = ", ".join(test.id for test in open_tests)
    report = Report(
        assignment=assignment.id,
        student=facts.student,
        members=facts.members,
        submission=facts.submission,
        submitted_at=facts.submitted_at,
        outcome=Outcome.UNDECIDED if open_tests else Outcome.GRADED,
        reason=f"the grader could not decide {names}" if open_tests else None,
        points=None if open_tests else decided,
        max_points=assignment.max_points,
        manual_points_pending=pending,
        questions=questions,
        repairs=tuple(repair for intake in intakes for repair in intake.repairs),
        flags=(*facts.flags, *(flag for intake in intakes for flag in intake.flags)),
        isolation=facts.isolation,
        snapshots=facts.snapshots,
        device=facts.device,
        seed=facts.seed,
        seconds=facts.seconds,
    )
    return Grading(report, replace(_evidence(assignment, intakes, verdicts, cells), peak=peak, card_peak=card))


def rejected(assignment: Assignment, facts: Facts, reason: str) -> Grading:
    """The report of a submission that cannot be graded, with the reason."""
    return Grading(_without_verdicts(assignment, facts, Outcome.REJECTED, reason))


def undecided(assignment: Assignment, facts: Facts, reason: str) -> Grading:
    """The report of a submission that the machine or the grader could not get through."""
    return Grading(_without_verdicts(assignment, facts, Outcome.UNDECIDED, reason))


def _without_verdicts(assignment: Assignment, facts: Facts, outcome: Outcome, reason: str) -> Report:
    return Report(
        assignment=assignment.id,
        student=facts.student,
        members=facts.members,
        submission=facts.submission,
        submitted_at=facts.submitted_at,
        outcome=outcome,
        reason=reason,
        max_points=assignment.max_points,
        flags=facts.flags,
        isolation=facts.isolation,
        device=facts.device,
        seed=facts.seed,
        seconds=facts.seconds,
    )


def _question(question: Question, tests: Sequence[TestSpec], verdicts: Mapping[str, TestVerdict]) -> QuestionResult:
    if question.kind is QuestionKind.WRITTEN:
        return QuestionResult(question.id, None, question.points)
    results = tuple(_test(test, verdicts.get(test.id)) for test in tests if test.question == question.id)
    decided = [result.points for result in results if result.points is not None]
    whole = len(decided) == len(results)
    return QuestionResult(question.id, sum(decided, start=Decimal(0)) if whole else None, question.points, results)


def _test(test: TestSpec, verdict: TestVerdict | None) -> TestResult:
    outcome = verdict.verdict if verdict is not None else Verdict.UNDECIDED
    points = {Verdict.PASSED: test.points, Verdict.FAILED: Decimal(0), Verdict.UNDECIDED: None}[outcome]
    message = None
    if outcome is Verdict.FAILED and verdict is not None:
        message = verdict.message or " ".join(filter(None, (verdict.told, test.hint))) or None
    return TestResult(test.id, outcome, points, test.points, test.visibility, message)


def _evidence(
    assignment: Assignment,
    intakes: Sequence[Intake],
    verdicts: Mapping[str, TestVerdict],
    cells: Sequence[Mapping[int, CellDone]],
) -> Evidence:
    books = list(zip(assignment.notebooks, intakes, cells, strict=True))
    return Evidence(
        details={test: verdict.detail for test, verdict in verdicts.items() if verdict.detail},
        seconds={test: verdict.seconds for test, verdict in verdicts.items()},
        errors=tuple(error for name, intake, done in books for error in _errors(name, intake, done)),
        written={question: text for intake in intakes for question, text in intake.written.items()},
        executed={name: _executed(intake, done) for name, intake, done in books},
        card={test: verdict.card for test, verdict in verdicts.items() if verdict.card is not None},
    )


def _errors(notebook: str, intake: Intake, done: Mapping[int, CellDone]) -> list[CellError]:
    errors = []
    for position, cell in enumerate(intake.cells):
        result = done.get(run_index(cell, position))
        if result is None or cell.index is None:
            continue
        if result.fatal is not None:
            name, _, message = result.fatal.partition(": ")
            errors.append(CellError(notebook, cell.index, cell.question, name, message))
        elif result.error is not None:
            errors.append(_cell_error(notebook, cell, result.error))
    return errors


def _cell_error(notebook: str, cell: SubmittedCell, error: Mapping[str, Any]) -> CellError:
    """A cell's error out of what `outputs.read_error` kept of it. The line is believed where there is such a line."""
    line = error["line"] if error["cell"] == cell.index else None
    source = None
    lines = cell.source.split("\n")
    if line is not None and 1 <= line <= len(lines):
        source = lines[line - 1].strip()
    else:
        line = None
    return CellError(
        notebook=notebook,
        cell=cell.index or 0,
        question=cell.question,
        name=error["name"],
        message=error["message"],
        line=line,
        source=source,
    )


def _executed(intake: Intake, done: Mapping[int, CellDone]) -> dict[str, Any]:
    """The repaired notebook with the outputs of this run, as nbformat 4."""
    cells: list[dict[str, Any]] = []
    for position, cell in enumerate(intake.cells):
        entry: dict[str, Any] = {
            "id": f"cell-{position}",
            "cell_type": cell.kind.value,
            "metadata": {"question": cell.question} if cell.question else {},
            "source": cell.source,
        }
        if cell.kind is CellKind.CODE:
            result = done.get(run_index(cell, position))
            entry["execution_count"] = None
            entry["outputs"] = _outputs(result) if result is not None else []
        cells.append(entry)
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _outputs(result: CellDone) -> list[Any]:
    if result.fatal is None:
        return result.outputs
    name, _, message = result.fatal.partition(": ")
    return [{"output_type": "error", "ename": name, "evalue": message, "traceback": [result.fatal]}]
