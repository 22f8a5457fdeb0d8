"""The controller's side of the fence: start the zygote, have students forked, and be sure that they are gone.

A `Student` is what the controller holds of one fenced process tree: the runner's channel, the grader's ends of the
pairs, the status pipe of pid 1 and a pidfd of pid 1, whose end is the end of the whole tree. It is ready when its fence
has been looked at from outside.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.errors import FenceError, InfrastructureError
from autograder.sandbox import image, libc
from autograder.sandbox.attest import Expected, attest, only_child
from autograder.sandbox.cards import Card
from autograder.sandbox.cgroup import Bounds, NoControlGroups, Pens
from autograder.sandbox.channel import Channel, PlainChannel
from autograder.sandbox.descriptors import receive_message, send_message
from autograder.sandbox.ground import dismantle, make_place
from autograder.sandbox.heap import mebibytes_for
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import tasks_of
from autograder.sandbox.process import PACKAGE_PATH, Process
from autograder.sandbox.rules import ALL, FULL, FULL_SOFT, REDUCED, UNFENCED, WITHOUT_NAMESPACES, Rule
from autograder.sandbox.share import ENVIRONMENT
from autograder.sandbox.slots import Uids

_READY_SECONDS = 60.0
_TIDY_SECONDS = 10.0
_SILENT_SECONDS = 2.0


class Student:
    """One fenced process tree. `pairs[k]` are the grader's (reader, writer) of pair k."""

    def __init__(self, runner: Channel, pairs: list[tuple[int, int]], status: int, expected: Expected | None) -> None:
        """`expected` is None where there is no fence."""
        self.runner = runner
        self.pairs = pairs
        self._status = status
        self._expected = expected
        self._pen = expected.pen if expected else None
        self._counted = self._pen.counts() if self._pen else (0, 0)
        self._buffer = b""
        self._init: int | None = None
        self.runner_status: int | None = None

    def wait_ready(self) -> None:
        """Return once the fence stands. Raises FenceError when it could not be built, or does not hold."""
        deadline = time.monotonic() + _READY_SECONDS
        ready = False  # pid 1 and its parent write independently: either line may come first
        while not ready or self._init is None:
            for line in self._lines(deadline):
                message = json.loads(line)
                if "fault" in message:
                    raise FenceError(message["fault"])
                if "init" in message:
                    with contextlib.suppress(ProcessLookupError):  # it failed at once: the next line says why
                        self._init = os.pidfd_open(message["init"])
                ready = ready or "ready" in message
        if self._expected is not None:
            attest(self.pid, self._expected)

    def starved(self) -> bool:
        """Whether the kernel has ended a process of this student because its own group's memory was full."""
        pen = self._pen
        return pen is not None and all(now > then for now, then in zip(pen.counts(), self._counted, strict=True))

    def peak(self) -> int | None:
        """The most memory in bytes that this student held at once, scratch files included; None where unknown."""
        return self._pen.peak() if self._pen else None

    @property
    def pid(self) -> int:
        """The number of pid 1 out here, once the fence stands."""
        text = Path(f"/proc/self/fdinfo/{self._init}").read_text()
        return int(text.partition("\nPid:")[2].split()[0])

    def runner_gone(self, timeout: float = 0.0) -> bool:
        """Whether pid 1 has seen the runner end."""
        if self.runner_status is None and self._status >= 0:
            with contextlib.suppress(InfrastructureError):
                for line in self._lines(time.monotonic() + timeout):
                    self.runner_status = json.loads(line).get("runner", self.runner_status)
        return self.runner_status is not None

    def taken_away(self) -> bool:
        """Whether pid 1 was ended, and the runner with it: nobody inside can do that. Ask when the runner is silent."""
        if self.runner_gone(_SILENT_SECONDS) or self._init is None:
            return False
        return libc.ends_within(self._init, _SILENT_SECONDS) and not self.runner_gone()

    def _lines(self, deadline: float) -> list[bytes]:
        poller = select.poll()
        poller.register(self._status, select.POLLIN)
        while b"\n" not in self._buffer:
            left = max(0.0, deadline - time.monotonic())
            if not poller.poll(left * 1000):
                raise InfrastructureError("the fence did not answer in time")
            data = os.read(self._status, 4096)
            if not data:
                raise InfrastructureError("the fence went away while it was being built")
            self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\n")
        return lines

    def close_pairs(self) -> None:
        """Close our copies of the grader's ends, once the grader has its own."""
        for pair in self.pairs:
            for descriptor in pair:
                os.close(descriptor)
        self.pairs = []

    def keep_pairs(self, count: int) -> None:
        """Close our ends of all pairs but the first `count`."""
        self.pairs, others = self.pairs[:count], self.pairs[count:]
        _close_all([end for pair in others for end in pair])

    def end_runner(self) -> None:
        """End the process that runs the cells; pid 1 says so."""
        runner = only_child(self.pid)
        if runner is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(runner, signal.SIGKILL)

    def kill(self) -> int | None:
        """End the whole tree; returns pid 1's pidfd, which becomes readable when everything is gone.

        Without a pid namespace init has to end the others first.
        """
        self.close_pairs()
        self.runner.close()
        if self._status >= 0:
            os.close(self._status)
            self._status = -1
        init, self._init = self._init, None
        if init is not None:
            with contextlib.suppress(ProcessLookupError):
                asked = self._expected is not None and self._expected.reduced
                signal.pidfd_send_signal(init, signal.SIGTERM if asked else signal.SIGKILL)
        return init


class Fence:
    """A running zygote. Not shared between processes; its methods may be called from several threads."""

    def __init__(
        self,
        files: dict[str, Path],
        preload: Sequence[str],
        secrets: Sequence[Path],
        *,
        limits: Limits | None = None,
        trusted: bool = False,
        reduced: bool = False,
        without: frozenset[Rule] = frozenset(),
        card: Card | None = None,
    ) -> None:
        """`limits` bounds what a slot may hold. `trusted` puts no fence around anything: for the operator's own code
        only. `reduced`: without namespaces, see `reduced`. `without`: see `rules`. `card`: what students run on."""
        self._reduced = reduced
        self._card = card
        self._rules = frozenset() if trusted else (WITHOUT_NAMESPACES if reduced else ALL) - without
        self._pens, self.soft_because = _open_pens(Bounds.of(limits or Limits())) if self._bounded else (None, "")
        self.tier = _tier(self._rules, self._pens is not None, reduced)
        self._place = make_place() if reduced else None
        home = str(self._place / "home") if self._place else image.WORK
        own = {"TMPDIR": home} if self._place else {}
        if card is not None:
            own |= ENVIRONMENT | ({"LD_LIBRARY_PATH": ":".join(card.libraries)} if card.libraries else {})
        reserve, zygote = mebibytes_for(preload), "autograder.sandbox.zygote"
        self._process = Process(zygote, folder=Path("/"), home=home, environment=own, mebibytes=reserve)
        plan = image.plan_image(files, tuple(secrets), card)
        self._covers = frozenset(plan.covers)
        self._folder = tempfile.mkdtemp(prefix="autograder-trusted-") if trusted else None
        self._process.send(
            {
                "image": plan.to_json(),
                "preload": list(preload),
                "package_path": PACKAGE_PATH,
                "trusted": self._folder,
                "reduced": str(self._place) if self._place else None,
                "rules": sorted(self._rules),
                "memory_bound": self._pens is not None,
                "card": card is not None,
            }
        )
        self._ready = False
        self._lock = threading.Lock()
        self._branches: dict[int, socket.socket] = {}
        self._files: frozenset[str] = frozenset()
        self._uids: Uids | None = None
        self.rootless = False

    @property
    def _bounded(self) -> bool:
        return Rule.CGROUP in self._rules

    @property
    def alive(self) -> bool:
        return self._process.alive

    @property
    def pid(self) -> int:
        """The zygote's number."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Return once the zygote is warm. Raises FenceError when the image could not be built."""
        with self._lock:  # there is one answer, and several threads may wait for it
            if not self._ready:
                answer = self._process.receive()
                if "fault" in answer:
                    raise FenceError(answer["fault"])
                self.rootless = answer["rootless"]
                self._files = frozenset(answer["files"])
                self._ready = True

    def spawn(self, slot: int, limits: Limits, seed: int, pair_count: int) -> Student:
        """Have a student forked, with `pair_count` pairs of pipes beside the runner's own."""
        self.wait_ready()
        branch = self._branch(slot)
        given: list[int] = []
        kept: list[int] = []
        try:
            status, their_status = os.pipe()
            kept.append(status)
            given.append(their_status)
            for _ in range(pair_count + 1):
                their_reader, writer = os.pipe()
                given.append(their_reader)
                kept.append(writer)
                reader, their_writer = os.pipe()
                given.append(their_writer)
                kept.append(reader)
            uid = self._uid(slot)
            if self._reduced and self.rootless:  # the kernel counts this student together with all else of ours
                limits = replace(limits, processes=limits.processes + tasks_of(uid))
            expected = self._expected(slot, uid, given[1:], limits) if self._rules else None
            try:
                order = {"uid": uid, "limits": limits.to_json(), "seed": seed, "share": self._share(limits)}
                send_message(branch, order, given)
            except OSError as error:
                raise InfrastructureError(f"the zygote process is gone ({error})") from error
        except BaseException:
            _close_all(kept)
            raise
        finally:
            _close_all(given)
        ends = [(kept[i + 1], kept[i]) for i in range(1, len(kept), 2)]
        return Student(PlainChannel(*ends[0]), ends[1:], status, expected)

    def _share(self, limits: Limits) -> dict[str, Any] | None:
        return self._card.share(limits.card).to_json() if self._card is not None and limits.card else None

    def _uid(self, slot: int) -> int:
        if self.rootless:
            return os.getuid()
        with self._lock:
            self._uids = self._uids or Uids()
            return self._uids.of(slot)

    def _expected(self, slot: int, uid: int, pipes: Sequence[int], limits: Limits) -> Expected:
        pen = self._pens.pen(slot) if self._pens else None
        if pen is not None:
            pen.forget_peak()
        inodes = frozenset(os.fstat(pipe).st_ino for pipe in pipes)
        return Expected(self._rules, uid, inodes, self._files, pen, limits, self._covers, self._reduced)

    def _branch(self, slot: int) -> socket.socket:
        """The control socket of the slot's own zygote, which lives in the slot's control group."""
        with self._lock:
            if slot not in self._branches:
                self._branches[slot] = self._new_branch(slot)
            return self._branches[slot]

    def _new_branch(self, slot: int) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._process.send({"branch": slot}, [theirs.fileno()])
            received = receive_message(ours)
            if received is None:
                raise InfrastructureError("the zygote process is gone")
            if self._pens is not None:
                self._pens.pen(slot).enter(received[0]["pid"])
        except BaseException:
            ours.close()
            raise
        return ours

    def close(self) -> None:
        """End the zygote and with it every student."""
        for branch in [*self._branches.values()]:  # another thread may be at work, and will fail
            branch.close()
        self._process.close()
        if self._place is not None:
            dismantle(self._place, _TIDY_SECONDS)  # the zygote does it, unless it was killed
        if self._pens is not None:
            self._pens.close()
        if self._uids is not None:
            self._uids.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _open_pens(bounds: Bounds) -> tuple[Pens | None, str]:
    """The slots' control groups; None and the reason where they cannot be had."""
    try:
        return Pens(bounds), ""
    except NoControlGroups as error:
        return None, error.strerror or str(error)


def tier_here() -> str:
    """The tier that a fence on this machine will have, if it can be built."""
    pens, _ = _open_pens(Bounds.of(Limits()))
    if pens is None:
        return FULL_SOFT
    pens.close()
    return FULL


def _tier(rules: frozenset[Rule], bounded: bool, reduced: bool) -> str:
    if not rules >= (WITHOUT_NAMESPACES if reduced else ALL) - {Rule.CGROUP}:
        return UNFENCED
    if reduced:
        return REDUCED
    return FULL if bounded else FULL_SOFT


def _close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
