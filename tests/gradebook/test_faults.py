"""What breaks the machine never breaks the gradebook: kills, full disks, damaged files."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.errors import InfrastructureError
from autograder.gradebook import Gradebook

# records without end, and says after each commit which report it was
RECORDER = """
import sys
sys.path.insert(0, sys.argv[2])
from conftest import make_grading, put
from autograder.gradebook import Gradebook
book = Gradebook.open(sys.argv[1])
for number in range(1_000_000):
    student = f"{sys.argv[3]}-{number}"
    print(put(book, make_grading(student, submission=f"sha256:{student}"), data=b"x" * 5000), student, flush=True)
"""


def _sound(path):
    """Check the file itself, and that every report has its submission, bytes, evidence and pointer."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    counts = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("submissions", "contents", "reports", "evidence", "current")
    }
    connection.close()
    assert len(set(counts.values())) == 1, counts


def test_killed_at_any_moment_nothing_is_half_and_nothing_lost(path):
    """A recorder is killed -9 eight times; all that it had confirmed is there, and all that is there is whole."""
    chance = random.Random(20250203)
    confirmed = {}
    for attempt in range(8):
        command = [sys.executable, "-c", RECORDER, str(path), str(Path(__file__).parent), str(attempt)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()  # it is recording now
            time.sleep(chance.uniform(0, 0.2))
            process.send_signal(signal.SIGKILL)
            lines = process.stdout.read().splitlines(keepends=True)
        confirmed.update(line.split() for line in lines if line.endswith("\n"))
        with Gradebook.open(path) as book:
            for number, student in confirmed.items():
                assert book.grading(int(number)).report.student == student
        _sound(path)
    assert confirmed


def test_full_disk_says_so_and_keeps_what_was_recorded(path, grading):
    """SQLite's "full" becomes a fault of the machine with a remedy; afterwards recording goes on."""
    with Gradebook.open(path) as book:
        first = book.record(grading(), key="k", answers="a", environment="e", fingerprints={})
    book = Gradebook.open(path)
    with book._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(InfrastructureError, match=r"the disk is full: free some space.*recorded before is kept"):
        book.receive("cosine", "bob", "sha256:2", os.urandom(100_000))
    assert book.grading(first) == grading()
    assert book.content("sha256:2") is None
    book.close()
    with Gradebook.open(path) as book:
        book.receive("cosine", "bob", "sha256:2", b"x" * 100_000)
        assert book.content("sha256:2") == b"x" * 100_000


def _record_until_it_fails(book, grading, confirmed):
    for number in range(1000):
        one = grading(student=f"s{number}", submission=f"sha256:{number}")
        data = os.urandom(20_000)
        confirmed.append(book.record(one, key="k", answers="a", environment="e", fingerprints={}, data=data))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk")
def test_really_full_disk_keeps_what_was_recorded(tmp_path, grading):
    """On a file system of 1 MiB recording fails at some point, and all before that point is there."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        with Gradebook.open(disk / "g.db") as book:
            confirmed = []
            with pytest.raises(InfrastructureError, match=r"free some space|disk fails"):
                _record_until_it_fails(book, grading, confirmed)
            assert [book.report(number).student for number in confirmed] == [f"s{n}" for n in range(len(confirmed))]
        assert confirmed
        _sound(disk / "g.db")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_file_that_is_no_database_is_left_alone(path):
    """Another file of that name is refused, and not touched."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database at all, but long enough to look at" * 50)
    before = path.read_bytes()
    with pytest.raises(InfrastructureError, match="the file is no database"):
        Gradebook.open(path)
    assert path.read_bytes() == before


def test_place_that_cannot_be_written_is_named(tmp_path):
    """A folder in place of the file is a fault with a remedy."""
    with pytest.raises(InfrastructureError, match="cannot be opened"):
        Gradebook.open(tmp_path)


def test_faults_roll_back(book, record, grading, monkeypatch):
    """An error in the middle of a transaction leaves no trace of it, and the gradebook goes on."""
    from autograder.gradebook import recording

    def breaks(*_args):
        raise RuntimeError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(recording, "make_current", breaks)
        with pytest.raises(RuntimeError):
            record(grading())
    assert book.history("cosine", "ada") == []
    assert record(grading()) == 1


def test_writer_that_never_ends_is_named(path, monkeypatch):
    """Who waits too long for another process is told so, and can record once that one is done."""
    monkeypatch.setattr("autograder.gradebook.engine._PATIENCE", 0.1)
    with Gradebook.open(path) as book:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InfrastructureError, match="another process holds it"):
            book.seed("cosine")
        assert book.assignments() == []  # readers never wait
        other.execute("ROLLBACK")
        other.close()
        assert book.seed("cosine") == book.seed("cosine")
