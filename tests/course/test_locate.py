"""Finding a course upwards and an assignment by id or path."""

from pathlib import Path

import pytest

from autograder.course import find_assignment, find_course
from autograder.errors import CourseError

ID = "cosine-similarity"


def test_find_course_upwards(maker) -> None:
    """The course is found from any folder or file in it."""
    for start in (maker.root, maker.hidden, maker.root / "assignments" / ID, maker.root / "not" / "there"):
        assert find_course(start) == maker.root.resolve()


def test_find_course_none(tmp_path: Path) -> None:
    """Outside of a course the remedy names --course."""
    with pytest.raises(CourseError, match="--course DIR"):
        find_course(tmp_path)


@pytest.mark.parametrize(
    "name",
    [ID, f"assignments/{ID}", f"assignments/{ID}/assignment.yml", f"solutions/{ID}", f"solutions/{ID}/wrong/x.py",
     f"tests/hidden/{ID}/", f"tests/hidden/{ID}/test_cosine.py"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["course", "assignments", "elsewhere"])
def test_find_assignment(maker, name: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Id, folder, file, solution and hidden tests mean the assignment, from wherever the command is called."""
    maker.write(f"solutions/{ID}/wrong/x.py", "")
    monkeypatch.chdir({"course": maker.root, "assignments": maker.root / "assignments", "elsewhere": tmp_path}[place])
    assert find_assignment(maker.root, name) == ID
    assert find_assignment(maker.root, maker.root / name if "/" in name else name) == ID


def test_find_assignment_relative_to_here(maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.` in an assignment's folder is that assignment."""
    monkeypatch.chdir(maker.root / "assignments" / ID)
    assert find_assignment(maker.root, ".") == ID


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("cosine-similarty", f"did you mean `{ID}`"), ("xyz", f"the course has `{ID}`"), ("", "the course has"),
     ("..", "the course has"), ("assignments", "the course has"), ("a\0b", "the course has"), ("/", "the course has"),
     (f"solutions/{ID}/nothing.py", "the course has"), (f"assignments/../../{ID}", "did you mean")],
)  # fmt: skip
def test_find_assignment_none(maker, name: str, remedy: str) -> None:
    """What means no assignment is refused, with the assignments that there are."""
    with pytest.raises(CourseError) as caught:
        find_assignment(maker.root, name)
    assert remedy in caught.value.problems[0].remedy
