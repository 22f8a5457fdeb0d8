"""A class of five hundred, a fifth of them hostile, graded in one batch: everybody gets what is due, nothing is left.

The limits are short, so that those that never end cost little; honest notebooks cost a few hundredths of a second.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import libc

psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")

STUDENTS = 500
HOSTILE_EACH = 5
"""One in five; every kind of hostility as often as the others."""
PR_SET_CHILD_SUBREAPER = 36
GIB = 2**30

COURSE = {
    "course.yml": """
        course: crowd
        title: A crowd
        timezone: UTC
        assignments: [halves]
        """,
    "assignments/halves/assignment.yml": """
        assignment: halves
        title: Halves and doubles
        limits: {notebook_seconds: 1, test_seconds: 1, prepare_seconds: 1, memory: 256 MiB}
        questions: [{id: halves, title: Halves and doubles, kind: code, points: 2}]
        """,
    "solutions/halves/master.py": """
        # %% [markdown]
        # # Halves and doubles, told in more than forty characters

        # %% question="halves"
        ### BEGIN SOLUTION
        def half(x):
            return x / 2

        def double(x):
            return 2 * x
        ### END SOLUTION
        """,
    "tests/hidden/halves/test_halves.py": """
        import pytest
        from autograder.checks import assert_close

        @pytest.mark.question("halves", points=1)
        def test_half(student, rng):
            x = float(rng.normal())
            assert_close(student.call("half", x), x / 2)

        @pytest.mark.question("halves", points=1)
        def test_double(student, rng):
            x = float(rng.normal())
            assert_close(student.call("double", x), 2 * x)
        """,
}
MARK = f"autograder-stress-{secrets.token_hex(8)}"
RIGHT = "def half(x):\n    return x / 2\n\ndef double(x):\n    return x + x\n"
WRONG = "def half(x):\n    return 2 * x\n\ndef double(x):\n    return 2 * x\n"
IN_A_CELL = {
    "fork bomb": """
        import os, time
        def half(x): return 0
        def double(x): return 0
        for _ in range(400):
            try:
                if os.fork() == 0: time.sleep(600)  # two hundred that compute would slow the test, and prove no more
            except OSError: pass
        """,
    "memory bomb": "x = []\nwhile True: x.append(bytearray(10**7))",
    "endless loop": "while True: pass",
    "endless loop that ignores signals": """
        import signal
        for number in range(1, 32):
            try: signal.signal(number, signal.SIG_IGN)
            except OSError: pass
        while True: pass
        """,
    "exit": "import os\nos._exit(0)",
    "kill": "import os\nos.kill(-1, 9)",
    "flood": "while True: print('x' * 100000)",
    "scratch": """
        for n in range(100000):
            with open(f'f{n}', 'wb') as f: f.write(bytes(10**8))
        """,
    "shared memory": f"""
        for n in range(100000):
            with open(f'/dev/shm/{MARK}-{{n}}', 'wb') as f: f.write(bytes(10**8))
        """,
    "daemon": """
        import os, time
        def half(x): return 0
        def double(x): return 0
        for _ in range(5):
            if os.fork() == 0:
                os.setsid()
                if os.fork(): os._exit(0)
                while True: time.sleep(600)
        """,
    "threads": """
        import threading
        wait = threading.Event()
        while True: threading.Thread(target=wait.wait, daemon=True).start()
        """,
    "results of its own": """
        import json, sys
        json.dump({"outcome": "graded", "points": 2.0}, open("results.jsonl", "w"))
        print(json.dumps({"event": "end", "test": "test_half", "verdict": "passed"}))
        sys.exit(0)
        """,
}
IN_A_FUNCTION = {
    "forged frames": """
        import os
        for n in range(3, 100):
            try: os.write(n, b"\\x0a\\0\\0\\0t\\1\\0\\0\\0s\\0\\0\\0\\0" * 100)
            except OSError: pass
        """,
    "endless frame": """
        import os
        for n in range(3, 100):
            try: os.write(n, b"\\xff\\xff\\xff\\xff")
            except OSError: pass
        """,
    "segfault": "import ctypes\nctypes.string_at(0)",
    "huge result": "return [0.0] * 10**8",
    "deep result": "x = []\nfor _ in range(10**5): x = [x]\nreturn x",
    "liar": """
        class Liar(float):
            def __eq__(self, other): return True
            def __abs__(self): return 0.0
            def __rsub__(self, other): return 0.0
        return Liar("nan")
        """,
    "runaway": "while True: pass",
    "bomb": "return bytes(10**10)",
}


def hostile(kind: str) -> str:
    """The answer of one hostile student."""
    if kind in IN_A_CELL:
        return textwrap.dedent(IN_A_CELL[kind])
    body = textwrap.indent(textwrap.dedent(IN_A_FUNCTION[kind]).strip(), "    ")
    return f"def half(x):\n{body}\n\ndef double(x):\n{body}\n"


def notebook(answer: str) -> dict[str, Any]:
    """A notebook of the assignment with one answer."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": answer}
    about = {"autograder": {"assignment": "halves", "notebook": "halves.ipynb"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": [cell]}


def write_class(root: Path) -> dict[str, float]:
    """A course with its submissions below `root`: student → the points that are due."""
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    kinds = [*IN_A_CELL, *IN_A_FUNCTION] * HOSTILE_EACH
    submissions = root / "submissions"
    submissions.mkdir()
    due = {}
    for number in range(STUDENTS):
        bad = number % (STUDENTS // len(kinds)) == 0 and number * len(kinds) // STUDENTS < len(kinds)
        student = f"s{number:03}-{kinds[number * len(kinds) // STUDENTS].replace(' ', '-')}" if bad else f"s{number:03}"
        answer = hostile(kinds[number * len(kinds) // STUDENTS]) if bad else WRONG if number % 7 == 0 else RIGHT
        due[student] = 0.0 if bad else 1.0 if number % 7 == 0 else 2.0
        (submissions / f"{student}.ipynb").write_text(json.dumps(notebook(f"{answer}\n# {student}")))
    return due


@pytest.fixture
def adopted() -> Iterator[Callable[[], list[str]]]:
    """The names of all processes that a test left behind: orphans become children of this process."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = {child.pid for child in psutil.Process().children()}

    def names() -> list[str]:
        for child in psutil.Process().children():
            if child.pid not in before and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)
        return [child.name() for child in psutil.Process().children() if child.pid not in before]

    yield names
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def mounts() -> list[str]:
    """Where something is mounted out here."""
    return [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]


def groups_of(pid: int) -> list[str]:
    """Control groups that a batch with this controller made."""
    return [str(path) for path in Path("/sys/fs/cgroup").rglob(f"autograder-*-{pid}-*")]


def test_class_with_hostile_fifth(
    tmp_path: Path, adopted: Callable[[], list[str]], eventually: Callable[..., bool]
) -> None:
    """Honest students get what is due, hostile ones nothing; memory, processes, mounts, groups, disk are as before."""
    due = write_class(tmp_path)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    mounted, available = mounts(), psutil.virtual_memory().available
    results = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "autograder.cli.main", "grade", "halves", tmp_path / "submissions"]
    process = subprocess.Popen(
        [*command, "--jobs", "2", "--results", results],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output, _ = process.communicate()
    assert process.returncode == 0, output
    reports = [json.loads(line) for line in results.read_text().splitlines()]
    assert {report["student"]: report["points"] for report in reports} == due
    assert len(reports) == STUDENTS
    assert {report["outcome"] for report in reports} == {"graded"}
    assert eventually(lambda: adopted() == []), adopted()
    assert mounts() == mounted
    assert groups_of(process.pid) == []
    assert list(temporary.iterdir()) == []
    assert list(Path("/dev/shm").glob(f"{MARK}*")) == []
    assert eventually(lambda: available - psutil.virtual_memory().available < GIB)
