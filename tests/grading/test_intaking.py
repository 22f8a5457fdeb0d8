"""The intake process and its readers: hostile files, each kept from doing anything to the next."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import InfrastructureError
from autograder.grading.handing import Readers, _Reader
from autograder.grading.intaking import _CPU_SECONDS, MAX_BYTES
from autograder.notebook import submission_notebook, to_bytes
from autograder.sandbox.proc import started_at


@pytest.fixture
def intake(small: Any, tmp_path: Path) -> Iterator[Readers]:
    """A running intake process."""
    readers = Readers(small.templates, tmp_path)
    yield readers
    readers.close()


@pytest.fixture
def good(small: Any, tmp_path: Path) -> Path:
    """A submission that can be read."""
    path = tmp_path / "good.ipynb"
    data = to_bytes(submission_notebook(small.masters[0], small.releases[0]))
    path.write_bytes(data.replace(b"def zero", b"import math\\ndef zero"))
    return path


def reader_pids(intake: Readers) -> list[int]:
    """The intake process's forks."""
    return [int(pid) for pid in Path(f"/proc/{intake.pid}/task/{intake.pid}/children").read_text().split()]


def test_files_good_and_bad(intake: Readers, good: Path, tmp_path: Path) -> None:
    """Each file is answered or given up by itself; a good one after bad ones is read."""
    files = {
        "empty": b"",
        "binary": os.urandom(5000),
        "deep": b'{"cells": ' + b"[" * 500_000,
        "wide": b"[" + b"{}," * 3_000_000 + b"{}]",
        "number": b'{"nbformat": ' + b"9" * 100_000 + b"}",
        "large": b" " * (MAX_BYTES + 1),
        "half": good.read_bytes()[:300],
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        assert set(intake.read(0, tmp_path / name)) == {"rejected"}, name
    answer = intake.read(0, good)
    assert set(answer) == {"intake", "imports", "digest"}
    assert answer["imports"] == ["math"]  # a released cell imports others, which is nobody's doing


def test_surrogate_in_a_cell(intake: Readers, small: Any, tmp_path: Path) -> None:
    """Half a character in a cell is read, and what comes out can be written as UTF-8."""
    notebook = submission_notebook(small.masters[0], small.releases[0])
    text = json.dumps(notebook).replace("def zero", "# \\ud83d\\ndef zero")
    (tmp_path / "odd.ipynb").write_text(text)
    answer = intake.read(0, tmp_path / "odd.ipynb")
    assert any("def zero" in cell["source"] for cell in answer["intake"]["cells"])


def test_fault_of_ours(intake: Readers, good: Path) -> None:
    """Where reading raises what it should not, intake says so and lives on: the file is not rejected for it."""
    with pytest.raises(InfrastructureError, match="IndexError: list index out of range"):
        intake.read(7, good)  # there is no such notebook
    assert "intake" in intake.read(0, good)


def test_good_files_share_a_reader(intake: Readers, good: Path) -> None:
    """A fork for every file would take most of the time."""
    intake.read(0, good)
    (reader,) = reader_pids(intake)
    for _ in range(5):
        intake.read(0, good)
    assert reader_pids(intake) == [reader]


@pytest.mark.parametrize("data", [b"no notebook", b'{"cells": ' + b"[" * 500_000])
def test_nothing_is_read_after_a_bad_file(intake: Readers, good: Path, tmp_path: Path, data: bytes) -> None:
    """Whatever a bad file has left in its reader is gone with it."""
    (tmp_path / "bad").write_bytes(data)
    intake.read(0, good)
    (before,) = reader_pids(intake)
    intake.read(0, tmp_path / "bad")
    intake.read(0, good)
    assert len({before, *reader_pids(intake)}) == 2
    deadline = time.monotonic() + 30
    while started_at(before) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert started_at(before) is None


def test_reader_that_was_killed_costs_nobody_a_file(intake: Readers, good: Path) -> None:
    """The machine may take a reader away: the next file gets another."""
    intake.read(0, good)
    (reader,) = reader_pids(intake)
    os.kill(reader, signal.SIGKILL)
    assert "intake" in intake.read(0, good)


OLD_READER = """
import json, socket, sys, time
from autograder.grading.intaking import _serve
from autograder.notebook import Template
templates = [Template.from_json(template) for template in json.load(sys.stdin)]
while time.process_time() < 3:
    pass
_serve(templates, socket.socket(fileno=int(sys.argv[1])))
"""


def test_limit_of_time_is_for_one_file(small: Any, good: Path) -> None:
    """What a reader has used for earlier files is no loss of a later one's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", OLD_READER, str(theirs.fileno())]
    with ours, good.open("rb") as file:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[theirs.fileno()], text=True)
        theirs.close()
        assert process.stdin is not None
        with process.stdin:
            json.dump([template.to_json() for template in small.templates], process.stdin)
        answer = _Reader(ours).ask({"notebook": 0, "name": good.name}, file.fileno())
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert process.wait() == 0
    assert answer is not None
    assert "intake" in answer
    (line,) = [line for line in limits.splitlines() if "cpu time" in line]
    assert int(line.split()[3]) >= 3 + _CPU_SECONDS


def test_several_ask_at_once(intake: Readers, good: Path) -> None:
    """Each thread has a reader of its own meanwhile, and all get their own answers."""
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(intake.read(0, good))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(answer == answers[0] and "intake" in answer for answer in answers)


def test_intake_that_is_gone_is_ours(intake: Readers, good: Path) -> None:
    """Where the whole process is gone nothing is rejected: it is the machine's fault."""
    os.kill(intake.pid, signal.SIGKILL)
    with pytest.raises(InfrastructureError, match="gone"):
        intake.read(0, good)
