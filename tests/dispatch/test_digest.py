"""Digests of what was handed in: nothing odd is waited for, and what this account may not read is said at once."""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from pathlib import Path

import pytest

from autograder.dispatch import digest
from autograder.dispatch.digest import digest_all, digest_of
from autograder.errors import CourseError
from autograder.grading.workshop import Submitted

NOTHING = sha256().hexdigest()


def test_digest_of_one_file(tmp_path: Path) -> None:
    """The digest of a notebook is the SHA-256 of its bytes."""
    (tmp_path / "x").write_bytes(b"abc" * 700_000)
    assert digest_of({"x": tmp_path / "x"}) == sha256(b"abc" * 700_000).hexdigest()


def test_digest_of_two_files(tmp_path: Path) -> None:
    """Which bytes are which notebook makes a difference; the order of the mapping does not."""
    (tmp_path / "x").write_bytes(b"x")
    (tmp_path / "y").write_bytes(b"y")
    x, y = tmp_path / "x", tmp_path / "y"
    assert digest_of({"a": x, "b": y}) == digest_of({"b": y, "a": x}) != digest_of({"a": y, "b": x})


def test_what_is_no_plain_file_has_no_bytes(tmp_path: Path) -> None:
    """A pipe, a link, a folder and a file that has gone are not waited for."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "folder", "gone"):
        assert digest_of({"x": tmp_path / name}) == NOTHING
    assert digest_of({}) == NOTHING


def test_huge_file_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that nobody will grade the beginning and the size must do."""
    monkeypatch.setattr(digest, "_MOST_BYTES", 1000)
    path = tmp_path / "x"
    digests = set()
    for size in (999, 1000, 1001, 2**40):
        with path.open("wb") as file:
            file.truncate(size)
        digests.add(digest_of({"x": path}))
    assert len(digests) == 4


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file that the account may not read is named before anything is graded."""
    real = os.open

    def opened(path: Path, flags: int) -> int:
        if path.name.startswith("locked"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, flags)

    monkeypatch.setattr(digest.os, "open", opened)
    (tmp_path / "fine").write_text("x")
    names = ("locked1", "fine", "locked2")
    with pytest.raises(CourseError) as raised:
        digest_all([Submitted(name, {"x": tmp_path / name}) for name in names])
    assert [str(problem.file) for problem in raised.value.problems] == [
        str(tmp_path / "locked1"),
        str(tmp_path / "locked2"),
    ]
