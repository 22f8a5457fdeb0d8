"""Assertions about what a call costs in the student's processes: CPU time and memory, not the clock on the wall.

A wall clock around the call would measure the machine's other work as well. What is asked here is the CPU time of all
of the student's processes and the peak of their memory, as the operating system counts them, before and after.

    counted in steps of 10 ms: let the function call often enough to use ten times that
    not quite the same under load: with six busy processes on two cores the CPU time of numpy and of a Python loop rose
    by up to 27 % (25 runs). Machines differ more: leave room, three times what the reference took at least
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from autograder.checks.wording import fail

Result = TypeVar("Result")


class Used(Protocol):
    """What a student's processes have used so far."""

    @property
    def cpu_seconds(self) -> float: ...

    @property
    def peak_bytes(self) -> int: ...


def assert_usage(
    usage: Callable[[], Used],
    function: Callable[[], Result],
    *,
    cpu_seconds: float | None = None,
    memory: int | None = None,
) -> Result:
    """Pass if `function()` costs the student's processes at most so many CPU seconds and bytes; return its result.

    `usage` is `student.usage`. Memory is by how much the call raises the peak: what was used and freed before in the
    same test comes for nothing, so measure one call in a test.
    """
    __tracebackhide__ = True
    if cpu_seconds is None and memory is None:
        raise ValueError("assert_usage needs cpu_seconds, memory, or both")
    before = usage()
    result = function()
    after = usage()
    seconds, grown = after.cpu_seconds - before.cpu_seconds, after.peak_bytes - before.peak_bytes
    if cpu_seconds is not None and seconds > cpu_seconds:
        fail(
            f"it took {seconds:.2f} s of CPU time, at most {cpu_seconds:g} s were asked: "
            "is something computed again for every call, or in a loop that one array operation could do?"
        )
    if memory is not None and grown > memory:
        fail(
            f"it took {grown / 2**20:,.0f} MiB of memory, at most {memory / 2**20:,.0f} MiB were asked: "
            "is an array made that holds every pair of something?"
        )
    return result
