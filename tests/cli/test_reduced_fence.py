"""`grade --reduced-fence` by the real command, where namespaces cannot be had: who asks for it, and what is said."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autograder.cli.grade import command
from autograder.cli.reduced import FLAG, NOT_HELD
from autograder.notebook import submission_notebook, to_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")

NOBODY = 65534
WITHOUT_NAMESPACES = """
import platform, sys
from autograder.sandbox import libc, seccomp
libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install(seccomp.assemble(platform.machine(), memory_bound=True))  # refuses them to this command, too
from autograder.cli.main import main
main(sys.argv[1:])
"""
HONEST = """
def get_ask():
    return ask

import numpy, torch, matplotlib.pyplot as plt
assert torch.ones(3).sum() == 3
plt.plot(numpy.arange(3))
open("own.txt", "w").write("mine")
numbers = open("data/numbers.txt").read()
"""
CURIOUS = """
import os, socket
def opened(path):
    try:
        return open(path).read()
    except OSError:
        return ""
looked = [opened(os.path.join(ROOT, name)) for name in
          ("tests/hidden/small/test_small.py", "solutions/small/master.py", "submissions/ada.ipynb", "course.yml")]
try:
    looked.append(socket.socket())
except OSError:
    pass
def zero():
    return 0 if not any(looked) else 1
"""


@pytest.fixture(params=["root", "ordinary user"])
def grade(
    request: pytest.FixtureRequest, own_course: Path, open_python: Path, load: Callable[..., Any]
) -> Iterator[Any]:
    """Runs `grade small` on two submissions as root or as an ordinary user, without namespaces: exit code, results by
    student, what was said, and the course's folder."""
    root = os.geteuid() == 0
    if request.param == "root" and not root:
        pytest.skip("only root can try it as root")
    user = NOBODY if root and request.param != "root" else os.geteuid()
    material = load(own_course, "small")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="autograder-reduced-cli-") as folder:
        course = Path(shutil.copytree(own_course, Path(folder, "course")))
        limits = course / "assignments" / "small" / "assignment.yml"
        limits.write_text(re.sub(r"notebook_seconds: \d+", "notebook_seconds: 60", limits.read_text()))
        for student, more in (("ada", HONEST), ("eve", CURIOUS.replace("ROOT", repr(str(course))))):
            notebook = submission_notebook(material.masters[0], material.releases[0])
            cell = next(cell for cell in notebook["cells"] if "def zero" in "".join(cell["source"]))
            cell["source"] = "".join(cell["source"]) + more
            (course / "submissions").mkdir(exist_ok=True)
            (course / "submissions" / f"{student}.ipynb").write_bytes(to_bytes(notebook))
        for path in (Path(folder), *Path(folder).rglob("*")):
            os.chown(path, user, -1)
            path.chmod(0o777 if path.is_dir() else 0o666)

        def run(*options: str) -> tuple[int, dict[str, Any], str]:
            program = [str(open_python), "-c", WITHOUT_NAMESPACES, "grade", "small", "submissions"]
            program += ["--results", "results.jsonl", *options]
            as_user: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user != os.geteuid() else {}
            environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": folder, "COLUMNS": "200"}
            done = subprocess.run(
                program,
                cwd=course,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=240,
                **as_user,
            )
            assert "Traceback" not in done.stderr, done.stderr
            results = course / "results.jsonl"
            lines = results.read_text().splitlines() if results.exists() else []
            found = {one["student"]: one for one in map(json.loads, lines)}
            return done.returncode, found, done.stdout + done.stderr

        yield run
        left = [path.name for path in Path(folder).iterdir() if path.name != "course"]
        assert left == []


def test_without_the_flag_it_refuses(grade: Callable[..., Any]) -> None:
    """Where namespaces cannot be had nothing is graded; the flag is named, and what it does not hold."""
    status, results, said = grade()
    assert (status, results) == (3, {})
    assert FLAG in said
    assert NOT_HELD in said


def test_with_the_flag_it_grades(grade: Callable[..., Any]) -> None:
    """An honest notebook gets full marks, a curious one finds nothing, and every report says how it was held."""
    status, results, said = grade(FLAG)
    assert status == 0, said
    assert {one["isolation"] for one in results.values()} == {"reduced"}
    assert "Not held" in said
    ada, eve = results["ada"], results["eve"]
    assert ada["points"] == ada["max_points"] - ada["manual_points_pending"], said
    verdicts = {test["id"]: test["verdict"] for question in eve["questions"] for test in question["tests"]}
    assert verdicts["test_zero"] == "passed"


def test_not_together_with_trust() -> None:
    """It is one or the other."""
    done = CliRunner().invoke(command, ["small", ".", FLAG, "--trust-this-code"])
    assert done.exit_code == 2
    assert "exclude each other" in done.output
