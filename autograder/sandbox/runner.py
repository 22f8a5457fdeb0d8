"""The process that runs a student's cells and forks a snapshot of itself for each test.

It does what the controller says on the runner's pair, in order (the messages stand in `channel`). A snapshot closes all
pairs but its own, and the runner closes that one, so that the death of snapshot k is an end of file on pair k. A
snapshot that prepares something for several tests takes their pairs with it and forks for them in turn.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import process
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox import fence, libc, worker
from autograder.sandbox.channel import Channel, ChannelClosed
from autograder.sandbox.codec import CodecError
from autograder.sandbox.limits import Limits
from autograder.sandbox.share import START_SECONDS, Share
from autograder.sandbox.shell import StudentShell
from autograder.sandbox.snapshot import Snapshot, reseed

Pair = tuple[int, int]
_DYING_SECONDS = 0.3
_LEAVING_SECONDS = 10.0  # what a process holds on a card is free some time after it was told to end


@dataclass(slots=True)
class _Child:
    pid: int
    descriptor: int


class Runner:
    """One student's process. `pairs` are the read and write ends of every test and prepared set-up."""

    def __init__(
        self,
        channel: Channel,
        pairs: dict[int, Pair],
        shell: StudentShell,
        limits: Limits,
        hidden: tuple[str, ...],
        share: Share | None = None,
    ) -> None:
        self.channel = channel
        self.hidden = hidden
        self.pairs = pairs
        self.shell = shell
        self.limits = limits
        self.share = share
        self.children: dict[int, _Child] = {}
        self.forking = False
        self.served: list[Channel] = []  # in place, see `worker`

    def serve(self) -> None:
        """Obey the controller until it closes the pipe."""
        libc.name_process("ag-runner")
        hide_ourselves(self.hidden)
        sys.path.insert(0, "")  # as in Jupyter, a notebook imports what lies beside it
        process.ORIGINAL_DIR = str(Path.cwd())  # type: ignore[attr-defined]  # and so do the processes that it spawns
        fence.limit_cpu(self.limits.notebook_seconds)
        os.register_at_fork(after_in_child=self.let_go)
        self.wait()
        fence.hide()  # not before: the controller has looked at us first
        if self.share is not None:
            self.share.open()
        while True:
            self.wait()
            try:
                operation, *arguments = self.channel.receive()
                _OPERATIONS[operation](self, *arguments)
            except ChannelClosed:
                return

    def wait(self) -> None:
        """Wait for the controller, telling it meanwhile which snapshots ended and how."""
        while not self.channel.pending():
            poller = select.poll()
            poller.register(self.channel.reader, select.POLLIN)
            by_descriptor = {child.descriptor: k for k, child in self.children.items()}
            for descriptor in by_descriptor:
                poller.register(descriptor, select.POLLIN)
            ready = {descriptor for descriptor, _ in poller.poll()}
            for descriptor in ready & by_descriptor.keys():
                self.reap(by_descriptor[descriptor])
            if self.channel.reader in ready:
                return

    def reap(self, k: int) -> None:
        child = self.children.pop(k)
        os.close(child.descriptor)
        with contextlib.suppress(ChildProcessError):  # a student's code may have waited for it
            _, status, usage = os.wait4(child.pid, 0)
            self.channel.send(("exit", k, status, usage.ru_utime + usage.ru_stime))

    def run(self, index: int, source: str) -> None:
        started = time.perf_counter()
        done = self.shell.run(index, source)
        seconds = time.perf_counter() - started
        try:
            self.channel.send(("done", index, done.outputs, done.error, seconds))
        except CodecError as error:  # an exception's class or its line can be anything
            told = {"name": "Error", "message": f"the cell's outputs cannot be sent: {error}"}
            self.channel.send(("done", index, [], told if done.error else None, seconds))

    def run_all(self, cells: tuple[tuple[int, str], ...]) -> None:
        for index, source in cells:
            self.run(index, source)

    def fork(self, k: int, seed: int, seconds: float, keep: list[int]) -> None:
        """Fork snapshot k, which takes the pairs of `keep` with it. On a card the last one leaves first."""
        if self.share is not None:
            for child in self.children.values():
                libc.ends_within(child.descriptor, _LEAVING_SECONDS)
        pid = self.split()
        if pid == 0:
            self.become(k, seed, seconds, keep)
        for own in (k, *keep):
            _close(self.pairs.pop(own))
        self.children[k] = _Child(pid, os.pidfd_open(pid))

    def become(self, k: int, seed: int, seconds: float, keep: list[int]) -> NoReturn:
        """Be snapshot k and nothing else."""
        self.channel.close()
        kept = {own: self.pairs[own] for own in keep}
        self.channel = Channel(*self.pairs[k])
        for number, pair in self.pairs.items():
            if number != k and number not in kept:
                _close(pair)
        self.pairs = kept
        _settle(self, seed, seconds, last=not kept)
        printed = self.shell.printed
        folder = os.getcwd()  # noqa: PTH109 - in every snapshot: `pathlib` would copy a hundred pages more
        _serve(Snapshot(self.channel, self.shell.user_ns, folder, printed, Forker(self), self.share))

    def split(self) -> int:
        """Fork a process that keeps our pipes."""
        if libc.has_one_thread():
            return libc.fork()
        libc.pause_openmp()
        self.forking = True
        try:
            return os.fork()
        finally:
            self.forking = False

    def let_go(self) -> None:
        """In a process that the notebook's own code forked: close our pipes. A pool left behind must not keep them
        open, or the end of the process that serves them would go unseen."""
        if not self.forking:
            self.channel.close()
            for channel in self.served:
                channel.close()
            for pair in self.pairs.values():
                _close(pair)
            self.pairs.clear()

    def kill(self, k: int) -> None:
        child = self.children.get(k)
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, 9)


class Forker:
    """Forks the tests that share a prepared set-up, from inside that set-up."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.pairs = runner.pairs
        self.snapshot: Snapshot | None = None
        self.children: dict[int, int] = {}

    def __call__(self, k: int, seed: int, seconds: float) -> None:
        assert self.snapshot is not None
        pid = self.runner.split()
        if pid == 0:
            self.snapshot.channel.close()
            self.runner.channel = Channel(*self.pairs.pop(k))
            for pair in self.pairs.values():
                _close(pair)
            self.pairs.clear()
            _settle(self.runner, seed, seconds, last=True)
            self.snapshot.adopt(self.runner.channel)
            _serve(self.snapshot)
        self.children[k] = pid
        _close(self.pairs.pop(k))

    def end(self, k: int) -> tuple[int, float]:
        """How the test's process ended, which is dying or must now: its wait status and CPU seconds."""
        pid = self.children.pop(k)
        deadline = time.monotonic() + _DYING_SECONDS
        while True:
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                return status, usage.ru_utime + usage.ru_stime
            if time.monotonic() > deadline:
                os.kill(pid, 9)
            time.sleep(0.001)


_OPERATIONS: dict[str, Callable[..., None]] = {
    "run": Runner.run,
    "run_all": Runner.run_all,
    "fork": Runner.fork,
    "kill": Runner.kill,
    "start": worker.start,
    "serve": worker.serve,
}


def _settle(runner: Runner, seed: int, seconds: float, *, last: bool) -> None:
    libc.name_process("ag-snapshot")
    fence.limit_memory(runner.limits)
    fence.limit_cpu(seconds + (START_SECONDS if runner.share is not None else 0.0), last=last)
    multiprocessing = sys.modules.get("multiprocessing.util")  # its queues and sharers had threads, which a fork loses
    if multiprocessing is not None:
        multiprocessing._run_after_forkers()
    reseed(seed)
    if runner.share is not None:
        runner.share.open(seed)


def _serve(snapshot: Snapshot) -> NoReturn:
    if isinstance(snapshot.fork, Forker):
        snapshot.fork.snapshot = snapshot
    try:
        snapshot.serve()
    except BaseException:  # the process ends here whatever happened: the grader sees an end of file
        os._exit(70)
    os._exit(0)


def _close(pair: Pair) -> None:
    for descriptor in pair:
        os.close(descriptor)


def own_modules() -> tuple[str, ...]:
    """The names under which this package is loaded. Asked once, before any fork: looking at every name touches, and so
    copies, a thousand pages of memory."""
    return tuple(name for name in sys.modules if name == "autograder" or name.startswith("autograder."))


def hide_ourselves(names: tuple[str, ...]) -> None:
    """Take this package out of the student's sight; what is left is a `check` that does nothing.

    No secret depends on it: the zygote holds none. It keeps honest notebooks from meeting our internals.
    """
    for name in names:
        sys.modules.pop(name, None)
    stub = types.ModuleType("autograder", "The public checks run when the notebook is graded.")

    def check(*arguments: Any, **options: Any) -> None:
        """Do nothing: the grader runs the public tests itself."""

    stub.check = check  # type: ignore[attr-defined]
    sys.modules["autograder"] = stub
