"""The real commands on a class of hostile names: what they print moves no cursor and hides nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.gradebook import unguard
from autograder.notebook import to_bytes

from .attacks_signs import HIDDEN, IDS, SIGNS
from .course import WRONG_VAULT
from .ground import Ground

NAMES = sorted(
    {
        text.replace("\0", "").replace("/", "")[:60].encode("utf-8", "replace").decode()
        for text in (*IDS.values(), *SIGNS.values())
    }
)
"""As file names can be: without a slash and a null, and in UTF-8."""
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the class and its gradebook lie."""
    return tmp_path_factory.mktemp("class")


@pytest.fixture(scope="module")
def run(ground: Ground, place: Path) -> Command:
    """Runs a command of `autograder`; whatever it prints is fit for a terminal."""

    def command(*arguments: str, folder: Path = place) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "autograder.cli.main", *arguments],
            cwd=folder, capture_output=True, check=False, timeout=300, encoding="utf-8", errors="surrogateescape",
            env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "120"},
        )  # fmt: skip
        for text in (done.stdout, done.stderr):
            found = HIDDEN.search(text)
            assert found is None, ascii(text[max(0, found.start() - 60) : found.end() + 20])
            assert "Traceback" not in text
        return done

    return command


@pytest.fixture(scope="module")
def graded(ground: Ground, place: Path, run: Command) -> tuple[str, ...]:
    """The class, graded into a gradebook of its own; the options that name course and gradebook."""
    options = ("--course", str(ground.root), "--gradebook", str(place / "book.db"))
    folder = place / "submissions"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.ipynb").write_bytes(to_bytes(ground.notebook(WRONG_VAULT)))
    os.mkfifo(folder / "\x1b]0;pipe\x07.ipynb")
    (folder / "link\x9b2J").symlink_to("/")
    done = run("grade", "vault", "submissions", "--results", "results.jsonl", "--html", "html", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a link to a folder" in done.stderr
    return options


def test_results_file_hides_nothing_and_says_all(graded: tuple[str, ...], place: Path, run: Command) -> None:
    """The file is legible, and a program reads the very names; `show --json` prints the same."""
    text = (place / "results.jsonl").read_text(encoding="utf-8")
    assert HIDDEN.search(text) is None
    read = {json.loads(line)["student"] for line in text.splitlines()}
    assert len(read) == len(NAMES) + 1
    assert "\x1b]0;pipe\x07" in read
    shown = run("show", "vault", "--json", *graded).stdout
    assert {json.loads(line)["student"] for line in shown.splitlines()} == read
    table = run("export", "csv", *graded).stdout
    ids = {unguard(row[0]) for row in list(csv.reader(io.StringIO(table, newline="")))[1:]}
    assert read <= ids


def test_show_is_fit_for_a_terminal(graded: tuple[str, ...], run: Command) -> None:
    """The class, its history, one student, and one that nobody knows."""
    assert run("show", "vault", *graded).returncode == 0
    assert run("show", "vault", "--history", *graded).returncode == 0
    for name in NAMES[:3]:
        assert run("show", "vault", *graded, "--", name).returncode == 0
    assert run("show", "vault", "\x1b[2Jnobody\u202e", *graded).returncode == 2


def test_pages_have_harmless_names(graded: tuple[str, ...], place: Path) -> None:
    """Every page's file name is plain ASCII that no shell, option parser or file system takes for anything else."""
    pages = [path.name for path in (place / "html").rglob("*.html")]
    assert len(pages) == 2 * (len(NAMES) + 1) + 1
    assert all(name.isascii() and name[0].isalnum() and not set(name) - set(SAFE) for name in pages)


SAFE = "abcdefghijklmnopqrstuvwxyz0123456789-_.~"


@pytest.mark.parametrize("argument", ["--\x1b]52;c;QQ==\x07", "-\u202e", "\x9b2J.ipynb", "no\nsuch.ipynb"])
def test_mistaken_call_is_fit_for_a_terminal(graded: tuple[str, ...], run: Command, argument: str) -> None:
    """A shell's `*` may hand over any name as an option or a path: it is quoted, never obeyed."""
    assert run("grade", "vault", argument, *graded).returncode == 2
