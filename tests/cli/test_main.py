"""The edge of the command line: every error becomes a message and an exit code, and no name steers a terminal."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from autograder.cli import main as edge
from autograder.cli.main import COMMANDS, main, printable
from autograder.cli.reduced import hint
from autograder.errors import (
    AutograderError,
    CourseError,
    FenceError,
    InfrastructureError,
    Problem,
    SubmissionRejected,
)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[[BaseException], tuple[int, str]]:
    """Runs a command that raises; its exit code and what it says."""

    def run(error: BaseException) -> tuple[int, str]:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(edge, "cli", click.Command("autograder", callback=fail))
        with pytest.raises(SystemExit) as ended:
            main([])
        out, err = capsys.readouterr()
        assert out == ""
        return int(ended.value.code or 0), err

    return run


def test_problems_are_told_from_here(failing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Problems of course files are listed with paths below the current folder, and counted."""
    monkeypatch.chdir(tmp_path)
    problems = [
        Problem(tmp_path / "course.yml", 3, "title", "is empty", "write one"),
        Problem(Path("/elsewhere/x.py"), None, None, "is missing", "write it"),
    ]
    assert failing(CourseError(problems)) == (
        2,
        "course.yml:3: [title] is empty → write one\n/elsewhere/x.py: is missing → write it\n2 problems found.\n",
    )
    assert failing(CourseError(problems[:1]))[1].endswith("1 problem found.\n")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InfrastructureError("the disk is full"), 3, "The machine failed, not a student: the disk is full\n"),
        (
            FenceError("no namespaces"),
            3,
            f"no namespaces\nRun `autograder doctor` to see what is missing.\n{hint([])}\n",
        ),
        (SubmissionRejected("not a notebook"), 2, "not a notebook\n"),
        (AutograderError("something"), 2, "something\n"),
        (click.UsageError("no such option"), 2, "Error: no such option\n"),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
        (click.exceptions.Abort(), 130, "Stopped.\n"),
        (PermissionError(errno.EACCES, "Permission denied", "/x\n\x1b[2J"), 2, "/x··[2J: Permission denied\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 3, "/x: No space left on device\n"),
        (OSError(errno.EMFILE, "Too many open files"), 3, "Too many open files\n"),
        (OSError("odd"), 2, "odd\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_errors_become_exit_codes(failing: Any, error: BaseException, code: int, words: str) -> None:
    """Every declared error has its code and its sentence."""
    status, err = failing(error)
    assert status == code
    assert err.endswith(words)


def test_fault_of_ours_is_not_hidden(failing: Any) -> None:
    """What nobody declared is a fault of this program: it is not dressed up as somebody else's."""
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_names_do_not_steer_the_terminal(failing: Any) -> None:
    """Escapes, line breaks and bidi marks in a file's name come out as dots; lines of a message stay lines."""
    problem = Problem("a\nb\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}.ipynb", None, None, "first\nsecond\x07", "mend")
    assert failing(CourseError([problem]))[1].startswith("a·b·[31m·.ipynb: first\nsecond· → mend\n")


def test_printable_keeps_text() -> None:
    """Text of any script stays as it is."""
    text = "naïve 数学 – “quoted” 🎓\n"
    assert printable(text) == text
    assert printable("a\nb", "") == "a·b"
    assert printable("\udce9") == "·"


def test_signals_are_given_back() -> None:
    """After a command the signals do what they did before; what was ignored stays ignored."""
    before = signal.getsignal(signal.SIGHUP)
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        with edge.stopped_by("SIGTERM", "SIGHUP", "SIGNOSUCH"):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_every_command_has_help(capsys: Any) -> None:
    """Every command that is listed is there and says what it does."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out
    for name in COMMANDS:
        assert name in listed
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        assert "Usage:" in capsys.readouterr().out


def test_unknown_command(capsys: Any) -> None:
    """A command that does not exist is a wrong call."""
    with pytest.raises(SystemExit) as ended:
        main(["grad"])
    assert ended.value.code == 2
    assert "grad" in capsys.readouterr().err


def test_reader_that_goes_away() -> None:
    """`autograder … | head` ends quietly."""
    command = [sys.executable, "-m", "autograder.cli.main", "--help"]
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_terminal_without_unicode(tmp_path: Path) -> None:
    """Where the terminal's encoding lacks a character, it is spelled out instead of a traceback."""
    command = [sys.executable, "-m", "autograder.cli.main", "show", "x", "--course", str(tmp_path)]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 2
    assert b"\\u2192" in done.stderr
