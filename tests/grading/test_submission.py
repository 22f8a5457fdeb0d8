"""Whole submissions: one student's faults cost what they must, the machine's and the author's cost nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from autograder.grading.attempt import TestOutcome
from autograder.grading.submission import MAX_FATAL_CELLS, judge
from autograder.results import Verdict
from autograder.sandbox.limits import Limits

PASSED, FAILED, UNDECIDED = Verdict.PASSED, Verdict.FAILED, Verdict.UNDECIDED
Grade = Callable[..., Any]


def lost(run: Any) -> set[str]:
    """The tests that did not pass; nothing may be undecided."""
    assert UNDECIDED not in {verdict.verdict for verdict in run.verdicts.values()}, run.verdicts
    return {test for test, verdict in run.verdicts.items() if verdict.verdict is FAILED}


def test_reference_passes(workshop: Any, grade: Grade) -> None:
    """The reference passes every test, public ones and those on a prepared set-up too."""
    run = grade(workshop)
    assert len(run.verdicts) == 8
    assert lost(run) == set()
    assert all(cell.error is None and cell.fatal is None for cell in run.cells[0].values())


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return 2", None),
        ("return None", None),
        ("raise ValueError('x')", None),
        ("return object()", None),
        ("os._exit(0)", "the process ended itself."),
        ("os.kill(os.getpid(), 11)", "crashed (signal 11, SIGSEGV)"),
        ("while True: pass", "used too much time here (the limit is 1 s of CPU time)"),
        ("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass", "1 s of CPU time"),
        ("return bytearray(2 * 2**30)", "too much memory here (the limit is 1 GiB)"),
        ("os.closerange(3, 200)", "ended its own process"),
        ("os.kill(os.getpid(), 9)", "killed here, twice"),
        ("return bytes(2**28)", "cannot be read (the limits are 128 MiB"),
        ("return list(range(10**6))", "cannot be read"),
        (
            "for n in range(3, 200):\n        try: os.write(n, bytes(9))\n        except OSError: pass",
            "broke the connection",
        ),
    ],
)
def test_fault_costs_its_test_alone(workshop: Any, grade: Grade, body: str, told: str | None) -> None:
    """Whatever one function does to its process, one test is lost, and the student is told how."""
    run = grade(workshop, f"def second():\n    {body}", tests="test_")
    assert lost(run) == {"test_second"}
    verdict = run.verdicts["test_second"]
    assert (told is None and verdict.told is None) or told in verdict.told


def test_state_is_fresh_in_each_test(workshop: Any, grade: Grade) -> None:
    """A function that works once only works in each test; the cases of one test share a snapshot."""
    once = "count = 0\ndef first():\n    global count\n    count += 1\n    return count\nsecond = third = first"
    assert lost(grade(workshop, once)) == {"test_third"}


def test_runner_killed_by_a_test(workshop: Any, grade: Grade) -> None:
    """A test that kills the notebook's process loses itself; the others run on a fresh one."""
    run = grade(workshop, "def first():\n    os.kill(os.getppid(), 9)\n    return 1")
    assert lost(run) <= {"test_first"}
    run = grade(workshop, "def first():\n    os.kill(-1, 9)\n    os._exit(1)")
    assert lost(run) == {"test_first"}


def test_set_up_killed_by_a_test(workshop: Any, grade: Grade) -> None:
    """A test that kills the process of its set-up costs the other tests of that set-up nothing."""
    kill = """
        class Bad(Counter):
            def up(self, ask=None):
                if ask:
                    os.kill(os.getppid(), 9)
                    os._exit(1)
                return super().up()
        Counter = Bad
        """
    assert lost(grade(workshop, kill)) == {"test_up_by_callback"}


SETUP_TESTS = {"test_up", "test_up_again", "test_up_without_student", "test_up_by_callback"}


def test_set_up_over_its_limits(workshop: Any, grade: Grade) -> None:
    """A set-up that takes too long is told with its own limit, and gets its second chance once for all its tests."""
    run = grade(workshop, "def Counter():\n    while True: pass", tests="test_up")
    assert {verdict.told for verdict in run.verdicts.values()} == {
        "Your code used too much time in the set-up of this test (the limit is 1 s of CPU time)."
    }
    late = "class Counter(Counter):\n    def __init__(self):\n        super().__init__()\n        time.sleep({})"
    run = grade(workshop, late.format(600), tests="test_up", wall=0.5)
    assert {verdict.told for verdict in run.verdicts.values()} == {
        "Your code gave no answer within 0.5 s in the set-up of this test: it seems to wait for something."
    }
    once = late.format(f"600 if time.time() < {time.time() + 1.5} else 0")
    assert lost(grade(workshop, once, tests="test_up", wall=2.0)) == set()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("while True: pass", "used too much time here (the limit is 1 s of CPU time)"),
        ("os.kill(os.getpid(), 11)", "crashed (signal 11, SIGSEGV)"),
        ("os._exit(3)", "the process ended itself."),
        ("os.kill(os.getpid(), 9)", "was killed here, twice"),
        ("time.sleep(600)", "no answer within 3 s here"),
    ],
)
def test_fault_in_a_test_on_a_set_up(workshop: Any, grade: Grade, body: str, sentence: str) -> None:
    """A test on a prepared set-up is told as exactly as any other how its process ended, and costs itself alone."""
    bad = "class Counter(Counter):\n    def up(self, ask=None):\n        if ask:\n            "
    bad += f"{body}\n        return super().up()"
    run = grade(workshop, bad, tests="test_up", wall=3.0)
    assert lost(run) == {"test_up_by_callback"}
    assert sentence in run.verdicts["test_up_by_callback"].told


def test_killed_once_costs_nothing(workshop: Any, grade: Grade) -> None:
    """A cell and a test whose process is killed once run again: it may have been the machine, out of memory."""
    once = "    left = {} - time.time()\n    if left > 0:\n        time.sleep(left)\n        os.kill(os.getpid(), 9)"
    run = grade(workshop, "if True:\n" + once.format(time.time() + 0.5), "def second(): return 1")
    assert lost(run) == set()
    assert run.cells[0][3].fatal is None
    late = "def second():\n" + once.format(time.time() + 0.7) + "\n    return 1"
    assert lost(grade(workshop, late)) == set()


def test_killed_twice_is_the_students(workshop: Any, grade: Grade) -> None:
    """A cell that is killed each time is left out and named, and the others count."""
    run = grade(workshop, "os.kill(os.getpid(), 9)", "def second(): return 2")
    assert lost(run) == {"test_second"}
    assert run.cells[0][3].fatal.startswith("Killed: the process was killed (signal 9, SIGKILL)")


def test_cell_without_memory_is_told_the_limit(workshop: Any, grade: Grade) -> None:
    """A MemoryError, which Python raises without a word, names the limit in the report."""
    error = grade(workshop, "x = b'x' * 2**34", tests="test_second").cells[0][3].error
    assert (error["name"], error["message"]) == ("MemoryError", "the memory limit is 1 GiB")


def test_cell_that_ignores_the_signal(workshop: Any, grade: Grade) -> None:
    """A cell that ignores the end of its CPU time meets the kernel's, is told so, and does not run again."""
    ignore = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    started = time.monotonic()
    run = grade(workshop, ignore, tests="test_second")
    assert run.cells[0][3].fatal == "Timeout: more than 2 s of CPU time were used, which is the limit"
    assert lost(run) == set()
    assert time.monotonic() - started < 30


def test_set_up_that_fails(workshop: Any, grade: Grade) -> None:
    """The tests of a set-up that fails by the student's fault fail with its reason; the rest passes."""
    shared = {"test_up", "test_up_again", "test_up_without_student", "test_up_by_callback"}
    for body in ("raise ValueError('canary-why')", "os._exit(1)"):
        run = grade(workshop, f"def Counter():\n    {body}")
        assert lost(run) == shared
    assert "ValueError" in grade(workshop, "def Counter(): raise ValueError").verdicts["test_up"].detail


def test_cells_that_kill_their_process(workshop: Any, grade: Grade) -> None:
    """Cells that exit, crash or never end are left out and named; the rest of the notebook counts."""
    fatal = ["os._exit(3)", "os.kill(os.getpid(), 11)", "while True: pass"]
    run = grade(workshop, fatal[0], "x = 1", fatal[1], fatal[2], "def second(): return x + 1")
    assert lost(run) == {"test_second"}
    cells = run.cells[0]
    named = {index: cell.fatal for index, cell in cells.items() if cell.fatal}
    assert named == {
        3: "Crashed: the process ended itself with status 3",
        5: "Crashed: the process crashed (signal 11, SIGSEGV)",
        6: "Timeout: more than 2 s of CPU time were used, which is the limit",
    }
    assert cells[7].error is None


def test_too_many_fatal_cells(workshop: Any, grade: Grade) -> None:
    """A notebook of nothing but fatal cells is given up: all its tests fail, with the reason."""
    run = grade(workshop, *["os._exit(1)"] * (MAX_FATAL_CELLS + 5))
    assert {verdict.verdict for verdict in run.verdicts.values()} == {FAILED}
    assert len(run.verdicts) == 8
    assert "nothing was left to test" in run.verdicts["test_zero"].told


def test_failing_cells_do_not_stop(workshop: Any, grade: Grade) -> None:
    """A cell that raises is named, and all others run."""
    run = grade(workshop, "1 / 0", "import sys; sys.exit()", "x = ", "quit()", "def second(): return 0")
    assert lost(run) == {"test_second"}
    assert [cell.error and cell.error["name"] for cell in run.cells[0].values()][3:] == [
        "ZeroDivisionError", "SystemExit", "SyntaxError", None, None,
    ]  # fmt: skip


def test_sleeping_test_runs_twice(workshop: Any, grade: Grade) -> None:
    """A test that slept through its wall clock runs once more before it counts as late."""
    run = grade(workshop, "def second(): time.sleep(600)", tests="test_second", wall=1.0)
    assert "gave no answer within 1 s here" in run.verdicts["test_second"].told


def test_sleep_of_one_process_is_forgiven(workshop: Any, grade: Grade) -> None:
    """A test that was late once because its process was held up passes on the second run."""
    late = "def second():\n    time.sleep(600 if time.time() < {} else 0)\n    return 1"
    run = grade(workshop, late.format(time.time() + 0.7), tests="test_second", wall=1.0)
    assert lost(run) == set()


@pytest.mark.parametrize(
    "source", ["print('\\ud83d')", "x = '\ud83d'", "display({'a': object()})", "print('x' * 10**8)"]
)
def test_odd_cells_are_no_fault_of_ours(workshop: Any, grade: Grade, source: str) -> None:
    """Text that is no Unicode and too much output end nothing."""
    run = grade(workshop, source)
    assert lost(run) == set()
    assert not any(cell.fatal for cell in run.cells[0].values())


FIND = """
import gc
runner = next(o for o in gc.get_objects() if type(o).__name__ == "Runner")
send = runner.channel.send
"""


@pytest.mark.parametrize(
    "attack",
    [
        "send(('done', 3, [b'bytes'], None, 0.0))",
        "send(('done', 3, [{'output_type': 'stream', 'name': 'stdout', 'text': 1j}], None, 0.0))",
        "send(('done', 3, [{'output_type': 'display_data', 'data': {'text/html': [1]}}], None, 0.0))",
        "send(('done', 3, [], 7, 0.0))",
        "import numpy; send(('done', 3, [numpy.ones(3)], None, 0.0))",
        "send(('done', 3, [{'output_type': 'stream', 'text': 'x' * 2**23}] * 3, None, 0.0))",
        "os.write(runner.channel.writer, b'\\xff' * 4)",
        "os.write(runner.channel.writer, bytes(4))",
    ],
)
def test_forged_cell_result(workshop: Any, grade: Grade, attack: str) -> None:
    """A forged word of the runner makes its cell a fatal one, and nothing of it reaches the report."""
    run = grade(workshop, FIND + attack, "def second(): return 2")
    assert lost(run) == {"test_second"}
    assert run.cells[0][3].fatal.startswith("ProtocolFault")


FLOOD = """
from multiprocessing import Process

def talk():
    while True:
        send(("exit", 0, 0, 0.0))

talker = Process(target=talk, daemon=True)
fork = type(runner).fork

def talk_and_fork(self, *arguments):
    if talker.pid is None:
        talker.start()
    return fork(self, *arguments)

type(runner).fork = talk_and_fork
"""


def test_flood_of_messages(workshop: Any, grade: Grade) -> None:
    """A notebook that never stops talking to the controller holds nobody up."""
    run = grade(workshop, FIND + FLOOD)
    assert len(run.verdicts) == 8
    assert Verdict.UNDECIDED not in {verdict.verdict for verdict in run.verdicts.values()}


def test_authors_faults_are_undecided(odd_workshop: Any, grade: Grade) -> None:
    """An exception of the test's own, a skip and an expected failure decide nothing; a dead grader costs one test."""
    verdicts = {test: verdict.verdict for test, verdict in grade(odd_workshop, "first = zero").verdicts.items()}
    assert verdicts.pop("test_fine") is FAILED
    assert verdicts.pop("test_fails_by_hand") is FAILED
    assert set(verdicts.values()) == {UNDECIDED}
    assert len(verdicts) == 8
    verdicts = {test: verdict.verdict for test, verdict in grade(odd_workshop).verdicts.items()}
    assert verdicts["test_fine"] is PASSED
    assert verdicts["test_passes_against_expectation"] is UNDECIDED
    assert verdicts["test_kills_the_grader"] is UNDECIDED


def told(error: str | None, lived: bool = True, **facts: Any) -> str:
    """What a student is told of a failed test, with its set-up where `process` names one."""
    limits = Limits(test_seconds=3, prepare_seconds=40, memory=2**31)
    return str(judge("t", TestOutcome(FAILED, error, "canary", 0.1, lived, **facts), limits).told)


def test_judge_words() -> None:
    """What the student is told names the limit or the signal, differs from kind to kind, and holds nothing of the
    test's."""
    sentences = {
        "cpu": told("Crashed", status=signal.SIGXCPU, cpu=3.0),
        "wall": told("Timeout", wall=42.0),
        "memory": told("MemoryLimit"),
        "starved": told("Crashed", status=signal.SIGKILL, cpu=1.0, starved=True),
        "result": told("ResultLimit"),
        "protocol": told("ProtocolFault"),
        "killed": told("Crashed", status=signal.SIGKILL, cpu=1.0),
        "crash": told("Crashed", status=signal.SIGSEGV, cpu=1.0),
        "exit": told("Crashed", status=0, cpu=1.0),
        "vanished": told("Crashed"),
        "not begun": told("Crashed", lived=False),
    }
    assert sentences.pop("starved") == sentences["memory"]
    assert len(set(sentences.values())) == len(sentences)
    assert "canary" not in str(sentences)
    assert "limit is 3 s of CPU time" in sentences["cpu"]
    assert "within 42 s" in sentences["wall"]
    assert "limit is 2 GiB" in sentences["memory"]
    assert told("Crashed", status=signal.SIGKILL, cpu=3.2) == sentences["cpu"]


def test_judge_names_the_set_up() -> None:
    """Where the set-up failed, its limit is named and not the test's."""
    assert "in the set-up of this test (the limit is 40 s" in told("Crashed", status=24, cpu=40.0, process="s")
    assert "within 190 s in the set-up of this test" in told("Timeout", wall=190.0, process="s")
    assert told("Crashed", status=24, cpu=3.0, process="t") == told("Crashed", status=24, cpu=3.0)


def test_judge_says_nothing_of_other_failures() -> None:
    """A wrong value, an exception and a fault of ours have no sentence: the hint is all that students get."""
    assert told("ValueError") == told(None) == "None"
    assert judge("t", TestOutcome(UNDECIDED, None, "canary", 0.1, True), Limits()).told is None
