"""`show`: the class, one student, the history; for staff, and safe to look at whatever students wrote."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.cli import show
from autograder.cli.init import ASSIGNMENT, build
from autograder.cli.main import main
from autograder.gradebook import Gradebook
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

NASTY = "\x1b]52;c;ZXZpbA==\x07\x1b[2J[red]x[/red]\u202e"


def _report(student: str, **more) -> Report:
    """A report with a lost hidden test and an answer that waits for a person."""
    tests = (
        TestResult("test_length_of_3_4", Verdict.PASSED, Decimal(1), Decimal(1), Visibility.PUBLIC),
        TestResult(
            "test_length_in_any_dimension",
            Verdict.FAILED,
            Decimal(0),
            Decimal(1),
            Visibility.HIDDEN,
            "Any number of it.",
        ),
    )
    questions = (
        QuestionResult("length", Decimal(1), Decimal(2), tests),
        QuestionResult("doubled", None, Decimal(2)),
    )
    values = {
        "assignment": ASSIGNMENT,
        "student": student,
        "members": (student,),
        "submission": f"sha256:{student.encode().hex():0<64}",
        "outcome": Outcome.GRADED,
        "max_points": Decimal(7),
        "points": Decimal(1),
        "manual_points_pending": Decimal(2),
        "questions": questions,
        "repairs": ("Cell 3 was moved.",),
        "flags": ("Not on the roster.",),
        "isolation": "namespaces",
        "seed": 1234,
        "seconds": 0.5,
    }
    return Report(**{**values, **more})


def _failed(student: str, outcome: Outcome, reason: str) -> Report:
    return _report(student, outcome=outcome, reason=reason, points=None, questions=(), manual_points_pending=Decimal(0))


EVIDENCE = Evidence(
    details={"test_length_in_any_dimension": f"expected 4.5, got 3.0 {NASTY}"},
    seconds={"test_length_of_3_4": 0.01},
    errors=(CellError("first-steps.ipynb", 3, "length", "NameError", f"nothing {NASTY}", 2, "print(nothing)"),),
    written={"doubled": f"It doubles, too. {NASTY}"},
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A new course, made once."""
    folder = tmp_path_factory.mktemp("made") / "course"
    build(folder, "course", "Course")
    return folder


@pytest.fixture
def course(made: Path, monkeypatch, tmp_path: Path) -> Path:
    """The course as the current folder, on a terminal of eighty columns; its gradebook lies apart."""
    monkeypatch.chdir(made)
    monkeypatch.setenv("COLUMNS", "80")
    return made


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "gradebook.db")


@pytest.fixture
def put(url: str):
    """Record a report: `put(report, key)`."""

    def record(report: Report, key: str = "k", **more) -> None:
        with Gradebook.open(url) as gradebook:
            gradebook.record(Grading(report, EVIDENCE), key=key, answers="a", environment="e", fingerprints={}, **more)

    return record


@pytest.fixture
def call(course: Path, url: str, capsys):
    """Call `show`: (exit code, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["show", *arguments, "--gradebook", url])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def test_student_has_everything_for_staff(put, call):
    """Points, verdicts, hint, what the hidden test saw, cell error, written answer, rubric, notes, tier, seed."""
    put(_report("ada"))
    status, out, _ = call(ASSIGNMENT, "ada")
    assert status == 0
    told = " ".join(out.split())
    for text in (
        "ada (Ada Lovelace)",
        "1 of 7 points, 2 open for a person",
        "Length of a vector 1 / 2",
        "failed test_length_in_any_dimension hidden 0 / 1",
        "Any number of it.",
        "expected 4.5, got 3.0",
        "cell 4 of first-steps.ipynb, line 2 (Length of a vector): NameError: nothing",
        "print(nothing)",
        "It doubles, too.",
        "Says that the length doubles as well",
        "Cell 3 was moved.",
        "Not on the roster.",
        "fence namespaces",
        "seed 1234",
        "0.5 s",
    ):
        assert text in told


@pytest.mark.parametrize("arguments", [(), ("evil",), ("evil", "--history")])
def test_nothing_of_a_students_reaches_the_terminal_raw(put, call, arguments):
    """Escape sequences, reordering and markup in any text are shown, not obeyed."""
    put(_report("evil", flags=(NASTY,), repairs=(NASTY,), submission=f"sha256:{NASTY}"))
    put(_failed(f"x{NASTY}", Outcome.REJECTED, NASTY))
    _, out, err = call(ASSIGNMENT, *arguments)
    assert not any(sign in out + err for sign in "\x1b\x07\u202e")
    if arguments == ("evil",):
        assert "[red]x[/red]" in out


def test_class_shows_what_went_wrong_first(put, call):
    """Undecided, then rejected, then graded; the totals, the mean, and who is missing."""
    put(_report("ada"))
    put(_failed("grace", Outcome.REJECTED, "This is not a notebook."))
    put(_failed("zoe", Outcome.UNDECIDED, "the machine failed"))
    status, out, _ = call(ASSIGNMENT)
    assert status == 0
    assert out.index("zoe") < out.index("grace") < out.index("ada")
    assert "3 submissions: 1 graded, 1 rejected, 1 undecided" in out
    assert "Mean of those graded: 1 of 7 points." in out
    assert "1 submission with points open for a person." in out
    assert "Nothing handed in by alan." in out


def test_large_class_comes_in_pages(put, call, monkeypatch):
    """A table holds a page of the class at a time, and all pages hold the class."""
    monkeypatch.setattr(show, "_PAGE", 2)
    for number in range(5):
        put(_report(f"student-{number}"))
    _, out, _ = call(ASSIGNMENT)
    assert out.count("Failed tests") == 3
    assert [out.count(f"student-{number} ") for number in range(5)] == [1] * 5


def test_json_is_the_contract_line_by_line(put, call):
    """The class as the results file has it, by student."""
    reports = [_report("ada"), _report("grace")]
    for report in reports:
        put(report)
    status, out, _ = call(ASSIGNMENT, "--json")
    assert status == 0
    assert [json.loads(line) for line in out.splitlines()] == [report.to_json() for report in reports]
    _, out, _ = call(ASSIGNMENT, "grace", "--json")
    assert json.loads(out) == reports[1].to_json()


def test_history_has_every_report(put, call):
    """Two reports on one student, the later one counting."""
    put(_report("ada"), "first")
    put(_report("ada", points=Decimal(3), seed=99), "second")
    put(_report("grace"))
    _, out, _ = call(ASSIGNMENT, "ada", "--history")
    assert [line.split()[0] for line in out.splitlines() if "ada" in line] == ["1", "*2"]
    _, out, _ = call(ASSIGNMENT, "--history", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert [(one["student"], one["report"], one["current"]) for one in told] == [
        ("ada", 1, False),
        ("ada", 2, True),
        ("grace", 3, True),
    ]
    assert Report.from_json(told[1]).seed == 99


def test_group_is_found_by_its_member(put, call):
    """A member's name shows the group's report, unless a later one is the member's own."""
    put(_report("ada+grace", members=("ada", "grace")))
    assert "together with ada, grace" in call(ASSIGNMENT, "grace")[1]
    put(_report("grace", points=Decimal(2)))
    assert "2 of 7 points" in call(ASSIGNMENT, "grace")[1]


def test_result_without_a_fence_says_so(put, call):
    """A grade that will never be exported is marked."""
    put(_report("ada", isolation="none"))
    assert "without a fence" in call(ASSIGNMENT, "ada")[1]


def test_undecided_report_shows_its_reason(put, call):
    """Staff see why nothing was decided."""
    put(_failed("ada", Outcome.UNDECIDED, "the machine failed: no memory"))
    assert "the machine failed: no memory" in call(ASSIGNMENT, "ada")[1]


def test_broken_assignment_is_shown_with_ids(put, call, course):
    """A course file that is being edited hides nothing but titles and rubrics."""
    put(_report("ada"))
    path = course / "assignments" / ASSIGNMENT / "assignment.yml"
    text = path.read_text()
    path.write_text(text + "colour: red\n")
    try:
        status, out, err = call(ASSIGNMENT, "ada")
    finally:
        path.write_text(text)
    assert status == 0
    assert "unknown key `colour`" in err
    assert "test_length_in_any_dimension" in out


def test_assignment_that_left_the_course_is_still_shown(put, call):
    """What was graded once can be looked at."""
    put(replace(_report("ada"), assignment="old-one"))
    assert "ada" in call("old-one")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((ASSIGNMENT, "alan"), "alan is on the roster and has handed in nothing"),
        ((ASSIGNMENT, "adda"), "no report on “adda” in first-steps. Did you mean ada?"),
        ((ASSIGNMENT, "\x1b[2Jx"), "no report on “␛x”"),
        (("frist-steps",), "did you mean `first-steps`?"),
    ],
)
def test_unknown_name_is_one_message(put, call, arguments, message):
    """Exit code 2, nothing on standard output."""
    put(_report("ada"))
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert message in err


def test_no_gradebook_yet_is_one_message(call, url):
    """Nothing was graded: no file is made by looking."""
    status, _, err = call(ASSIGNMENT)
    assert status == 2
    assert "There is no gradebook" in err
    assert not Path(url).exists()


def test_nothing_graded_yet_is_one_message(call, url):
    """A gradebook without a report on this assignment."""
    Gradebook.open(url).close()
    assert "no report on first-steps yet" in call(ASSIGNMENT)[2]
