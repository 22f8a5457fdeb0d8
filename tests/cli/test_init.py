"""A new course: it verifies and grades as it comes, and nothing is left half."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import init
from autograder.cli.main import main
from autograder.course import load_course


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def _command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of its own process, as people call it."""
    call = [sys.executable, "-m", "autograder.cli.main", *arguments]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course that was just made."""
    assert _run("init", str(tmp_path / "nlp course"), "--title", 'Words: "meaning" & form') == 0
    return tmp_path / "nlp course"


def test_made_course_verifies(course):
    """The graders of the template hold against all known answers, the hostile ones included."""
    done = _command(course, "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["ok"]
    assert {"right", "wrong", "hostile"} <= {answer["sort"] for answer in result["answers"]}


def test_made_course_grades_its_samples(course):
    """The printed command grades both samples: all code points, and one less for the mistake."""
    done = _command(
        course, "grade", init.ASSIGNMENT, f"submissions/{init.ASSIGNMENT}", "--results", "r.jsonl", "--jobs", "1"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    reports = [json.loads(line) for line in (course / "r.jsonl").read_text().splitlines()]
    assert [(one["student"], one["points"], one["manual_points_pending"]) for one in reports] == [
        ("ada", 5.0, 2.0),
        ("grace", 4.0, 2.0),
    ]
    assert not any(one["repairs"] or one["flags"] for one in reports)


def test_title_and_id_are_read_back(course):
    """Any title survives, and the id comes from the folder's name."""
    read = load_course(course)
    assert (read.id, read.title) == ("nlp-course", 'Words: "meaning" & form')


def test_next_commands_are_printed(tmp_path, capsys):
    """The output names the folder and the two commands."""
    assert _run("init", str(tmp_path / "new")) == 0
    told = capsys.readouterr().out
    assert f"cd {tmp_path / 'new'}" in told
    assert "autograder verify" in told
    assert "autograder grade first-steps submissions/first-steps" in told


def test_empty_folder_is_filled_and_stays_itself(tmp_path, monkeypatch):
    """In an empty current folder the course appears there."""
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    assert _run("init", ".", "--id", "eep-596") == 0
    assert load_course(tmp_path).id == "eep-596"
    assert tmp_path.stat().st_ino == before
    assert not list(tmp_path.glob(".autograder-*"))


def test_folder_with_something_in_it_is_refused(tmp_path, capsys):
    """One message, and nothing is changed."""
    (tmp_path / "notes.txt").write_text("mine")
    assert _run("init", str(tmp_path)) == 2
    assert "not empty" in capsys.readouterr().err
    assert _files(tmp_path) == [tmp_path / "notes.txt"]


def test_file_is_refused(tmp_path, capsys):
    """A file cannot become a course."""
    (tmp_path / "notes.txt").write_text("mine")
    assert _run("init", str(tmp_path / "notes.txt")) == 2
    assert "is a file" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--id", "Two Words"], ["--title", " "], ["--title", "two\nlines"]])
def test_unusable_name_is_refused(tmp_path, option):
    """An id or a title that course.yml could not hold leaves no folder behind."""
    assert _run("init", str(tmp_path / "new"), *option) == 2
    assert _files(tmp_path) == []


@pytest.mark.parametrize("exists", [True, False])
def test_failure_leaves_nothing_half(tmp_path, monkeypatch, exists):
    """A failure while the course is built leaves the target as it was."""
    target = tmp_path / "new"
    if exists:
        target.mkdir()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(init, "write_samples", fail)
    assert _run("init", str(target)) == 2
    assert _files(tmp_path) == ([target] if exists else [])


def test_failing_move_takes_everything_back(tmp_path, monkeypatch):
    """Where an entry cannot be moved into an empty folder, the folder is empty again."""
    target, course = tmp_path / "new", tmp_path / "course"
    target.mkdir()
    init.build(course, "c", "C")
    rename = Path.rename

    def fail_late(self: Path, to: Path) -> Path:
        if self.name == "roster.csv":
            raise OSError("disk full")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail_late)
    with pytest.raises(OSError, match="disk full"):
        init.put_in_place(course, target)
    assert _files(target) == []


def test_template_holds_no_generated_file():
    """The notebooks are generated at every `init`: none is kept that could drift."""
    template = Path(init.__file__).with_name("template")
    assert not list(template.rglob("*.ipynb"))
