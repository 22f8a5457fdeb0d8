"""From verdicts to a report."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from autograder.grading.assemble import RESTORED, Facts, assemble, rejected, run_index, undecided
from autograder.grading.attempt import CellDone
from autograder.grading.outputs import read_error
from autograder.grading.submission import TestVerdict
from autograder.notebook import read_submission, submission_notebook, to_bytes
from autograder.results import Evidence, Outcome, Verdict

FACTS = Facts("ada", ("ada",), "sha256:00", None, "full", "cpu", 5, 0.5, ("a flag",))


@pytest.fixture
def intake(small: Any) -> Any:
    """The reference's notebook after intake."""
    data = to_bytes(submission_notebook(small.masters[0], small.releases[0]))
    return read_submission(data, "small.ipynb", small.templates[0])


def verdicts(small: Any, **changes: TestVerdict | None) -> dict[str, TestVerdict]:
    """All tests passed but for the changes."""
    found = {test.id: TestVerdict(Verdict.PASSED) for test in small.planned} | changes
    return {test: verdict for test, verdict in found.items() if verdict is not None}


def test_points_add_up_exactly(small: Any, intake: Any) -> None:
    """A report's points are the sum of its tests' points, written questions wait."""
    wrong = TestVerdict(Verdict.FAILED, "canary-detail")
    report = assemble(small.assignment, FACTS, [intake], verdicts(small, test_first=wrong), [{}]).report
    assert (report.outcome, report.points, report.max_points) == (Outcome.GRADED, Decimal(7), Decimal(10))
    assert report.manual_points_pending == 2
    assert sum(question.points or 0 for question in report.questions) == report.points
    assert report.flags[0] == "a flag"


@pytest.mark.parametrize("missing", [None, TestVerdict(Verdict.UNDECIDED, "canary-detail")])
def test_undecided_is_no_zero(small: Any, intake: Any, missing: TestVerdict | None) -> None:
    """A test without a verdict leaves the submission without points, names the test and keeps what is decided."""
    report = assemble(small.assignment, FACTS, [intake], verdicts(small, test_first=missing), [{}]).report
    assert (report.outcome, report.points) == (Outcome.UNDECIDED, None)
    assert "test_first" in str(report.reason)
    calls, shared, _ = report.questions
    assert (calls.points, shared.points) == (None, 4)
    assert {test.id: test.points for test in calls.tests}["test_second"] == 1


def test_message_is_the_hint(small: Any, intake: Any) -> None:
    """A student reads which limit decided and the author's hint, and never what the test saw."""
    changes = {
        "test_first": TestVerdict(Verdict.FAILED, "canary-detail", told="Too slow."),
        "test_second": TestVerdict(Verdict.FAILED, "canary-detail"),
        "test_third": TestVerdict(Verdict.FAILED, "canary-detail", message="as stored"),
    }
    grading = assemble(small.assignment, FACTS, [intake], verdicts(small, **changes), [{}])
    messages = {test.id: test.message for question in grading.report.questions for test in question.tests}
    assert messages["test_first"] == "Too slow. What comes first?"
    assert messages["test_second"] is None
    assert messages["test_third"] == "as stored"
    assert messages["test_zero"] is None
    assert "canary" not in json.dumps(grading.report.to_json())
    assert grading.evidence.details["test_first"] == "canary-detail"


def test_cell_errors_are_checked(small: Any, intake: Any) -> None:
    """Of what a process says of an error each part is checked; the line's text comes from the submission."""
    place = next(n for n, cell in enumerate(intake.cells) if "def zero" in cell.source)
    index = run_index(intake.cells[place], place)
    good = {"name": "E" * 500, "message": "m", "cell": index, "line": 1, "source": "forged"}
    for error, line in ((good, 1), ({**good, "line": 10**6}, None), ({**good, "line": "1"}, None), ({"name": 1}, None)):
        done = {index: CellDone(error=read_error(error))}
        evidence = assemble(small.assignment, FACTS, [intake], {}, [done]).evidence
        (told,) = evidence.errors
        assert (told.cell, told.line, len(told.name) <= 100) == (index, line, True)
        assert told.source != "forged"
        json.dumps(evidence.to_json())


def test_large_cell_error_is_cut() -> None:
    """Of an error as large as a message can be, a few lines are kept: there may be one for every cell."""
    claimed = {"name": "E" * 2**20, "message": ["m" * 2**20], "traceback": "t" * 2**20, 7: b"x" * 2**20, "line": 2.0}
    kept = read_error(claimed)
    assert len(json.dumps(kept)) < 3000
    assert (kept["cell"], kept["line"]) == (None, None)


def test_fatal_cell_in_the_copy(small: Any, intake: Any) -> None:
    """The executed copy shows each cell's outputs, and in place of a fatal cell's what it did."""
    stream = {"output_type": "stream", "name": "stdout", "text": "hello"}
    runs = [run_index(cell, place) for place, cell in enumerate(intake.cells) if cell.runs]
    done = {runs[0]: CellDone(outputs=[stream]), runs[1]: CellDone(fatal="Crashed: it ended")}
    evidence = assemble(small.assignment, FACTS, [intake], {}, [done]).evidence
    outputs = [output for cell in evidence.executed["small.ipynb"]["cells"] for output in cell.get("outputs", [])]
    assert outputs[0] == stream
    assert (outputs[1]["ename"], outputs[1]["evalue"]) == ("Crashed", "it ended")
    assert [(error.name, error.message) for error in evidence.errors] == [("Crashed", "it ended")]


def test_run_index_of_a_restored_cell(intake: Any) -> None:
    """Cells that the student's notebook lacked run under numbers that no cell of it can have."""
    assert run_index(intake.cells[0], 0) == intake.cells[0].index
    assert RESTORED > 9_999


def test_reports_without_verdicts(small: Any) -> None:
    """A rejection and a failure of ours carry their reason and no points."""
    for make, outcome in ((rejected, Outcome.REJECTED), (undecided, Outcome.UNDECIDED)):
        report = make(small.assignment, FACTS, "why").report
        assert (report.outcome, report.reason, report.points, report.questions) == (outcome, "why", None, ())


def test_use_of_a_card_is_evidence(small: Any, intake: Any) -> None:
    """What tests used of a card, and that they shared a process, stands in the grading, and is stored with it."""
    used = verdicts(small, test_first=TestVerdict(Verdict.PASSED, card=(2**20, 0.5)))
    facts = replace(FACTS, snapshots=False)
    grading = assemble(small.assignment, facts, [intake], used, [{}], card=2**31)
    assert (grading.report.snapshots, grading.evidence.card) == (False, {"test_first": (2**20, 0.5)})
    again = Evidence.from_json(json.loads(json.dumps(grading.evidence.to_json())))
    assert (again.card, again.card_peak) == (grading.evidence.card, 2**31)
    earlier = {name: value for name, value in again.to_json().items() if not name.startswith("card")}
    assert (Evidence.from_json(earlier).card, Evidence.from_json(earlier).card_peak) == ({}, None)
