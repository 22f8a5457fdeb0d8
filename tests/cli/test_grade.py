"""`grade`: the contract of the results file, hostile submissions, the progress bar."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_assignment, load_course
from autograder.grading.material import load_material
from autograder.notebook import submission_notebook, to_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
REPORT = {
    "schema": int, "assignment": str, "student": str, "members": list, "submission": str, "submitted_at": str | None,
    "outcome": str, "reason": str | None, "points": float | None, "max_points": float, "manual_points_pending": float,
    "questions": list, "repairs": list, "flags": list, "isolation": str, "snapshots": bool, "device": str, "seed": int,
    "seconds": float,
}  # fmt: skip
QUESTION = {"id": str, "points": float | None, "max_points": float, "tests": list}
TEST = {
    "id": str,
    "verdict": str,
    "points": float | None,
    "max_points": float,
    "visibility": str,
    "message": str | None,
}


def hand_in(course: Path, name: str, change: Callable[[dict[str, Any]], None] = lambda notebook: None) -> Path:
    """The reference's notebook as somebody's submission, changed."""
    material = load_material(load_assignment(load_course(course), "small"))
    notebook = submission_notebook(material.masters[0], material.releases[0])
    change(notebook)
    path = course / "submissions" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(to_bytes(notebook))
    return path


def add_source(source: str) -> Callable[[dict[str, Any]], None]:
    """Appends to the first answer."""

    def change(notebook: dict[str, Any]) -> None:
        cell = next(cell for cell in notebook["cells"] if "def zero" in "".join(cell["source"]))
        cell["source"] = "".join(cell["source"]) + "\n" + source

    return change


GET_ASK = "def get_ask():\n    return ask"


def grade(course: Path, *options: str | Path, expect: int, name: str = "small", **more: Any) -> tuple[str, str]:
    """What the real command prints on its two streams."""
    command = [sys.executable, "-m", "autograder.cli.main", "grade", name, *map(str, options)]
    environment = {**os.environ, "COLUMNS": "200", "PYTHONUTF8": "1"}
    more = {"cwd": course, "env": environment, "timeout": 120} | more
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout, done.stderr


def read(path: Path) -> dict[str, Any]:
    """Results by student."""
    results = [json.loads(line) for line in path.read_text().splitlines()]
    return {result["student"]: result for result in results}


def assert_shape(value: dict[str, Any], shape: dict[str, Any]) -> None:
    """A JSON object has exactly these keys, in this order, with values of these types."""
    assert list(value) == list(shape)
    for key, kind in shape.items():
        assert isinstance(value[key], kind), key
        assert isinstance(value[key], bool) == (kind is bool), key


def test_results_are_as_contracted(own_course: Path) -> None:
    """One object per line, sorted by student, with the contracted keys and types for every outcome; pages beside."""
    hand_in(own_course, "zoe.ipynb", add_source(GET_ASK))
    hand_in(own_course, "ada.ipynb", add_source(GET_ASK + "\ndef first(): return 7"))
    (own_course / "submissions" / "bob.ipynb").write_text("no notebook")
    (own_course / "course.yml").write_text((own_course / "course.yml").read_text() + "roster: roster.csv\n")
    (own_course / "roster.csv").write_text("student\nada\nbob\ncyd\n")
    out, err = grade(
        own_course, "submissions", "--results", "deep/er/r.jsonl", "--html", "html", "--seed", "5", expect=0
    )
    results = read(own_course / "deep" / "er" / "r.jsonl")
    assert list(results) == ["ada", "bob", "zoe"]
    for result in results.values():
        assert_shape(result, REPORT)
        for question in result["questions"]:
            assert_shape(question, QUESTION)
            for test in question["tests"]:
                assert_shape(test, TEST)
    ada, bob, zoe = results.values()
    assert (zoe["outcome"], zoe["points"], zoe["max_points"], zoe["manual_points_pending"]) == ("graded", 8, 10, 2)
    assert (zoe["flags"], zoe["seed"], zoe["device"]) == (["zoe is not on the roster."], 5, "cpu")
    assert (ada["points"], ada["flags"]) == (7, [])
    failed = [test for question in ada["questions"] for test in question["tests"] if test["verdict"] == "failed"]
    assert [(test["id"], test["points"], test["message"]) for test in failed] == [
        ("test_first", 0, "What comes first?")
    ]
    assert (bob["outcome"], bob["points"], bob["questions"]) == ("rejected", None, [])
    assert bob["reason"].startswith("This is not a notebook")
    assert "3 submissions: 2 graded, 1 rejected" in out
    assert "canary" not in (own_course / "deep" / "er" / "r.jsonl").read_text()
    assert sorted(path.name for path in (own_course / "html" / "students").iterdir()) == [
        "ada.html", "bob.html", "zoe.html",
    ]  # fmt: skip
    assert not {"\x1b", "\r"} & set(out + err)  # on a pipe no terminal is steered


def hostile(course: Path) -> dict[str, str]:
    """Submissions that cannot be graded → what their reasons say."""
    folder = course / "submissions"
    hand_in(course, "ada.ipynb", add_source(GET_ASK))
    with (folder / "large.ipynb").open("wb") as file:
        file.truncate(100 << 20)
    cell = '{"cell_type": "code", "metadata": {}, "source": ""}'
    (folder / "cells.ipynb").write_text(f'{{"nbformat": 4, "cells": [{", ".join([cell] * 100_000)}]}}')
    (folder / "deep.ipynb").write_text("[" * 1_000_000)
    (folder / "number.ipynb").write_text('{"cells": ' + "9" * 100_000 + "}")
    (folder / "empty.ipynb").write_text("")
    (folder / "binary.ipynb").write_bytes(os.urandom(10_000))
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "nothing").mkdir()
    odd = load_material(load_assignment(load_course(course), "odd"))
    (folder / "other.ipynb").write_bytes(to_bytes(submission_notebook(odd.masters[0], odd.releases[0])))
    return {
        "large": "too large (100 MiB; at most 20 MiB)",
        "cells": "has 100000 cells; at most 2000",
        "deep": "nested more than 64",
        "number": "not",
        "empty": "empty",
        "binary": "not",
        "pipe": "a pipe",
        "link": "is a link",
        "nothing": "‘small.ipynb’ is missing",
        "other": "‘odd’",
    }


def test_hostile_submissions_are_rejected(own_course: Path) -> None:
    """Whatever is handed in, each gets a reason that a student can act on, and the others are graded."""
    reasons = hostile(own_course)
    grade(own_course, "submissions", "--results", "r.jsonl", expect=0)
    results = read(own_course / "r.jsonl")
    assert results.pop("ada")["points"] == 8
    assert results.keys() == reasons.keys()
    for student, words in reasons.items():
        assert results[student]["outcome"] == "rejected", student
        assert words in results[student]["reason"], (student, results[student]["reason"])


def test_hostile_names(own_course: Path) -> None:
    """Names with line breaks, escapes, bidi marks, bytes that are no text: graded, flagged, harmless on a terminal."""
    names = [
        "line\nbreak.ipynb", "\x1b[2J\x1b]0;x\x07.ipynb", "gnp\N{RIGHT-TO-LEFT OVERRIDE}.ipynb", "-rf.ipynb",
        "x" * 249 + ".ipynb", os.fsdecode(b"caf\xe9.ipynb"), "[red]x[/red].ipynb",
    ]  # fmt: skip
    for name in names:
        hand_in(own_course, name, add_source(GET_ASK))
    out, err = grade(own_course, "submissions", "--results", "r.jsonl", "--html", "html", expect=0)
    results = read(own_course / "r.jsonl")
    assert len(results) == len(names)
    assert {result["points"] for result in results.values()} == {8}
    assert sum(bool(result["flags"]) for result in results.values()) == len(names) - 1  # only the markup is a fine id
    assert not {"\x1b", "\x07", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(out + err)
    assert len(list((own_course / "html" / "students").iterdir())) == len(names)


def test_undecided_is_exit_3(own_course: Path) -> None:
    """Tests that are broken leave a submission undecided: the command says so in its exit code."""
    material = load_material(load_assignment(load_course(own_course), "odd"))
    notebook = submission_notebook(material.masters[0], material.releases[0])
    (own_course / "ada.ipynb").write_bytes(to_bytes(notebook))
    out, _ = grade(own_course, "ada.ipynb", "--results", "r.jsonl", name="odd", expect=3)
    (result,) = read(own_course / "r.jsonl").values()
    assert (result["outcome"], result["points"]) == ("undecided", None)
    assert_shape(result, REPORT)
    assert "1 submission: 1 undecided" in out


def test_trusted_code_is_not_recorded(own_course: Path) -> None:
    """`--trust-this-code` grades without a fence, says so, and leaves no gradebook."""
    hand_in(own_course, "ada.ipynb", add_source(GET_ASK))
    _, err = grade(own_course, "submissions", "--trust-this-code", "--results", "r.jsonl", expect=0)
    assert "No fence" in err
    assert read(own_course / "r.jsonl")["ada"]["isolation"] == "none"
    assert not (own_course / ".autograder").exists()


def test_progress_on_a_terminal(own_course: Path) -> None:
    """On a terminal a bar tells how many are done, how fast, and how long it will take."""
    for number in range(8):
        hand_in(own_course, f"s{number}.ipynb", add_source(f"{GET_ASK}\ntime.sleep(0.3 + {number} / 1000)"))
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "autograder.cli.main", "grade", "small", "submissions", "-j", "1"]
    environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm-256color"}
    with subprocess.Popen(
        command, cwd=own_course, env=environment, stderr=follower, stdout=subprocess.DEVNULL
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                shown += os.read(leader, 1 << 16)
            except OSError:  # the other side has closed
                break
    os.close(leader)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert process.returncode == 0
    assert "small: 8 to grade, 0 unchanged" in text
    assert re.search(r"warming up .*0/8", text)
    assert re.search(r"small .*[1-7]/8 +\d+\.\d/s +\d\d:\d\d", text)
