"""What the attacks on limits leave open: of two rules that hold one thing each does it alone; what students read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.sandbox.channel import ChannelTimeout
from autograder.sandbox.proc import descendants, started_at
from autograder.sandbox.rules import FULL, Rule

from . import attacks_limits as limits
from .boxes import box, fence_without
from .ground import LIMITS, Ground

MIB = limits.MIB


@pytest.mark.parametrize("bomb", ["processes(300, stay=False)", "threads(300)"])
@pytest.mark.parametrize("rule", [Rule.COUNT, Rule.CGROUP])
def test_number_of_processes_is_held_twice(rule: Rule, bomb: str) -> None:
    """The user's limit and the control group each bound the number of processes and threads alone."""
    own = replace(LIMITS, processes=64)
    with fence_without(rule, limits=own) as fence, box(fence, own) as student:
        if rule is Rule.COUNT and fence.soft_because:
            pytest.skip("this machine has no control groups")
        student.run(limits.SOURCE)
        assert 16 < int(student.run(f"print({bomb})")) < 128


def test_processes_of_a_bomb_seen_from_outside() -> None:
    """However many forks are tried, the host sees as many processes as are allowed, and none when the student is
    gone."""
    own = replace(LIMITS, processes=64)
    with fence_without(limits=own) as fence, box(fence, own) as student:
        student.run(limits.SOURCE)
        student.run("processes(300, stay=True)")
        members = descendants(student.tree.pid)
    assert 32 < len(members) <= own.processes + 2
    assert not [pid for pid, started in members.items() if started_at(pid) == started]


@pytest.fixture
def counted(ground: Ground) -> Ground:
    """The ground, where control groups count memory."""
    if ground.workshop.tier != FULL:
        pytest.skip("this machine has no control groups")
    return ground


FILES = "held = []\nwhile True:\n    held.append(os.memfd_create('x'))\n    os.write(held[-1], b'x' * 2**24)"


def test_full_group_in_a_test_is_told_as_memory(counted: Ground) -> None:
    """A test that the kernel ends because the group is full costs itself, and the student reads that it was memory."""
    seen = counted.robbed(limits.in_total(FILES))
    assert seen.verdicts is not None
    assert "used too much memory here" in seen.messages["test_total"]
    assert seen.verdicts["test_words"] == "passed"


def test_full_group_in_a_cell_is_told_as_memory(counted: Ground) -> None:
    """A cell that the kernel ends because the group is full is named with that reason, and the rest counts."""
    seen = counted.robbed((f"import os\n{FILES}", "print('later')"))
    assert seen.graded is not None
    assert seen.verdicts is not None
    assert [error.name for error in seen.graded.grading.evidence.errors] == ["MemoryLimit"]
    assert "later" in seen.printed
    assert seen.verdicts["test_words"] == "passed"


def test_sentences_differ(ground: Ground) -> None:
    """The student can tell CPU time, wall clock, memory, results and crashes apart, each with its limit."""
    bodies = {
        "cpu": "while True: pass",
        "wall": "time.sleep(600)",
        "memory": "b'x' * 2**34",
        "result": "return bytes(2**28)",
        "crash": "os.abort()",
        "exit": "os._exit(0)",
        "killed": "os.kill(os.getpid(), 9)",
    }
    told = {}
    for name, body in bodies.items():
        seen = ground.robbed(limits.in_total(body), limits=limits.SHORT, wall=30.0 if name != "wall" else 1.0)
        told[name] = seen.messages["test_total"]
    assert len(set(told.values())) == len(told), told
    for name, words in {"cpu": "1 s of CPU", "wall": "within 1 s", "memory": "0.5 GiB", "result": "128 MiB"}.items():
        assert words in told[name]
        assert not any(words in other for kind, other in told.items() if kind != name)


def test_cell_that_stops_itself() -> None:
    """A notebook's process that stops itself is left at the deadline, and ends with its student like any other."""
    with fence_without() as fence, box(fence) as student:
        with pytest.raises(ChannelTimeout):
            student.run("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", seconds=1.0)
        members = descendants(student.tree.pid)
    assert not [pid for pid, started in members.items() if started_at(pid) == started]
