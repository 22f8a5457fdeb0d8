"""An end for a reference or a file of tests that never gets done: a batch would wait for it, and say nothing.

They get ten times the CPU time that a student's notebooks may take, at least a minute, and the wall clock that goes
with it. What needs more is stuck, or nothing that students could be asked to run.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType

from autograder.sandbox.limits import wall

_TIMES = 10
_LEAST = 60.0  # CPU seconds: libraries are imported meanwhile


def allowed(notebook_seconds: float, notebooks: int) -> float:
    """CPU seconds that reference and tests may take to get ready, where a notebook may take `notebook_seconds`."""
    return max(_LEAST, _TIMES * notebook_seconds * notebooks)


@contextmanager
def noticed(
    seconds: float, files: Collection[str], folder: str, tell: Callable[[str], None]
) -> Iterator[Callable[[], None]]:
    """Call `tell` with a sentence, in the main thread, when this process has used `seconds` of CPU time.

    The sentence says where in the author's `files`, or below `folder`, that happened. Gives a function that ends the
    watch before the block does.
    """

    def notice(number: int, frame: FrameType | None) -> None:
        used = f"{seconds:g} s of CPU time" if number == signal.SIGPROF else f"{wall(seconds):g} s"
        where = _place(frame, files, folder)
        tell(f"the reference solution and the tests are not ready after {used}: does anything there never end?{where}")

    def end() -> None:
        for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
            signal.setitimer(timer, 0)
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, notice) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, wall(seconds))
    try:
        yield end
    finally:
        end()


def _place(frame: FrameType | None, files: Collection[str], folder: str) -> str:
    while frame is not None:
        file = frame.f_code.co_filename
        if file in files or file.startswith(f"{folder}/"):
            return f" It was at {file.removeprefix(f'{folder}/')}:{frame.f_lineno}."
        frame = frame.f_back
    return ""
