"""Where submissions are graded: one small Protocol, and local threads behind it.

The work itself happens in processes (a fence, a grader, an intake); a thread here only waits for one submission's
pipes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Engine(Protocol):
    """Runs work on many items and yields results as they come."""

    def run(
        self, work: Callable[[T], R], items: Iterable[T], stop: Callable[[], None] = ...
    ) -> Generator[R, None, None]:
        """Results in the order of completion. An exception of `work` ends the run.

        Where the run ends early, `stop` is called: it makes the work that is under way end soon. No work goes on when
        the run has ended.
        """
        ...


def _let_run() -> None:
    """Nothing that could hurry the work."""


class LocalEngine:
    """Up to `jobs` items at once, on this machine, and as many waiting, so that no thread waits for whoever takes the
    results. Items are taken one by one: a class of any size stays flat in memory."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(
        self, work: Callable[[T], R], items: Iterable[T], stop: Callable[[], None] = _let_run
    ) -> Generator[R, None, None]:
        """See Engine."""
        source = iter(items)
        pending: set[Future[R]] = set()
        pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="grade")
        complete = False
        try:
            for item in source:
                pending.add(pool.submit(work, item))
                if len(pending) < 2 * self.jobs:
                    continue
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
            complete = True
        finally:
            if not complete:
                stop()
            pool.shutdown(wait=True, cancel_futures=True)
