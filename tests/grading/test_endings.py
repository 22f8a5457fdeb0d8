"""How a process ended, in words and in numbers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from autograder.grading.endings import Ending, describe_status, reaped_cpu
from autograder.sandbox.limits import Limits


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (0, "Crashed: the process ended itself with status 0"),
        (3 << 8, "Crashed: the process ended itself with status 3"),
        (signal.SIGSEGV | 0x80, "Crashed: the process crashed (signal 11, SIGSEGV)"),
        (signal.SIGXCPU, "Timeout: more than 2.5 s of CPU time were used, which is the limit"),
        (signal.SIGKILL, "Killed: the process was killed (signal 9, SIGKILL)"),
        (signal.SIGRTMIN + 3, "Crashed: the process crashed"),
    ],
)
def test_describe_status(status: int, told: str) -> None:
    """A wait status is told in words that name the kind first."""
    assert describe_status(int(status), 2.5).startswith(told)


def test_describe_status_of_a_kill() -> None:
    """A kill is the kernel's at the end of the CPU time, or of the memory, where these are known to have ended."""
    assert describe_status(9, 2.5, cpu=2.6, starved=True).startswith("Timeout")
    assert describe_status(9, 2.5, cpu=2.4, starved=True).startswith("MemoryLimit")
    assert describe_status(9, 2.5, cpu=2.4).startswith("Killed")
    assert describe_status(11, 2.5, cpu=2.6, starved=True).startswith("Crashed")


def test_reaped_cpu() -> None:
    """The CPU time of processes that were waited for is known from outside; that of nobody is 0."""
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    before = reaped_cpu(os.getpid())
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert reaped_cpu(os.getpid()) - before >= 0.25  # the kernel counts in hundredths
    assert reaped_cpu(2**22 + 1) == 0.0


@pytest.mark.parametrize("status", [41 << 8, 255 << 8, signal.SIGRTMIN + 3, signal.SIGUSR1, signal.SIGTERM])
def test_student_is_not_told_what_code_can_choose(status: int) -> None:
    """A status or a signal of one's own choice could carry a hidden input out; staff alone see the number."""
    kind, _, sentence = describe_status(int(status), 2.5).partition(": ")
    told = Ending(kind, sentence, 2.5, None, "here").told(Limits())
    assert told is not None
    assert not any(sign.isdigit() for sign in told)
    assert "SIG" not in told


def test_student_is_told_of_a_real_crash() -> None:
    """The signals of crashes that nobody means are named."""
    kind, _, sentence = describe_status(signal.SIGSEGV, 2.5).partition(": ")
    assert "(signal 11, SIGSEGV)" in str(Ending(kind, sentence, 2.5, None, "here").told(Limits()))
