"""course.yml: a right one, and every way to be wrong."""

import pickle
from decimal import Decimal

import pytest
from pydantic import ValidationError

from autograder.course import LateFree, LatePerDay, load_course
from autograder.errors import CourseError


def test_load_course(maker) -> None:
    """A right course is read whole."""
    course = load_course(maker.root)
    assert (course.id, course.title) == ("eep-596", "LLMs: From Transformers to GPT")
    assert course.timezone.key == "America/Los_Angeles"
    assert course.assignments == ("cosine-similarity",)
    assert course.weights == {"cosine-similarity": Decimal(10)}
    assert course.late == LatePerDay(kind="per_day", percent=Decimal(10), slip_days=3)
    assert course.roster is not None
    assert "ada" in course.roster
    assert pickle.loads(pickle.dumps(course)) == course


def test_load_course_smallest(maker) -> None:
    """Three keys make a course; the rest is optional."""
    maker.write("course.yml", "course: c\ntitle: T\ntimezone: UTC\nlate: {kind: none}\nroster:\n")
    course = load_course(maker.root)
    assert (course.roster, course.weights, course.assignments) == (None, {}, ())
    assert course.late == LateFree(kind="none")


def test_late_is_frozen(maker) -> None:
    """Models read from files cannot be changed."""
    late = load_course(maker.root).late
    with pytest.raises(ValidationError):
        late.percent = 0


BROKEN = [
    ("course: eep-596", "course: EEP 596", 1, "course", "not an id", "`eep-596`"),
    ("course: eep-596\n", "", 1, "course", "`course` is missing", "course: eep-596"),
    ("title:", "titel:", 2, "titel", "unknown key", "did you mean `title`?"),
    ("Los_Angeles", "Los_Angles", 3, "timezone", "no timezone", "`America/Los_Angeles`"),
    ("America/Los_Angeles", "../../etc/passwd", 3, "timezone", "no timezone", "America/Los_Angeles"),
    ("quizzes: []", "quizzes: [lecture-02]", 5, "quizzes[#1]", "no file quizzes/lecture-02.yml", "remove the quiz"),
    ("quizzes: []", "quizzes: {}", 5, "quizzes", "must be a list", "[first, second]"),
    ("quizzes: []", "quizzes: [cosine-similarity]", 5, "quizzes[#1]", "is an assignment already", "id of its own"),
    ("[cosine-similarity]", "[cosine-similarity, x]", 4, "assignments[#2]", "no folder assignments/x", "remove"),
    ("[cosine-similarity]", "[cosine-similarity, cosine-similarity]", 4, "assignments[#2]", "twice", "own"),
    ("roster.csv", "rooster.csv", 6, "roster", "does not exist", "remove this line"),
    ("roster.csv", "/etc/passwd", 6, "roster", "relative path", "below this file's folder"),
    ("similarity: 10", "similarity: ten", 7, "weights.cosine-similarity", "“ten”", "without quotes"),
    ("similarity: 10", "similarity: -1", 7, "weights.cosine-similarity", "negative", "0 or more"),
    ("{cosine-similarity: 10}", "{cosine: 10}", 7, "weights.cosine", "no assignment or quiz", "cosine-similarity"),
    ("percent: 10", "percent: 110", 8, "late.percent", "at most 100", "0 to 100"),
    ("percent: 10, ", "", 8, "late.percent", "`percent` is missing", "`percent: 10`"),
    ("slip_days: 3", "slip_days: 1.5", 8, "late.slip_days", "whole number", "0 or more"),
    ("slip_days", "slipdays", 8, "late.slipdays", "unknown key", "`slip_days`"),
    ("kind: per_day", "kind: perday", 8, "late.kind", "“perday”", "`per_day` or `none`"),
    ("kind: per_day, ", "", 8, "late", "`kind` is missing", "`per_day` or `none`"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "message", "remedy"), BROKEN)
def test_load_course_broken(maker, old: str, new: str, line: int, key: str, message: str, remedy: str) -> None:
    """Each fault is one problem with line, key, message and remedy."""
    maker.edit(maker.root / "course.yml", old, new)
    with pytest.raises(CourseError) as caught:
        load_course(maker.root)
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.key) == (maker.root / "course.yml", line, key)
    assert message in problem.message
    assert remedy in problem.remedy


def test_load_course_unknown_key(maker) -> None:
    """A key that resembles none is refused with the list of keys."""
    maker.edit(maker.root / "course.yml", "quizzes: []", "semester: 3")
    assert maker.only().message == "unknown key `semester`"
    assert "the keys here are `course`, `title`" in maker.only().remedy


def test_load_course_every_problem_at_once(maker) -> None:
    """course.yml and the roster are judged together."""
    maker.edit(maker.root / "course.yml", "course: eep-596", "course: X Y")
    maker.edit(maker.root / "course.yml", "percent: 10", "percent: x")
    maker.write("roster.csv", "student\n-a\n")
    with pytest.raises(CourseError) as caught:
        load_course(maker.root)
    assert [(p.file.name, p.line) for p in caught.value.problems] == [
        ("course.yml", 1), ("course.yml", 8), ("roster.csv", 2),
    ]  # fmt: skip
    assert "course.yml:1: [course]" in str(caught.value)


def test_load_course_missing_file(tmp_path) -> None:
    """A folder without course.yml is no course."""
    with pytest.raises(CourseError, match=r"course\.yml: the file does not exist"):
        load_course(tmp_path)
