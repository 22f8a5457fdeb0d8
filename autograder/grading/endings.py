"""How a student's process ended, and the words in which the student is told.

    kind           what ended the process, or the call
    Timeout        SIGXCPU at the limit of CPU time, or the kernel's SIGKILL a second later; or the far wall clock
    MemoryLimit    a MemoryError, or the kernel because the student's control group was full
    ResultLimit    a result that no message can hold
    ProtocolFault  bytes that are no message
    Killed         a SIGKILL of nobody's: the student's own, or the machine's that ran out of memory. It is tried once
                   more before it counts
    NotBegun       the process in which the notebook ran was gone when the test was to begin, or could not fork
    CardMemory     torch's own error on a card that is full, or the end of a process that took more of it than it may.
                   It is tried once more, alone on the card, before it counts
    CardFault      an error of CUDA's. It is tried once more, and then CUDA has to start in another process
    Crashed        any other signal, or the process ended itself

A snapshot's wait status and CPU time are told by the process that forked it, and are its claim: they choose between
sentences for what has failed, and whether a test runs again. They never pass one.
"""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.codec import MAX_DEPTH, MAX_FRAME, MAX_ITEMS
from autograder.sandbox.limits import Limits

_TICKS = os.sysconf("SC_CLK_TCK")
_CHOSEN = re.compile(r" with status \d+| \(signal \d+, (?!SIG(?:SEGV|ABRT|BUS|FPE|ILL)\))[\w-]+\)")
"""What code that means to end can choose freely: a byte of a hidden input, told as a status, would be given away.
Staff are told it; students get the signals of real crashes."""


def describe_status(status: int, seconds: float, *, cpu: float | None = None, starved: bool = False) -> str:
    """A wait status in a student's words, as "Kind: sentence". `seconds` is the limit of CPU time, `starved` whether
    the control group was full."""
    if not 0 <= status < 1 << 16:  # it is a claim
        return "Crashed: the process ended in a way that it described wrongly"
    if not os.WIFSIGNALED(status):
        return f"Crashed: the process ended itself with status {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    killed = number == signal.SIGKILL
    if number == signal.SIGXCPU or (killed and cpu is not None and cpu >= seconds):
        return f"Timeout: more than {seconds:g} s of CPU time were used, which is the limit"
    if killed and starved:
        return "MemoryLimit: all processes together used more memory than is allowed"
    if killed:
        return "Killed: the process was killed (signal 9, SIGKILL), by itself or for want of memory"
    name = signal.Signals(number).name if number in set(signal.Signals) else "real-time"
    return f"Crashed: the process crashed (signal {number}, {name})"


def reaped_cpu(init: int) -> float:
    """CPU seconds of all processes that pid 1 `init` has waited for, as the kernel counts them."""
    try:
        fields = Path(f"/proc/{init}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / _TICKS


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a test failed beside what it asserts: a kind, or the class of an exception, and a sentence on the process.

    `seconds` is the process's limit of CPU time; `wall` the wall clock that it ran out of, if it did; `here` is where
    it happened.
    """

    kind: str | None
    sentence: str
    seconds: float
    wall: float | None
    here: str

    def told(self, limits: Limits) -> str | None:
        """What the student is told; None where it was an exception, or a wrong value, like any other."""
        here = self.here
        if self.kind == "Timeout" and self.wall is not None:
            return f"Your code gave no answer within {self.wall:g} s {here}: it seems to wait for something."
        if self.kind == "Timeout":
            return f"Your code used too much time {here} (the limit is {self.seconds:g} s of CPU time)."
        if self.kind == "MemoryLimit":
            return f"Your code used too much memory {here} (the limit is {limits.memory / 2**30:.3g} GiB)."
        if self.kind == "CardMemory":
            return f"Your code used too much of the card's memory {here} (the limit is {limits.card / 2**30:.3g} GiB)."
        if self.kind == "CardFault":
            return f"Your code made CUDA fail {here}; often that is an index outside of an array."
        if self.kind == "ResultLimit":
            caps = f"{MAX_FRAME // 2**20} MiB, {MAX_ITEMS:,} values, {MAX_DEPTH} levels"
            return f"What your code gave back {here} cannot be read (the limits are {caps})."
        if self.kind == "ProtocolFault":
            return f"Your code broke the connection to the grader {here}."
        if self.kind == "Killed":
            return f"Your code's process was killed {here}, twice (signal 9): it killed itself, or took all memory."
        if self.kind == "NotBegun":
            return "This test could not begin: your notebook's process was gone, or had started too many others."
        if self.kind == "Crashed":
            return f"Your code ended its own process {here}: {_CHOSEN.sub('', self.sentence)}."
        return None
