"""`export csv`: every grade with a fence behind it, nothing else as a grade, and a whole file or none."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.cli.init import ASSIGNMENT, build
from autograder.cli.main import main
from autograder.gradebook import Gradebook, QuizScore, QuizSheet, QuizVersion
from autograder.results import Evidence, Grading, Outcome, Report

HEADER = ["student", "name", "email", "section", ASSIGNMENT, "total", "status"]
GRADED, REJECTED, UNDECIDED = Outcome.GRADED, Outcome.REJECTED, Outcome.UNDECIDED


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A new course, made once. Its roster: ada, grace, alan."""
    folder = tmp_path_factory.mktemp("made") / "course"
    build(folder, "course", "Course")
    return folder


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "gradebook.db")


@pytest.fixture
def put(url: str):
    """Record a report: `put(student, points)`, or with another outcome."""

    def record(student: str, points: str | None, outcome: Outcome = GRADED, pending: str = "0", **more) -> None:
        report = Report(
            assignment=more.pop("assignment", ASSIGNMENT),
            student=student,
            members=(student,),
            submission="sha256:0",
            outcome=outcome,
            max_points=Decimal(7),
            points=None if points is None else Decimal(points),
            manual_points_pending=Decimal(pending),
            isolation=more.pop("isolation", "namespaces"),
        )
        with Gradebook.open(url) as gradebook:
            gradebook.record(Grading(report, Evidence()), key="k", answers="", environment="", fingerprints={})

    return record


@pytest.fixture
def call(made: Path, url: str, monkeypatch, capsys):
    """Call `export csv`: (exit code, standard output, standard error)."""
    monkeypatch.chdir(made)

    def run(*arguments: str, form: str = "csv") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["export", form, *arguments, "--gradebook", url])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_roster_is_joined_and_status_says_what_is_open(put, call):
    """Everybody on the roster, then strangers; what is not final or missing stands in the last column."""
    put("ada", "5", pending="2")
    put("grace", "7")
    put("zoe", "0.5")
    status, out, err = call()
    assert status == 0
    assert _rows(out) == [
        HEADER,
        ["ada", "Ada Lovelace", "ada@example.edu", "A", "5.00", "5.00", "first-steps: 2.00 points open"],
        ["grace", "Grace Hopper", "grace@example.edu", "A", "7.00", "7.00", ""],
        ["alan", "Alan Turing", "alan@example.edu", "B", "", "0.00", "first-steps: nothing handed in"],
        ["zoe", "", "", "", "0.50", "0.50", ""],
    ]
    assert "1 grade will grow" in err


def test_quiz_has_a_column(put, call, url):
    """A quiz that was scored stands behind the assignments, and in the total."""
    put("ada", "5")
    version = QuizVersion("warm-up", "v1", {})
    score = QuizScore(Decimal("2.5"), Decimal(4), Decimal(1), ())
    with Gradebook.open(url) as gradebook:
        gradebook.quizzes.record(version, [(QuizSheet(name, ()), score) for name in ("ada", "alan")])
    status, out, _ = call("--assignment", ASSIGNMENT, "--assignment", "warm-up")
    assert status == 0
    header, *rows = _rows(out)
    assert header[4:] == [ASSIGNMENT, "warm-up", "total", "status"]
    found = {row[0]: row[4:] for row in rows}
    assert found["ada"] == ["5.00", "2.50", "7.50", "warm-up: 1.00 points open"]
    assert found["alan"] == ["", "2.50", "2.50", "first-steps: nothing handed in; warm-up: 1.00 points open"]
    assert found["grace"] == ["", "", "0.00", "first-steps: nothing handed in; warm-up: nothing handed in"]


def test_what_course_yml_says_and_the_table_does_not(tmp_path, put, url, monkeypatch, capsys):
    """An assignment without a weight, and late days that nobody takes off, are told."""
    build(tmp_path / "course", "course", "Course")
    monkeypatch.chdir(tmp_path / "course")
    path = Path("course.yml")
    late = "late: {kind: per_day, percent: 10}\n"
    path.write_text(path.read_text() + late)
    put("ada", "5")
    for weights, expected in (("", ""), (f"weights: {{{ASSIGNMENT}: 3}}\n", "weighted")):
        path.write_text(path.read_text().replace(late, weights + late))
        with pytest.raises(SystemExit):
            main(["export", "csv", "--gradebook", url])
        told = capsys.readouterr().err
        assert "Nothing is taken off for late days" in told
        assert expected in told
        assert "no weight" not in told
    with Gradebook.open(url) as gradebook:
        score = QuizScore(Decimal(1), Decimal(1), Decimal(0), ())
        gradebook.quizzes.record(QuizVersion("warm-up", "v1", {}), [(QuizSheet("ada", ()), score)])
    with pytest.raises(SystemExit):
        main(["export", "csv", "--gradebook", url, "--assignment", ASSIGNMENT, "--assignment", "warm-up"])
    assert "Not in the total, as it has no weight there: warm-up." in capsys.readouterr().err


def test_undecided_and_rejected_are_empty_and_told_apart(put, call):
    """Neither is a number; undecided also empties the total and is exit code 3."""
    put("ada", None, UNDECIDED)
    put("grace", None, REJECTED)
    status, out, err = call()
    assert status == 3
    rows = {row[0]: row[4:] for row in _rows(out)}
    assert rows["ada"] == ["", "", "first-steps: undecided"]
    assert rows["grace"] == ["", "0.00", "first-steps: rejected"]
    assert "undecided: ada (first-steps)" in err


def test_grade_without_a_fence_is_no_grade(put, call):
    """What was graded without a fence is neither its points nor a zero, and that is said."""
    put("ada", "7", isolation="none")
    put("grace", "6")
    status, out, err = call()
    assert status == 3
    rows = {row[0]: row[4:] for row in _rows(out)}
    assert rows["ada"] == ["", "", "first-steps: undecided"]
    assert rows["grace"][0] == "6.00"
    assert "without a fence: ada (first-steps)" in err
    assert "are undecided" not in err


def test_file_is_written_whole(put, call, tmp_path):
    """With --to the table goes to a file in a folder that is made, and nothing is left beside it."""
    put("ada", "5")
    target = tmp_path / "out" / "grades.csv"
    status, out, _ = call("--to", str(target))
    assert (status, out) == (0, "")
    assert _rows(target.read_bytes().decode())[0] == HEADER
    assert list(target.parent.iterdir()) == [target]


def test_file_that_cannot_be_written_keeps_the_old_one(put, call, tmp_path, monkeypatch):
    """A failure names the file and leaves what was there."""
    put("ada", "5")
    target = tmp_path / "grades.csv"
    target.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    status, _, err = call("--to", str(target))
    assert status == 2
    assert f"{target} cannot be written: No space left on device" in err
    assert target.read_text() == "old"
    assert not list(tmp_path.glob(".*.part"))


def test_assignments_can_be_chosen(put, call):
    """One column each in the order asked for, once; what was graded and left the course counts, too."""
    put("ada", "5")
    put("ada", "1", assignment="old-one")
    _, out, _ = call("--assignment", "old-one", "--assignment", ASSIGNMENT, "--assignment", "old-one")
    assert _rows(out)[0][4:] == ["old-one", ASSIGNMENT, "total", "status"]
    assert _rows(out)[1][4:] == ["1.00", "5.00", "6.00", ""]


def test_weights_make_the_total(put, call, made):
    """With weights in course.yml the total is weighted, and that is said."""
    put("ada", "3.5")
    path = made / "course.yml"
    text = path.read_text()
    path.write_text(text + f"weights: {{{ASSIGNMENT}: 10}}\n")
    try:
        _, out, err = call()
    finally:
        path.write_text(text)
    assert _rows(out)[1][4:6] == ["3.50", "5.00"]
    assert "weighted" in err


@pytest.mark.parametrize(
    ("arguments", "form", "message"),
    [
        (["--assignment", "nothing"], "csv", "there is no assignment `nothing`"),
        ([], "excel", "'excel' is not 'csv'"),
    ],
)
def test_unknown_name_is_one_message(put, call, arguments, form, message):
    """Exit code 2, and nothing is written."""
    put("ada", "5")
    status, out, err = call(*arguments, form=form)
    assert (status, out) == (2, "")
    assert message in err


def test_no_gradebook_yet_is_one_message(call):
    """Nothing was graded."""
    status, _, err = call()
    assert status == 2
    assert "There is no gradebook" in err
