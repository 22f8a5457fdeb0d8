"""What the grader gave up: a hidden test that tries to get out, and the same attempts where nothing was given up."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.seclusion import try_seclusion
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import submission_notebook, to_bytes
from autograder.results import Outcome, Verdict
from autograder.sandbox.process import Process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")

PROBE = '''
import json, os, resource, socket, sys
from pathlib import Path

def probe(host, port, name, submission, controller):
    """Each attempt → whether it came through."""
    def through(action):
        try:
            action()
        except OSError:
            return False
        return True

    abstract = socket.socket(socket.AF_UNIX)
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    proc = Path("/proc", str(controller))
    return {
        "tcp": through(lambda: socket.create_connection((host, port), 5).close()),
        "udp": through(lambda: datagram.sendto(b"x", (host, port))),
        "abstract socket": through(lambda: abstract.connect("\\0" + name)),
        "read a submission": through(lambda: open(submission).close()),
        "list submissions": through(lambda: os.listdir(os.path.dirname(submission))),
        "change a submission": through(lambda: os.chmod(submission, 0o644) or open(submission, "a").close()),
        "look into the controller": through(lambda: (proc / "environ").read_bytes()),
        "root of the controller": through(lambda: os.listdir(proc / "root/")),
        "files of the controller": through(lambda: os.readlink(proc / "fd/0")),
        "signal the controller": through(lambda: os.kill(controller, 0)),
        "write elsewhere": through(lambda: open(f"{submission}.new", "w").close()),
    }

def surroundings():
    """What lies about: environment, arguments, open files, limits."""
    return {
        "environment": dict(os.environ),
        "arguments": Path("/proc/self/cmdline").read_text(),
        "folder": os.getcwd(),
        "files": [os.readlink(f"/proc/self/fd/{n}") for n in range(1000) if os.path.lexists(f"/proc/self/fd/{n}")],
        "status": Path("/proc/self/status").read_text(),
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "size": resource.getrlimit(resource.RLIMIT_FSIZE)[1],
        "memory": resource.getrlimit(resource.RLIMIT_DATA)[1],
        "modules": sys.path,
    }
'''
HIDDEN = """
import json
import pytest
from probing import probe, surroundings

@pytest.mark.question("calls", points=1)
def test_probe(student):
    student.call("first")
    raise AssertionError(json.dumps([probe(*WHERE), surroundings()]))

@pytest.mark.question("calls", points=1)
def test_keeps_its_own(student, tmp_path):
    with open("kept.txt", "w") as file:
        file.write("text")
    (tmp_path / "a.txt").write_text("text")
    with open("/dev/null", "w") as file:
        file.write("text")
    import decimal, sqlite3, unittest.mock  # modules that nobody has imported yet

@pytest.mark.question("calls", points=1)
def test_takes_all_memory(student):
    import numpy
    numpy.ones(1 << 40)
"""


@pytest.fixture
def doors() -> Iterator[tuple[str, int, str]]:
    """Sockets of the host: address, port and abstract name."""
    name = f"autograder-probe-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind("\0" + name)
        unix.listen()
        yield "127.0.0.1", tcp.getsockname()[1], name


@pytest.fixture
def probing(own_course: Path, load: Callable[..., Any], doors: tuple[str, int, str]) -> tuple[Any, Path, list[Any]]:
    """A course whose hidden test probes, a submission that lies in its folder, and what the probe is asked."""
    submission = own_course / "submissions" / "ada.ipynb"
    where = [*doors, str(submission), os.getpid()]
    hidden = own_course / "tests/hidden/odd"
    (hidden / "probing.py").write_text(PROBE)
    (hidden / "test_odd.py").write_text(HIDDEN.replace("WHERE", repr(where)))
    about = own_course / "assignments/odd/assignment.yml"
    about.write_text(about.read_text().replace("points: 10", "points: 3"))
    material = load(own_course, "odd")
    submission.parent.mkdir()
    submission.write_bytes(to_bytes(submission_notebook(material.masters[0], material.releases[0])))
    return material, submission, where


def graded(material: Any, submission: Path) -> Any:
    """The grading of one submission in a workshop of its own."""
    with Workshop(material) as workshop:
        return workshop.grade(Submitted("ada", {"odd.ipynb": submission}), "00").grading


def told(grading: Any) -> list[Any]:
    """What the probing test saw."""
    found: list[Any] = json.loads(grading.evidence.details["test_probe"].partition(": ")[2])
    return found


def test_grader_cannot_get_out(probing: tuple[Any, Path, list[Any]]) -> None:
    """A hidden test reaches no network, no submission and no process of the operator's; without seclusion it does."""
    material, submission, where = probing
    script = PROBE + f"\nprint(json.dumps(probe(*{where!r})))"
    free = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert all(json.loads(free.stdout).values()), free.stdout
    grading = graded(material, submission)
    assert {name for name, done in told(grading)[0].items() if done} == set()
    verdicts = {test.id: test.verdict for test in grading.report.questions[0].tests}
    assert verdicts["test_keeps_its_own"] is Verdict.PASSED, grading.evidence.details
    assert verdicts["test_takes_all_memory"] is Verdict.UNDECIDED
    assert "MemoryError" in grading.evidence.details["test_takes_all_memory"]


def test_nothing_of_the_operators_in_sight(probing: tuple[Any, Path, list[Any]], monkeypatch: Any) -> None:
    """The grader sees neither the operator's environment nor a path or descriptor of a submission."""
    material, submission, _ = probing
    monkeypatch.setenv("TOKEN_OF_THE_OPERATOR", "canary")
    monkeypatch.setenv("UPLOADS", str(submission.parent))
    _, seen = told(graded(material, submission))
    assert str(submission.parent) not in json.dumps(seen)
    assert "canary" not in json.dumps(seen)
    inherited = seen["environment"].keys() & os.environ.keys() - {"PATH", "HOME", "LANG"}
    assert {name for name in inherited if seen["environment"][name] == os.environ[name]} <= {"PYTEST_VERSION"}
    assert {name for name in seen["environment"] if name.startswith("PYTHON")} == {"PYTHONHASHSEED"}
    kinds = {target.partition(":")[0] for target in seen["files"]}
    assert kinds <= {"pipe", "/dev/null", "socket"}, seen["files"]
    assert "NoNewPrivs:\t1" in seen["status"]
    assert int(seen["status"].partition("CapEff:")[2].split()[0], 16) in (0, 1 << 2)  # as root: reading, no more
    assert seen["core"] == 0
    assert resource.RLIM_INFINITY not in (seen["size"], seen["memory"])


def test_uploads_and_variables_for_pytest_do_nothing(
    probing: tuple[Any, Path, list[Any]], monkeypatch: Any, tmp_path: Path
) -> None:
    """pytest's variables, and files with its names in the folder of uploads and in the operator's, change nothing."""
    material, submission, _ = probing
    trap = f"open({str(tmp_path / 'sprung')!r}, 'a').write(__name__)\nraise SystemExit(0)\n"
    for folder in (submission.parent, tmp_path):
        for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "pytest.py"):
            (folder / name).write_text(trap)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    monkeypatch.chdir(submission.parent)
    for name, value in {
        "PYTEST_ADDOPTS": "--collect-only",
        "PYTEST_PLUGINS": "conftest",
        "PYTHONPATH": str(tmp_path),
        "PYTHONSTARTUP": str(tmp_path / "conftest.py"),
        "PYTHONUSERBASE": str(tmp_path),
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    grading = graded(material, submission)
    assert grading.report.outcome is Outcome.UNDECIDED  # the author's test took all memory
    assert grading.report.questions[0].tests[1].verdict is Verdict.PASSED
    assert not (tmp_path / "sprung").exists()
    done = subprocess.run([sys.executable, "-c", ""], check=False)  # the trap works
    assert (tmp_path / "sprung").exists(), done


def test_machine_takes_it_all() -> None:
    """Nothing was refused here, and a process that gave everything up neither connects nor reads."""
    assert try_seclusion() == ()


def test_machine_that_refuses_namespaces(tmp_path: Path) -> None:
    """A namespace that cannot be had is named, and the rest is given up all the same."""
    script = """
import json, os, sys, threading
from autograder.grading.seclusion import seclude
from autograder.sandbox import libc
threading.Thread(target=threading.Event().wait, daemon=True).start()  # then there is no user namespace
libc.keep_capabilities(0)  # nor may root make one of the network alone
refused = seclude(sys.argv[1])
try:
    os.listdir("/var")
except PermissionError:
    print(json.dumps(refused))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (refused,) = json.loads(done.stdout)
    assert refused.startswith("network: ")


def test_lifeline_of_forks(eventually: Callable[..., bool], tmp_path: Path) -> None:
    """What a helper forked dies with the lifeline, even where the helper itself is gone."""
    (tmp_path / "busy.py").write_text(
        "import os, socket, sys\nfrom autograder.sandbox.descriptors import send_message\n"
        "from autograder.sandbox.lifeline import hold_on\n\n"
        "def main(heap):\n    control = socket.socket(fileno=int(sys.argv[1]))\n    hold_on(int(sys.argv[2]))\n"
        "    pid = os.fork()\n    while pid == 0:\n        pass\n"
        "    send_message(control, {'pid': pid})\n    control.recv(1)\n"
    )
    process = Process("busy", folder=tmp_path, home=str(tmp_path), environment={"PYTHONPATH": str(tmp_path)})
    pid = process.receive()["pid"]
    os.kill(process.pid, 9)
    assert eventually(lambda: not process.alive)
    os.kill(pid, 0)  # the fork goes on without it
    process.close()
    assert eventually(lambda: not Path(f"/proc/{pid}").exists() or "Z (" in Path(f"/proc/{pid}/status").read_text())
