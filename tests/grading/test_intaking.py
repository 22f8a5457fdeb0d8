"""The intake process: hostile files, each read in a fork of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.intaking import MAX_BYTES
from autograder.notebook import submission_notebook, to_bytes
from autograder.sandbox.process import Process


@pytest.fixture
def intake(small: Any, tmp_path: Path) -> Iterator[Process]:
    """A running intake process."""
    process = Process("autograder.grading.intaking", folder=tmp_path, home=str(tmp_path))
    process.send({"templates": [template.to_json() for template in small.templates]})
    yield process
    process.close()


def read(intake: Process, path: Path, notebook: int = 0) -> dict[str, Any] | None:
    """The answer to one file; None where reading took the process with it."""
    source, (reader, writer) = os.open(path, os.O_RDONLY), os.pipe()
    intake.send({"notebook": notebook, "name": path.name, "limit": MAX_BYTES}, [source, writer])
    os.close(source)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    return json.loads(data) if data else None


def test_files_good_and_bad(intake: Process, small: Any, tmp_path: Path) -> None:
    """Each file is answered or given up by itself; a good one after bad ones is read."""
    good = to_bytes(submission_notebook(small.masters[0], small.releases[0])).replace(
        b"def zero", b"import math\\ndef zero"
    )
    files = {
        "empty": b"",
        "binary": os.urandom(5000),
        "deep": b'{"cells": ' + b"[" * 500_000,
        "wide": b"[" + b"{}," * 3_000_000 + b"{}]",
        "number": b'{"nbformat": ' + b"9" * 100_000 + b"}",
        "large": b" " * (MAX_BYTES + 1),
        "half": good[: len(good) // 2],
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        answer = read(intake, tmp_path / name)
        assert answer is None or set(answer) == {"rejected"}, name
    (tmp_path / "good.ipynb").write_bytes(good)
    answer = read(intake, tmp_path / "good.ipynb")
    assert answer is not None
    assert set(answer) == {"intake", "imports", "digest"}
    assert answer["imports"] == ["math"]  # a released cell imports others, which is nobody's doing
    assert intake.alive


def test_surrogate_in_a_cell(intake: Process, small: Any, tmp_path: Path) -> None:
    """Half a character in a cell is read, and what comes out can be written as UTF-8."""
    notebook = submission_notebook(small.masters[0], small.releases[0])
    text = json.dumps(notebook).replace("def zero", "# \\ud83d\\ndef zero")
    (tmp_path / "odd.ipynb").write_text(text)
    answer = read(intake, tmp_path / "odd.ipynb")
    assert answer is not None
    assert any("def zero" in cell["source"] for cell in answer["intake"]["cells"])


def test_fault_of_ours(intake: Process, small: Any, tmp_path: Path) -> None:
    """Where reading raises what it should not, intake says so and lives on: the file is not rejected for it."""
    good = to_bytes(submission_notebook(small.masters[0], small.releases[0]))
    (tmp_path / "good.ipynb").write_bytes(good)
    answer = read(intake, tmp_path / "good.ipynb", notebook=7)  # there is no such notebook
    assert answer == {"fault": "IndexError: list index out of range"}
    answer = read(intake, tmp_path / "good.ipynb")
    assert answer is not None
    assert "intake" in answer
