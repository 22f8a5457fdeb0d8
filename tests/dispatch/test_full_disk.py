"""Disks that fill up in mid-batch: one clear message, nothing lost, and the next run completes the batch."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import libc

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
SIZE = 16 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        libc.mount("tmpfs", str(place), "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, f"size={SIZE},mode=0755")
    except PermissionError:
        pytest.skip("a disk of its own takes the right to mount")
    yield place
    libc.unmount(str(place))


def fill(disk: Path, leave: int = 0) -> Path:
    """A file that takes the disk's space but for `leave` bytes."""
    ballast = disk / "ballast"
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        os.posix_fallocate(descriptor, 0, os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize - leave)
    finally:
        os.close(descriptor)
    return ballast


def test_gradebook_on_a_disk_that_fills_up(classroom: Any, disk: Path) -> None:
    """The batch ends with one message; what was recorded counts, and with space the next run goes on from there."""
    students = classroom.submit_slow(60, seconds=0.0)
    classroom.gradebook = disk / "gradebook.db"
    ballast = fill(disk, leave=900_000)
    command = ("grade", "sums", classroom.submissions, "--gradebook", classroom.gradebook)
    done = classroom.run(*command)
    assert done.returncode == 3
    assert "the disk is full: free some space" in done.stderr
    assert done.stderr.count("failed") == 2  # the machine, namely the gradebook: said once
    assert classroom.left_over() == []
    ballast.unlink()
    recorded = classroom.recorded()
    assert 0 < len(recorded) < len(students)
    results = classroom.grade("--gradebook", classroom.gradebook)
    assert [result["points"] for result in results.values()] == [3.1 if n % 3 else 0.1 for n in range(len(students))]
    assert recorded.items() <= classroom.recorded().items()
    classroom.assert_graded_once(len(students))


def test_gradebook_that_cannot_be_made(classroom: Any, disk: Path) -> None:
    """On a disk without any space nothing is graded, and the message says why."""
    classroom.submit("ada")
    fill(disk)
    done = classroom.run("grade", "sums", classroom.submissions, "--gradebook", disk / "gradebook.db")
    assert done.returncode == 3
    assert "the disk is full" in done.stderr


def test_results_on_a_full_disk(graded: Any, disk: Path) -> None:
    """Results that cannot be written leave the old file as it was, and the grades in the gradebook."""
    results = disk / "results.jsonl"
    results.write_text("old\n")
    ballast = fill(disk)
    graded.submit("cyd")
    command = ("grade", "sums", graded.submissions, "--results", results)
    done = graded.run(*command)
    assert done.returncode == 3
    assert f"{results} could not be written ({os.strerror(errno.ENOSPC)}). The grades are recorded" in done.stderr
    assert results.read_text() == "old\n"
    assert sorted(path.name for path in disk.iterdir()) == ["ballast", "results.jsonl"]
    assert "cyd" in graded.recorded()
    ballast.unlink()
    done = graded.run(*command)
    assert done.returncode == 0
    assert "0 to grade, 3 unchanged" in done.stderr
    assert len(results.read_text().splitlines()) == 3


def test_pages_on_a_full_disk(graded: Any, disk: Path) -> None:
    """The same with the class report."""
    (disk / "html").mkdir()
    fill(disk)
    done = graded.run("grade", "sums", graded.submissions, "--html", disk / "html")
    assert done.returncode == 3
    assert "could not be written" in done.stderr
    assert "The grades are recorded" in done.stderr
