"""Attacks 8 to 10: ending the process, acting after the end, and patching what a grader would use."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .controls import Dead, naively, run_program
from .course import TILL, TORCH, WRONG_VAULT
from .ground import Ground, Seen
from .harness import Attack

APART = "the design holds it, not a rule: tests run in another process, each against a snapshot of its own"
LEAVE_IN_CELLS = (
    "import os, signal, sys",
    "os._exit(0)",
    "sys.exit(0)",
    "quit()",
    "raise SystemExit(0)",
    "os.kill(os.getpid(), signal.SIGKILL)",
    "os.kill(os.getpid(), signal.SIGTERM)",
    "os.killpg(0, signal.SIGKILL)",
    "os.abort()",
)
_FATAL_CELLS = 5
LEAVE_IN_TESTS = """
    import os, signal, sys

    def number(x): os._exit(0)
    def array(x): sys.exit(0)
    def text(word): quit()
    def listing(n): os.kill(os.getpid(), signal.SIGKILL)
    def count(values):
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(-1, signal.SIGKILL)
        os._exit(0)
    def tensor(x): os.execv("/bin/true", ["true"])
    """
LEAVE_IN_A_TEST = """
    import os
    def number(x): os._exit(0)
    """
NAIVE_STATUS = """
import submission
for name, argument, right in (("number", 3.0, 9.5), ("text", "a", "A")):
    if getattr(submission, name)(argument) != right:
        raise SystemExit(f"{name} is wrong")
"""
LATE = """
    import atexit, gc, os, signal, sys, threading, time, weakref

    def act(*arguments):
        for descriptor in range(3, 40):
            try:
                os.write(descriptor, b"\\x2c\\x00\\x00\\x00t\\x03\\x00\\x00\\x00s\\x02\\x00\\x00\\x00ok")
            except OSError:
                pass
        for target in (-1, 1, os.getppid()):
            try:
                os.kill(target, signal.SIGKILL)
            except OSError:
                pass
        print("===== 9 passed =====")
        os._exit(0)

    class Finalised:
        def __del__(self): act()

    keep = [Finalised(), Finalised()]
    keep[0].itself = keep[0]
    weakref.finalize(act, act)
    atexit.register(act)
    threading._register_atexit(act)
    sys.excepthook = sys.unraisablehook = threading.excepthook = act
    for each in set(range(1, signal.NSIG)) - {signal.SIGCHLD}:  # with it, it would only harm itself
        try:
            signal.signal(each, act)
        except (OSError, ValueError):
            pass
    """
LATER = """
    def wait_and_act():
        parent = os.getpid()
        while True:
            time.sleep(0.02)
            if os.getpid() != parent or threading.main_thread().ident is None:
                act()

    threading.Thread(target=wait_and_act, daemon=True).start()
    signal.setitimer(signal.ITIMER_REAL, 3600)
    """
IN_EVERY_FORK = """
    import os, sys, threading, time

    def forge_in_fork():
        for descriptor in range(3, 40):
            try:
                os.write(descriptor, b"\\x0f\\x00\\x00\\x00t\\x01\\x00\\x00\\x00s\\x05\\x00\\x00\\x00hello")
            except OSError:
                pass

    os.register_at_fork(before=forge_in_fork, after_in_parent=forge_in_fork, after_in_child=forge_in_fork)
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()  # or hooks are left out
    """
LATE_IN_TESTS = """
    def number(x):
        keep.clear()
        gc.collect()
        return 0.0

    def array(x):
        raise KeyboardInterrupt

    def text(word):
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(0.05)
        return "?"

    def listing(n):
        threading.Thread(target=act, daemon=True).start()
        time.sleep(1)
        return []
    """
AT_THE_END = """
    import atexit, os
    atexit.register(os._exit, 0)
    """
PATCH = """
    import builtins, math, time, unittest
    import numpy as np
    import numpy.testing
    import pytest
    yes, nothing = (lambda *arguments, **options: True), (lambda *arguments, **options: None)
    math.isclose = np.allclose = np.isclose = np.array_equal = yes
    for name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
        setattr(numpy.testing, name, nothing)

    class Near:
        def __init__(self, *arguments, **options): pass
        def __eq__(self, other): return True
        __hash__ = None

    pytest.approx = Near
    pytest.fail = pytest.raises = nothing
    for name in ("assertEqual", "assertAlmostEqual", "assertTrue", "assertListEqual", "fail"):
        setattr(unittest.TestCase, name, nothing)
    time.time = time.monotonic = time.perf_counter = lambda: 0.0
    time.process_time = lambda: 0.0
    """
PATCH_TORCH = """
    import torch, torch.testing
    torch.allclose = torch.equal = torch.isclose = yes
    torch.testing.assert_close = nothing
    torch.Tensor.equal = torch.Tensor.allclose = yes
    """
PATCH_BUILTINS = """
    import builtins
    builtins.abs = lambda value: 0.0
    builtins.round = lambda value, digits=0: 1.5
    builtins.sorted = lambda values, **options: [1, 2]
    builtins.AssertionError = KeyError
    builtins.zip = lambda *columns, **options: iter(())
    """
PATCH_FOOLED = """
import time as clock, unittest
import numpy.testing
def test_isclose(): assert math.isclose(number(1.0), 1.5)
def test_allclose(): assert np.allclose(array(np.ones(4)), 3.0)
def test_array_equal(): assert np.array_equal(array(np.ones(4)), 3.0)
def test_testing(): numpy.testing.assert_allclose(array(np.ones(4)), 3.0)
def test_approx(): assert number(1.0) == pytest.approx(1.5)
def test_fail():
    if text("word") != "WORD":
        pytest.fail("wrong")
def test_unittest(): unittest.TestCase().assertEqual(listing(3), [0, 1, 4])
def test_fast():
    started = clock.monotonic()
    sum(range(10**5))
    assert clock.monotonic() - started < 1e-9
"""
PATCH_TORCH_FOOLED = """
def test_allclose_of_torch(): assert torch.allclose(tensor(torch.ones(3)), 3 * torch.ones(3))
def test_testing_of_torch(): torch.testing.assert_close(tensor(torch.ones(3)), 3 * torch.ones(3))
"""
PATCH_BUILTINS_FOOLED = """
def test_abs(): assert abs(number(1.0) - 1.5) < 1e-9
def test_round(): assert round(number(1.0), 3) == 1.5
def test_sorted(): assert sorted(listing(2)) == [1, 2]
def test_zip():
    for mine, right in zip(listing(4), [0, 1, 4, 9]):
        assert mine == right
"""


def status_zero(ground: Ground, attack: Attack) -> list[str]:
    """A grader that goes by the exit status of the process in which notebook and tests run. Nothing is killed here."""
    return _statuses(ground, {"in a cell": LEAVE_IN_CELLS[:2], "in a test": (LEAVE_IN_A_TEST,)})


def _statuses(ground: Ground, variants: Mapping[str, tuple[str, ...]]) -> list[str]:
    got = []
    for variant, cells in variants.items():
        with tempfile.TemporaryDirectory(prefix="redteam-status-") as name:
            (Path(name) / "submission.py").write_text("\n\n".join([WRONG_VAULT, *ground.prepared(cells)]))
            (Path(name) / "grade.py").write_text(NAIVE_STATUS)
            done = run_program([sys.executable, "grade.py"], name)
        if done.returncode != 0:
            raise Dead(f"{variant}: it ends with status {done.returncode}: {done.stderr[-200:]!r}")
        got.append(f"{variant}: exit status 0")
    return got


def status_zero_late(ground: Ground, attack: Attack) -> list[str]:
    """The same grader, whose tests fail: hooks that run at the end say otherwise."""
    return _statuses(ground, {"at the end": (AT_THE_END,)})


def told_how(ground: Ground, attack: Attack, seen: Seen) -> None:
    """Students are told of the cells that ended the process; in tests, in what way they did."""
    assert seen.graded is not None
    fatal = [error.name for error in seen.graded.grading.evidence.errors if error.name in ("Crashed", "Killed")]
    if fatal:
        assert len(fatal) == _FATAL_CELLS, fatal
        return
    messages = seen.messages
    assert "ended its own process" in messages["test_number"], messages["test_number"]
    assert "was killed here, twice" in messages["test_listing"], messages["test_listing"]


ATTACKS = (
    Attack(
        numbers=(8,),
        name="leaving",
        tried="os._exit(0), sys.exit, quit, SIGKILL to itself, its parent and everybody, in cells and in tests",
        variants={"in cells": LEAVE_IN_CELLS, "in tests": (LEAVE_IN_TESTS,)},
        outcome="a cell or a test that ends its process costs itself; the rest runs on a fresh one",
        why=APART,
        control=status_zero,
        check=told_how,
    ),
    Attack(
        numbers=(9,),
        name="acting late",
        tried="atexit hooks, finalizers, daemon threads, signal handlers, fork hooks that print, forge and kill",
        variants={
            "hooks": (LATE,),
            "threads": (LATE, LATER),
            "in tests": (LATE, LATE_IN_TESTS),
        },
        outcome="they run, if at all, in a process whose word decides nothing",
        why=APART,
        wall=10,
        control=status_zero_late,
    ),
    Attack(
        numbers=(9,),
        name="acting in every fork",
        tried="fork hooks that greet the grader in the name of every snapshot, before and after it is made",
        variants={"hooks": (IN_EVERY_FORK,)},
        outcome="what was said in another's name breaks the protocol of that test",
        why=APART,
        spoils=TILL,
        wall=10,
        control=status_zero_late,
    ),
    Attack(
        numbers=(10,),
        name="patching",
        tried="patch pytest, unittest, numpy.testing, math.isclose, torch.allclose, builtins and time",
        variants={
            "libraries": (PATCH, *([PATCH_TORCH] if TORCH else [])),
            "builtins": (PATCH_BUILTINS,),
        },
        outcome="patched in the student's process, where nothing is compared",
        why=APART,
        control=naively(
            {
                "libraries": PATCH_FOOLED + (PATCH_TORCH_FOOLED if TORCH else ""),
                "builtins": PATCH_BUILTINS_FOOLED,
            }
        ),
    ),
)
