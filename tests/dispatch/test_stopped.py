"""Batches that are stopped: by Ctrl-C, by a signal, by kill -9 of the controller, by the death of its helpers."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.sandbox import libc

psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")

PR_SET_CHILD_SUBREAPER = 36
HELPERS = ("sandbox.zygote", "grading.grader", "grading.intaking")
KILLS = 20


@pytest.fixture
def left_alive() -> Iterator[Callable[[], list[str]]]:
    """Tells what is still alive of a test's processes: meanwhile orphans become children of this process."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = {child.pid for child in psutil.Process().children()}

    def ours() -> list[Any]:
        return [child for child in psutil.Process().children() if child.pid not in before]

    def names() -> list[str]:
        for child in ours():
            os.waitpid(child.pid, os.WNOHANG)
        return [child.name() for child in ours() if child.is_running()]

    yield names
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def helper(process: Any, module: str) -> Any:
    """A batch's helper process, once it has been started."""
    while True:
        for child in psutil.Process(process.pid).children():
            if any(module in part for part in child.cmdline()):
                return child
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def fork_of_grader(classroom: Any, process: Any) -> Any:
    """The grader's fork that runs `busy_test`, once it does."""
    while True:
        with contextlib.suppress(psutil.Error):  # of others, which end meanwhile
            for child in psutil.Process(process.pid).children(recursive=True):
                if child.name() == "ag-tests" and any(classroom.temporary.rglob("grader-*/busy")):
                    return child
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def busy_test(classroom: Any, code: str) -> None:
    """Have the hidden test of `take` run `code` first."""
    old = 'assert student.call("take", 3, 2) == 1'
    tell = "__import__('pathlib').Path('busy').touch()"  # in its own folder; elsewhere it may not
    classroom.change("tests/hidden/sums/test_sums.py", old, f"{tell}\n    {code}\n    {old}")


def assert_all_right(classroom: Any, students: list[str]) -> None:
    """Another run completes the batch; everybody has the points that are due, once."""
    results = classroom.grade()
    assert list(results) == students
    assert [result["points"] for result in results.values()] == [3.1 if n % 3 else 0.1 for n in range(len(students))]
    classroom.assert_graded_once(len(students))
    assert classroom.left_over() == []


@pytest.mark.parametrize("how", ["group", "alone", "terminated", "hung up"])
def test_ctrl_c(classroom: Any, left_alive: Any, eventually: Any, how: str) -> None:
    """A batch that is interrupted says how far it came, leaves nothing running, and is completed by the next run."""
    students = classroom.submit_slow(24)
    process = classroom.start()
    classroom.wait_recorded(3, process)
    if how == "group":
        os.killpg(process.pid, signal.SIGINT)
    else:
        numbers = {"alone": signal.SIGINT, "terminated": signal.SIGTERM, "hung up": signal.SIGHUP}
        process.send_signal(numbers[how])
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "of 24 are done. What was recorded stays; the same command goes on from there.\n" in err
    assert err.endswith("\nStopped.\n")
    assert "Traceback" not in out + err
    recorded = classroom.recorded()
    assert 3 <= len(recorded) < 24
    assert eventually(lambda: not left_alive())
    assert classroom.left_over() == []
    assert_all_right(classroom, students)
    assert recorded.items() <= classroom.recorded().items()


def test_ctrl_c_while_a_notebook_sleeps(classroom: Any, left_alive: Any, eventually: Any) -> None:
    """Nobody waits for a student's sleep: the batch ends, and the sleeper has no report yet."""
    classroom.change("assignments/sums/assignment.yml", "notebook_seconds: 5", "notebook_seconds: 500")
    classroom.submit("ada")
    classroom.submit("zzz", "import time\ntime.sleep(1000)")
    process = classroom.start()
    classroom.wait_recorded(1, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    assert list(classroom.recorded()) == ["ada"]
    assert eventually(lambda: not left_alive())


def test_ctrl_c_while_warming_up(classroom: Any, left_alive: Any, eventually: Any) -> None:
    """Before anything was graded Ctrl-C works as well."""
    classroom.submit("ada")
    process = classroom.start()
    helper(process, "grading.grader")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped" in err  # before the count is known there is no more to say
    assert eventually(lambda: not left_alive())
    assert classroom.left_over() == []


def test_kill_of_the_controller(classroom: Any, left_alive: Any, eventually: Any) -> None:
    """Killed -9 twenty times in a row, anywhere: run again, every submission is graded once, none is lost or doubled.

    What the killed ones left running ends by itself, and what they left on the disk goes with the next run.
    """
    students = classroom.submit_slow(90, seconds=0.02)
    chance = random.Random(20250203)
    for number in range(KILLS):
        process = classroom.start()
        if number % 2:  # while it grades
            classroom.wait_recorded(len(classroom.recorded()) + 1, process)
            time.sleep(chance.uniform(0, 0.1))
        else:  # anywhere: while it imports, opens the gradebook, warms up
            time.sleep(chance.uniform(0, 2))
        process.kill()
        process.communicate()
        assert eventually(lambda: not left_alive()), left_alive()
    recorded = classroom.recorded()
    assert KILLS // 2 <= len(recorded) < len(students)
    assert_all_right(classroom, students)
    assert recorded.items() <= classroom.recorded().items()


def test_two_batches_at_once(classroom: Any) -> None:
    """Two people who grade the same class at the same time get one report each for everybody."""
    students = classroom.submit_slow(12)
    processes = [classroom.start(), classroom.start()]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert_all_right(classroom, students)


def test_kill_of_helpers(classroom: Any, left_alive: Any, eventually: Any) -> None:
    """Zygote, grader and intake are killed in mid-batch, one after another: all results are right, none undecided."""
    students = classroom.submit_slow(30)
    process = classroom.start("--results", "results.jsonl")
    for number, module in enumerate(HELPERS):
        classroom.wait_recorded(4 + 7 * number, process)
        helper(process, module).kill()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    recorded = classroom.recorded()
    assert len(recorded) == 30
    assert eventually(lambda: not left_alive())
    assert_all_right(classroom, students)
    assert classroom.recorded() == recorded


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_end_of_the_controller_while_a_test_loops(classroom: Any, left_alive: Any, eventually: Any, how: str) -> None:
    """A hidden test that never ends does not outlive the controller, however that ends."""
    busy_test(classroom, "while True: pass")
    classroom.submit("ada")
    process = classroom.start()
    fork = fork_of_grader(classroom, process)
    if how == "killed":
        process.kill()
    else:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert eventually(lambda: not left_alive()), left_alive()
    assert not fork.is_running()


def test_kill_of_the_grader_while_a_test_runs(classroom: Any, left_alive: Any, eventually: Any) -> None:
    """What a killed grader has forked ends its submission, which gets the points that are due."""
    busy_test(classroom, "time.sleep(3)")
    classroom.submit("ada")
    process = classroom.start("--results", "results.jsonl")
    fork = fork_of_grader(classroom, process)
    fork.parent().kill()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert eventually(lambda: not left_alive())
    assert classroom.grade()["ada"]["points"] == 3.1


def test_kill_of_the_forks_of_the_grader(classroom: Any) -> None:
    """A test whose process is killed is undecided, which is nobody's zero; the same command then decides it."""
    busy_test(classroom, "time.sleep(3)")
    classroom.submit("ada")
    process = classroom.start()
    fork_of_grader(classroom, process).kill()
    process.communicate(timeout=120)
    assert process.returncode in (0, 3)  # between two tests nothing is lost: they run again
    result = classroom.grade()["ada"]
    assert (result["outcome"], result["points"]) == ("graded", 3.1)


def test_kill_of_all_at_once(classroom: Any, left_alive: Any, eventually: Any) -> None:
    """Grader and fork are killed together, as by a machine without memory: the submission is graded again."""
    busy_test(classroom, "time.sleep(3)")
    classroom.submit("ada")
    process = classroom.start("--results", "results.jsonl")
    os.killpg(os.getpgid(fork_of_grader(classroom, process).pid), signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert eventually(lambda: not left_alive())
    assert classroom.grade()["ada"]["points"] == 3.1


@pytest.mark.parametrize("module", HELPERS)
def test_kill_of_helpers_that_warm_up(classroom: Any, module: str) -> None:
    """A helper that dies before it was ready is started again."""
    classroom.submit("ada")
    process = classroom.start()
    helper(process, module).kill()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert classroom.grade()["ada"]["points"] == 3.1


def test_kill_of_a_whole_class_of_students(classroom: Any) -> None:
    """Students' processes that the machine kills while their notebooks run are graded again, and lose nothing."""
    students = classroom.submit_slow(8, seconds=0.5)
    process = classroom.start()
    killed = 0
    while killed < 4:
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended by itself
                if child.name() == "ag-init":
                    child.kill()
                    killed += 1
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert_all_right(classroom, students)
