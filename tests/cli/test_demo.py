"""The demo's class: made the same every time, graded for real, and nobody pays for more than was spoilt."""

import contextlib
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import demo, init
from autograder.cli.demo_breaks import BREAKS, Break, Cost
from autograder.cli.demo_class import STUDENTS, Handed, make_class
from autograder.cli.main import main
from autograder.course import load_assignment, load_course
from autograder.grading.material import Material, load_material


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def _materials(course: Path) -> list[Material]:
    loaded = load_course(course)
    return [load_material(load_assignment(loaded, name)) for name in loaded.assignments]


def _files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Demo:
    """A demo that was run: what was handed in, what was reported and printed."""

    course: Path
    status: int
    printed: str
    handed: dict[str, Handed]
    reports: dict[str, dict[str, Any]]

    def broken(self, kind: Break) -> Handed:
        return next(one for one in self.handed.values() if one.broken is kind)


def _lost(report: dict[str, Any]) -> set[str]:
    return {test["id"] for question in report["questions"] for test in question["tests"] if test["verdict"] != "passed"}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A new course, as `autograder init` makes it."""
    folder = tmp_path_factory.mktemp("demo") / "course"
    init.build(folder, "small", "A small course")
    return folder


@pytest.fixture(scope="module")
def graded(course) -> Demo:
    """The demo of that course, run once for all tests."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = _run("demo", "--course", str(course))
    (handed,) = demo.make_classes(_materials(course)).values()
    rows = [json.loads(line) for line in (course / demo.FOLDER / "results.jsonl").read_text().splitlines()]
    reports = {row["student"]: row for row in rows}
    return Demo(course, status, printed.getvalue(), {one.student: one for one in handed}, reports)


@pytest.mark.parametrize("kind", BREAKS, ids=lambda kind: kind.name)
def test_broken_submission_costs_what_was_spoilt(graded, kind):
    """Each kind loses exactly its own question's tests or nothing, and only what is no such notebook is handed back."""
    handed = graded.broken(kind)
    report = graded.reports[handed.student]
    if kind.cost is Cost.FILE:
        assert (report["outcome"], report["points"]) == ("rejected", None)
        assert report["reason"].endswith(".")
        return
    assert (report["outcome"], report["reason"]) == ("graded", None)
    assert _lost(report) == handed.loses
    assert bool(handed.loses) == (kind.cost is Cost.QUESTION)
    struck = [question for question in report["questions"] if question["points"] == 0]
    assert len(struck) == (kind.cost is Cost.QUESTION)
    assert report["points"] + sum(question["max_points"] for question in struck) == 5


def test_ordinary_submissions_lose_what_their_mistakes_name(graded):
    """Right, mistaken, half-done and blank notebooks lose exactly the tests that their variants name."""
    ordinary = [one for one in graded.handed.values() if one.broken is None]
    assert len(ordinary) == len(STUDENTS) - len(BREAKS)
    for one in ordinary:
        report = graded.reports[one.student]
        assert report["outcome"] == "graded"
        assert _lost(report) == one.loses, one.student
        assert not report["repairs"]
    assert {len(one.loses) == 0 for one in ordinary} == {True, False}


def test_demo_leaves_reports_and_says_where(graded):
    """Every student has a page, the class has one, and the last lines name them."""
    folder = graded.course / demo.FOLDER
    assert graded.status == 0
    assert set(graded.reports) == set(STUDENTS)
    assert {page.stem for page in (folder / init.ASSIGNMENT / "students").iterdir()} == set(STUDENTS)
    for path in (folder / init.ASSIGNMENT / "index.html", folder / "results.jsonl"):
        assert path.is_file()
        assert str(path) in graded.printed


def test_demo_names_the_broken_before_and_after(graded):
    """The screen says who is broken on purpose, before the points and beside them."""
    for kind in BREAKS:
        student = graded.broken(kind).student
        assert graded.printed.count(student) >= 3, kind.name


def test_demo_keeps_out_of_the_courses_gradebook(graded):
    """The course has no gradebook and no lower limits afterwards."""
    assert not (graded.course / ".autograder").exists()
    (material,) = _materials(graded.course)
    assert material.limits.notebook_seconds == 20


def test_cut_limits_never_exceed_the_assignments(course):
    """A long limit is cut to a share, a short one stays."""
    (material,) = _materials(course)
    limits = demo.hurried(material).limits
    assert (limits.notebook_seconds, limits.test_seconds) == (10, 2)
    assert limits.memory == material.limits.memory


def test_written_class_is_the_same_each_time(course, tmp_path):
    """`--write-class` writes the files of one class, byte for byte the same, and grades nothing."""
    for name in ("one", "two"):
        assert _run("demo", "--course", str(course), "--write-class", str(tmp_path / name)) == 0
    first, second = (_files(tmp_path / name) for name in ("one", "two"))
    assert first == second
    assert len(first) == len(STUDENTS)
    assert {path.parts[0] for path in first} == {init.ASSIGNMENT}


def test_class_is_small_where_tests_train(course):
    """Tests with a set-up train networks, so only some hand in: of every kind of work somebody."""
    (material,) = _materials(course)
    tests = tuple(replace(test, prepared="trained") for test in material.assignment.tests)
    few = make_class(replace(material, assignment=replace(material.assignment, tests=tests)))
    assert len(STUDENTS) / 5 < len(few) < len(STUDENTS) / 3
    assert {bool(one.broken) for one in few} == {True, False}
    assert {bool(one.loses) for one in few if not one.broken} == {True, False}
    assert {one.student for one in few} <= {one.student for one in make_class(material)}


def test_written_class_never_mixes_with_other_files(course, tmp_path, capsys):
    """A folder that holds something is refused."""
    (tmp_path / "mine.ipynb").write_text("{}")
    assert _run("demo", "--course", str(course), "--write-class", str(tmp_path)) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.ipynb"]
