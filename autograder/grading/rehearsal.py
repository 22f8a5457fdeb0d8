"""A notebook run as a dress rehearsal: a fresh Python, no fence, then the public tests; told as it happens.

The process is a group of its own where the system has those, so that what the notebook started ends with it. It is
stopped at the deadline and at Ctrl-C; what it had told until then counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from autograder.grading.preflight import Preflight, PreflightQuestion
from autograder.grading.publictests import CheckedQuestion

_POLL_SECONDS = 0.05
_RESTORED = 10_000
"""Numbers from here on are cells that the notebook had lost and that were put back."""
_LAST_WORDS = 300


@dataclass(frozen=True, slots=True)
class CellFailure:
    """A cell that raised. The error stands in cell `cell`, which may be an earlier one; None if in none of them."""

    ran: int
    name: str
    message: str
    cell: int | None
    line: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the run gave. `stopped` says why it ended early."""

    checked: tuple[CheckedQuestion, ...]
    failures: tuple[CellFailure, ...]
    missing: tuple[str, ...]
    versions: dict[str, str | None]
    stopped: str | None = None


OnStep = Callable[[str], None]


def rehearse(preflight: Preflight, *, seconds: float, on_step: OnStep) -> Rehearsal:
    """Run the notebook in its own folder for at most `seconds` of wall clock; `on_step` hears what is being done."""
    with tempfile.TemporaryDirectory(prefix="autograder-check-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        job, results = folder / "job.json", folder / "results.jsonl"
        job.write_text(json.dumps(_job(preflight)), encoding="utf-8")
        results.touch()
        story = _Story(preflight, on_step)
        with (folder / "stderr").open("wb") as stderr, results.open("rb") as told:
            process = _start(job, results, preflight.path.resolve().parent, folder, stderr)
            try:
                status = _follow(process, told, story, time.monotonic() + seconds)
            finally:
                _end(process)
        last = (folder / "stderr").read_bytes()[-_LAST_WORDS:].decode("utf-8", "replace").strip()
    return story.rehearsal(status, seconds, last)


def _job(preflight: Preflight) -> dict[str, Any]:
    numbered = [
        (_RESTORED + position if place is None else place, source)
        for position, (place, source) in enumerate(preflight.cells)
    ]
    tests = [(question.id, question.tests) for question in preflight.questions if question.tests]
    return {"cells": numbered, "tests": tests, "imports": preflight.imports}


def _start(job: Path, results: Path, home: Path, scratch: Path, stderr: BinaryIO) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(scratch / "ipython"),  # a student's own start-up files are not handed in either
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "autograder.grading.rehearsing", str(job), str(results)],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )


def _follow(process: subprocess.Popen[bytes], told: BinaryIO, story: _Story, deadline: float) -> int | None:
    """Read what the process tells until it ends; its exit status, or None if the deadline came first."""
    rest = b""
    while True:
        status = process.poll()  # before reading: what it told before its end is in the file by now
        *lines, rest = (rest + told.read()).split(b"\n")
        for line in lines:
            story.take(json.loads(line))
        if status is not None or story.finished:
            return status if status is not None else 0
        if time.monotonic() >= deadline:
            return None
        time.sleep(_POLL_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and, where there are process groups, what it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


class _Story:
    """What the process has told so far."""

    def __init__(self, preflight: Preflight, on_step: OnStep) -> None:
        self.preflight = preflight
        self.on_step = on_step
        self.checked: dict[str, CheckedQuestion] = {}
        self.failures: list[CellFailure] = []
        self.facts: dict[str, Any] = {}
        self.step = "Python was starting"
        self.finished = False

    def take(self, event: dict[str, Any]) -> None:
        """Learn from one line."""
        if "cell" in event:
            self._at(f"{cell_name(event['cell'])} was running")
        elif "failed" in event:
            self.failures.append(CellFailure(**event["failed"]))
        elif "checking" in event:
            self._at(f"the tests of ‘{event['checking']}’ were running")
        elif "checked" in event:
            checked = CheckedQuestion.from_json(event["checked"])
            self.checked[checked.question] = checked
        elif "finished" in event:
            self.finished = True
        else:
            self.facts.update(event)

    def _at(self, step: str) -> None:
        self.step = step
        self.on_step(step)

    def rehearsal(self, status: int | None, seconds: float, last: str) -> Rehearsal:
        """The whole story."""
        stopped = None
        if status is None:
            stopped = f"Stopped after {seconds:g} s, while {self.step}. Allow more with --timeout SECONDS."
        elif not self.finished:
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            stopped = f"Python ended while {self.step} ({how})." + (f" Its last words: {last}" if last else "")
        return Rehearsal(
            checked=tuple(self._results()),
            failures=tuple(self.failures),
            missing=tuple(self.facts.get("missing", ())),
            versions=dict(self.facts.get("versions", {})),
            stopped=stopped,
        )

    def _results(self) -> Iterator[CheckedQuestion]:
        for question in self.preflight.questions:
            if not question.written:
                yield self.checked.get(question.id) or _unchecked(question)


def _unchecked(question: PreflightQuestion) -> CheckedQuestion:
    if question.tests:
        return CheckedQuestion(question.id, fault="the run ended before them")
    if question.public_points:
        return CheckedQuestion(question.id, fault="the notebook has lost the question's check cell")
    return CheckedQuestion(question.id)


def cell_name(number: int) -> str:
    """`cell 5`, counted from 1 over all cells of the notebook, text included."""
    return f"cell {number + 1}" if number < _RESTORED else "a cell that the notebook had lost"
