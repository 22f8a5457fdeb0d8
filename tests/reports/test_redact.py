"""Nothing that is for staff reaches a student."""

import ast
import random
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path

import autograder
from autograder.reports import AssignmentInfo, Kind, QuestionInfo, for_staff, for_student, student_page
from autograder.results import (
    CellError,
    Evidence,
    Grading,
    Outcome,
    QuestionResult,
    Report,
    TestResult,
    Verdict,
    Visibility,
)

POINT = Decimal(1)


class Canaries:
    """Random tokens; those that a student must not meet are kept apart."""

    def __init__(self) -> None:
        self.staff: dict[str, str] = {}
        self.student: dict[str, str] = {}
        self._random = random.Random(1)

    def secret(self, name: str) -> str:
        return self.staff.setdefault(name, f"S{self._random.getrandbits(64):x}")

    def open(self, name: str) -> str:
        return self.student.setdefault(name, f"O{self._random.getrandbits(64):x}")


def planted(canaries: Canaries, outcome: Outcome) -> tuple[Grading, AssignmentInfo]:
    """A submission with a token in every field, its tests of all verdicts and both visibilities."""
    tests, details, docs, seconds = [], {}, {}, {}
    for visibility in Visibility:
        for verdict in Verdict:
            id = canaries.open(f"{visibility} {verdict} id")
            shown = visibility is Visibility.PUBLIC and verdict is Verdict.FAILED
            details[id] = (canaries.open if shown else canaries.secret)(f"{visibility} {verdict} details")
            docs[id] = (canaries.open if visibility is Visibility.PUBLIC else canaries.secret)(f"{id} doc")
            hint = (canaries.open if verdict is Verdict.FAILED else canaries.secret)(f"{id} hint")
            seconds[id] = 7351.25
            tests.append(TestResult(id, verdict, POINT, POINT, visibility, hint))
    written = QuestionResult("w", None, POINT)
    told = outcome is Outcome.REJECTED
    cell = {"cell_type": "code", "source": canaries.secret("cell"), "outputs": []}
    report = Report(
        assignment="a",
        student=canaries.open("student"),
        members=(canaries.open("member"),),
        submission=canaries.open("submission"),
        outcome=outcome,
        max_points=Decimal(7),
        reason=(canaries.open if told else canaries.secret)("reason"),
        points=POINT if outcome is Outcome.GRADED else None,
        questions=(QuestionResult("q", None, Decimal(6), tuple(tests)), written),
        repairs=(canaries.open("repair"),),
        flags=(canaries.open("flag"),),
        isolation=canaries.secret("isolation"),
        device=canaries.secret("device"),
        seed=918273645546372819,
        seconds=7351.25,
    )
    error = CellError("n.ipynb", 0, "q", canaries.open("name"), canaries.open("message"), 1, canaries.open("source"))
    executed = {canaries.secret("notebook"): {"cells": [cell]}}
    evidence = Evidence(details, seconds, (error,), {"w": canaries.open("answer")}, executed)
    questions = (
        QuestionInfo("q", canaries.open("title"), Kind.CODE, Decimal(6)),
        QuestionInfo("w", "Why", Kind.WRITTEN, POINT, (canaries.secret("rubric"),)),
    )
    info = AssignmentInfo("a", canaries.open("assignment"), canaries.open("course"), Decimal(7), questions, docs)
    return Grading(report, evidence), info


def words(value: object) -> str:
    """Every string and number inside a view."""
    if is_dataclass(value):
        return " ".join(words(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, tuple):
        return " ".join(map(words, value))
    return str(value)


def test_student_page_holds_no_canary():
    """Whatever the outcome, no staff-only token or number is in the page or in the view behind it."""
    for outcome in Outcome:
        canaries = Canaries()
        grading, info = planted(canaries, outcome)
        for text in (student_page(grading, info), words(for_student(grading, info))):
            assert [name for name, token in canaries.staff.items() if token in text] == []
            assert "7351" not in text
            assert "918273645546372819" not in text


def test_student_page_holds_what_the_student_may_see():
    """The test above is not green because the page is empty: every open token is there."""
    for outcome in Outcome:
        canaries = Canaries()
        grading, info = planted(canaries, outcome)
        text = student_page(grading, info)
        assert [name for name, token in canaries.student.items() if token not in text] == []


def test_staff_view_holds_everything_but_the_page_frame():
    """Staff see the details of every test, hidden or not."""
    canaries = Canaries()
    grading, info = planted(canaries, Outcome.UNDECIDED)
    text = words(for_staff(grading, info))
    assert [name for name, token in canaries.staff.items() if token not in text] == []


def test_id_with_two_visibilities_counts_as_hidden():
    """Details under an id that is hidden anywhere are never shown."""
    public = TestResult("t", Verdict.FAILED, Decimal(0), POINT, Visibility.PUBLIC)
    question = QuestionResult("q", Decimal(0), POINT, (public, replace(public, visibility=Visibility.HIDDEN)))
    report = Report("a", "ada", (), "sha256:0", Outcome.GRADED, POINT, points=Decimal(0), questions=(question,))
    info = AssignmentInfo("a", "A", "C", POINT, tests={"t": "doc"})
    view = for_student(Grading(report, Evidence({"t": "secret"})), info)
    assert [(test.saw, test.about) for test in view.questions[0].tests] == [(None, None)] * 2


def test_redaction_is_the_only_way_to_evidence():
    """No page, table or command looks into a grading's evidence but `redact`; the class counts its seconds.

    The demo explains a class that it has made up.
    """
    package = Path(autograder.__file__).parent
    readers = {
        (path.stem, ast.unparse(node))
        for room in ("reports", "cli", "dispatch")
        for path in (package / room).rglob("*.py")
        if "template" not in path.parts and path.stem != "demo"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"details", "written", "executed", "evidence"}
    }
    assert {name for name, _ in readers} == {"redact", "tally", "executed_page"}
    assert {text for name, text in readers if name == "tally"} == {"grading.evidence"}
    assert {text for name, text in readers if name == "executed_page"} == {"view.executed"}
    tally = ast.parse((package / "reports" / "tally.py").read_text(encoding="utf-8"))
    taken = [ast.unparse(node) for node in ast.walk(tally) if isinstance(node, ast.Attribute)]
    assert taken.count("grading.evidence") == taken.count("grading.evidence.seconds")
