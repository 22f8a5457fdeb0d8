"""Tests served by the very process that ran the notebook, one after the other, where it cannot be forked.

A process that has started CUDA cannot be forked. Then the grader's requests are answered in place:

    runner ── serve k ──▶ test k: its pair is served until the grader closes it, and the runner goes on
                       └▶ set-up k: its pair is served; "fork j" serves the pair of test j meanwhile, in the same place

The protocol is that of snapshots, so a test cannot tell the difference. What one test changes inside objects the next
one meets; names that a test sets are put back. So a process serves the tests of one question, or of one set-up, and no
others (`grading.turns`), and is used once.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.sandbox import fence
from autograder.sandbox.channel import Channel
from autograder.sandbox.limits import Limits
from autograder.sandbox.snapshot import Snapshot, reseed

if TYPE_CHECKING:
    from autograder.sandbox.runner import Runner


def start(runner: Runner) -> None:
    """Start CUDA ahead of the notebook. Its CPU time is not the student's."""
    told = None
    try:
        if runner.share is not None:
            runner.share.start()
    except Exception as error:  # nothing of a student's is here yet: whatever it is, it is the machine's
        told = f"{type(error).__name__}: {error}"
    fence.limit_cpu(time.process_time() + runner.limits.notebook_seconds)
    runner.channel.send(("started", told))


def serve(runner: Runner, k: int, seed: int, seconds: float, keep: list[int]) -> None:
    """Be test `k`, or the set-up `k` whose tests have the pairs of `keep`, until the grader closes its pair."""
    others = {own: Channel(*runner.pairs.pop(own)) for own in keep}
    channel = Channel(*runner.pairs.pop(k))
    runner.served = [channel, *others.values()]
    fork = InPlace(others, runner.limits) if keep else None
    snapshot = Snapshot(channel, runner.shell.user_ns, str(Path.cwd()), runner.shell.printed, fork, runner.share)
    if fork is not None:
        fork.snapshot = snapshot
    before = time.process_time()
    with _own_names(snapshot):
        _settle(snapshot, seed, seconds, runner.limits)
        snapshot.serve()
    _finish(snapshot)
    for served in runner.served:
        served.close()
    runner.served = []
    runner.channel.send(("exit", k, 0, time.process_time() - before))


class InPlace:
    """What a set-up has in place of forks: its tests, served by the process that it ran in."""

    def __init__(self, channels: dict[int, Channel], limits: Limits) -> None:
        self.channels = channels
        self.limits = limits
        self.snapshot: Snapshot | None = None

    def __call__(self, k: int, seed: int, seconds: float) -> None:
        snapshot = self.snapshot
        assert snapshot is not None
        outer, channel = snapshot.channel, self.channels.pop(k)
        with _own_names(snapshot):
            snapshot.adopt(channel)
            _settle(snapshot, seed, seconds, self.limits)
            snapshot.serve()
        _finish(snapshot)
        channel.close()
        snapshot.adopt(outer)
        snapshot.fork = self

    def end(self, k: int) -> tuple[int, float]:
        """Test `k` has ended, and its process lives: this one."""
        return 0, 0.0


def _settle(snapshot: Snapshot, seed: int, seconds: float, limits: Limits) -> None:
    fence.limit_memory(limits)
    fence.limit_cpu(time.process_time() + seconds)
    reseed(seed)
    if snapshot.share is not None:
        snapshot.share.forget()
        snapshot.share.open(seed)


def _finish(snapshot: Snapshot) -> None:
    """End this process after a fault on the card: CUDA serves it no more, and the next tests are somebody else's."""
    try:
        if snapshot.share is not None:
            snapshot.share.finish()
    except Exception:  # whatever it is: the test that did it was told
        os._exit(70)


@contextlib.contextmanager
def _own_names(snapshot: Snapshot) -> Iterator[None]:
    """Put back what a test sets or deletes among the notebook's names."""
    before = dict(snapshot.names)
    yield
    for name in snapshot.names.keys() - before.keys():
        del snapshot.names[name]
    snapshot.names.update(before)
