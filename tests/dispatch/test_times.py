"""Hand-in times: the CSV file and its faults, the timestamp beside a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.dispatch.times import read_times, read_timestamp
from autograder.errors import CourseError
from autograder.gradebook import epoch


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_times_are_read(tmp_path: Path) -> None:
    """Columns may come in any order and number, with a mark at the beginning and spaces around."""
    text = "\ufeffname,submitted_at,student\nAda, 2025-02-03T21:30:00-08:00 ,ada \n\nBob,2025-02-03,bob\n"
    assert read_times(written(tmp_path / "times.csv", text)) == {
        "ada": "2025-02-03T21:30:00-08:00",
        "bob": "2025-02-03",
    }


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    """No time, half a time, a short row and two times of one student: each with its line."""
    text = "student,submitted_at\nada,yesterday\nbob,\ncyd\ndan,2025-02-03\ndan,2025-02-04\ndan,2025-02-03\n"
    with pytest.raises(CourseError) as raised:
        read_times(written(tmp_path / "times.csv", text))
    assert [problem.line for problem in raised.value.problems] == [2, 3, 4, 6]
    assert all("2025-02-03T21:30:00-08:00" in problem.remedy for problem in raised.value.problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "header"),
        ("who,when\nada,2025-02-03\n", "header"),
        (b"student,submitted_at\n\xff\xfe,2025\n", "cannot be read"),
        (b"\x00\x01\x02", "header|cannot be read"),
        ("student,submitted_at\n" + "x" * 200_000 + ",2025-02-03\n", "cannot be read"),
    ],
)
def test_file_of_another_kind(tmp_path: Path, content: str | bytes, message: str) -> None:
    """What is no table of times is one clear problem."""
    with pytest.raises(CourseError, match=message):
        read_times(written(tmp_path / "times.csv", content))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is one clear problem."""
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(CourseError, match="cannot be read"):
            read_times(path)


@pytest.mark.parametrize(
    ("content", "time"),
    [
        ("2025-02-03T23:59:00-08:00\n", "2025-02-03T23:59:00-08:00"),
        ("2025-02-03 23:59:00.123456 UTC", "2025-02-03 23:59:00.123456+00:00"),
        ("\ufeff2025-02-03", "2025-02-03"),
        ("soon", None),
        ("", None),
        (b"\xff\xff", None),
        ("2025-02-03T23:59:00" + " " * 1000 + "x", "2025-02-03T23:59:00"),
    ],
)
def test_timestamp(tmp_path: Path, content: str | bytes, time: str | None) -> None:
    """A timestamp is ISO 8601 or nbgrader's form; anything else is none."""
    written(tmp_path / "timestamp.txt", content)
    assert read_timestamp(tmp_path) == time


def test_epoch_compares_times() -> None:
    """Times with offsets compare as moments; what cannot be one is None."""
    assert epoch("2025-02-03T20:00:00-08:00") == epoch("2025-02-04T04:00:00")
    assert epoch("0001-01-01") is not None
    assert (epoch("never"), epoch(None)) == (None, None)
