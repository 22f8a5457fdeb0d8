"""`grade` where something is wrong: the course, the call, the gradebook, the rights. Each is one clear message."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.cli.main import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
SETTINGS = "assignments/small/assignment.yml"
TESTS = "tests/hidden/small/test_small.py"
MASTER = "solutions/small/master.py"
MARK = '@pytest.mark.question("calls", points=1)\n'
FAULTS: dict[str, tuple[str, str, str, str]] = {
    # what is wrong → (file, text in it, what stands there instead, what the message says)
    "yaml": (SETTINGS, "title:", "title: [", "assignment.yml:"),
    "unknown key": (SETTINGS, "title:", "titel:", "did you mean `title`?"),
    "type": (SETTINGS, "points: 4}", "points: four}", "assignment.yml:7: [questions[calls].points]"),
    "file": (SETTINGS, "numbers.txt", "letters.txt", "letters.txt"),
    "points": (SETTINGS, "code, points: 4}", "code, points: 5}", "add up to"),
    "strange question": (TESTS, '"calls"', '"call"', "test_small.py:"),
    "no question": (TESTS, f"{MARK}def test_second", "def test_second", "test_second"),
    "test syntax": (TESTS, "def test_second(student):", "def test_second(student:", "test_small.py:"),
    "test import": (TESTS, "import pytest", "import pytest\nimport no_such_module", "no_such_module"),
    "master syntax": (MASTER, "return 0", "return 0 +", "master.py"),
    "master raises": (MASTER, "import os", "import os\n1 / 0", "ZeroDivisionError"),
    "course": ("course.yml", "timezone: UTC", "timezone: Utopia", "course.yml:3:"),
    "course list": ("course.yml", "[small, odd]", "[small, odd, gone]", "gone"),
}


def hand_in(course: Path) -> None:
    """A submission of which nobody will get to see anything."""
    (course / "submissions").mkdir()
    (course / "submissions" / "ada.ipynb").write_text("{}")


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_the_course(own_course: Path, fault: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Whatever is wrong in the course: exit 2, and a message that names the place as seen from here."""
    name, old, new, words = FAULTS[fault]
    hand_in(own_course)
    path = own_course / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    monkeypatch.chdir(own_course)
    with pytest.raises(SystemExit) as ended:
        main(["grade", "small", "submissions"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert words in err
    assert re.search(r"^\d+ problems? found\.$", err, re.MULTILINE)
    assert str(own_course) not in err.splitlines()[0]


def test_fault_that_is_no_text(own_course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Course files that are no text, or are missing, are named."""
    hand_in(own_course)
    monkeypatch.chdir(own_course)
    for name in ("tests/hidden/small/test_small.py", "solutions/small/master.py", "assignments/small/assignment.yml"):
        path = own_course / name
        text = path.read_bytes()
        path.write_bytes(b"\xff\xfe\x00" + text)
        for _ in range(2):
            with pytest.raises(SystemExit) as ended:
                main(["grade", "small", "submissions"])
            assert ended.value.code == 2, name
            assert Path(name).parent.name in capsys.readouterr().err
            path.unlink(missing_ok=True)
        path.write_bytes(text)


# ---- faults of the call


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["smal", "submissions"], "did you mean `small`?"),
        (["small", "nowhere"], "there is no such file or folder"),
        (["small", "nowhere\nnear"], "nowhere·near: there is no such file"),
        (["small", "course.yml"], "this is no notebook"),
        (["small", "empty"], "there is no notebook in it"),
        (["small"], "Missing argument"),
        (["small", "submissions", "--jobs", "0"], "--jobs"),
        (["small", "submissions", "--seed", "-1"], "--seed"),
        (["small", "submissions", "--device", "cuda"], "--device cpu"),
        (["small", "submissions", "--results", "empty"], "is a directory"),
        (["small", "submissions", "--results", "course.yml/r.jsonl"], "cannot be made"),
        (["small", "submissions", "--html", "course.yml"], "--html"),
        (["small", "submissions", "--html", "course.yml/html"], "cannot be made"),
        (["small", "submissions", "--times", "gone.csv"], "cannot be read"),
        (["small", "submissions", "--times", "course.yml"], "the header lacks"),
        (["small", "submissions", "--course", "gone"], "'gone' does not exist"),
        (["small", "submissions", "--gradebook", "mysql://x/y"], "not supported"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_fault_of_the_call(
    own_course: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A wrong call is exit 2 and one message, before anything is graded."""
    hand_in(own_course)
    (own_course / "empty").mkdir()
    monkeypatch.chdir(own_course)
    with pytest.raises(SystemExit) as ended:
        main(["grade", *arguments])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert words in err
    assert not (own_course / ".autograder" / "gradebook.db").exists()


@pytest.mark.parametrize("kind", ["folder", "text", "damaged", "no folder"])
def test_gradebook_that_is_none(own_course: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A gradebook that is no gradebook is one message, and stays as it is."""
    hand_in(own_course)
    place = own_course / "book.db"
    if kind == "folder":
        place.mkdir()
    elif kind == "no folder":
        place = own_course / "course.yml" / "book.db"
    else:
        place.write_bytes(b"SQLite format 3\0" + b"\1" * 5000 if kind == "damaged" else b"hello\n" * 1000)
    before = place.read_bytes() if place.is_file() else b""
    monkeypatch.chdir(own_course)
    with pytest.raises(SystemExit) as ended:
        main(["grade", "small", "submissions", "--gradebook", str(place)])
    err = capsys.readouterr().err
    assert ended.value.code == (2 if kind == "no folder" else 3)
    assert len(err.splitlines()) <= 2
    assert place.name in err
    assert (place.read_bytes() if place.is_file() else b"") == before


# ---- rights


def without_rights() -> None:
    """Root loses the right to read and write what it was not given (in the program that is started)."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.parametrize(
    ("locked", "options", "words", "code"),
    [
        ("submissions/ada.ipynb", [], "submissions/ada.ipynb: cannot be read (Permission denied)", 2),
        ("submissions/bob", [], "submissions/bob: cannot be read (Permission denied)", 2),
        ("submissions", [], "Path 'submissions' is not readable", 2),
        ("assignments/small/assignment.yml", [], "assignment.yml", 2),
        ("assignments/small/data/numbers.txt", [], "numbers.txt", 2),
        ("tests/hidden/small", [], "small", 2),
        ("solutions/small/master.py", [], "master.py", 2),
        ("closed", ["--results", "closed/r.jsonl"], "may not be written", 2),
        ("closed", ["--results", "closed/deep/r.jsonl"], "cannot be made", 2),
        ("closed", ["--html", "closed"], "Directory 'closed' is not readable", 2),
        ("closed", ["--times", "closed/times.csv"], "closed/times.csv", 2),
        ("closed", ["--gradebook", "closed/book.db"], "closed/book.db", 3),
        (".autograder", [], ".autograder", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_permission_denied(own_course: Path, locked: str, options: list[str], words: str, code: int) -> None:
    """What this account may not read or write is said in one message, and nobody's submission pays for it."""
    hand_in(own_course)
    (own_course / "submissions" / "bob").mkdir()
    (own_course / "closed").mkdir()
    (own_course / ".autograder").mkdir()
    place = own_course / locked
    place.chmod(0)
    try:
        command = [sys.executable, "-m", "autograder.cli.main", "grade", "small", "submissions", *options]
        environment = {**os.environ, "COLUMNS": "200"}
        done = subprocess.run(
            command,
            cwd=own_course,
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=without_rights,
            check=False,
        )
    finally:
        place.chmod(0o700)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) <= 4
