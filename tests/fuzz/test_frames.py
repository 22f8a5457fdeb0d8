"""A short run of the fuzz, and that it would find something; the long one is `python -m tests.fuzz`."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import decoding

from . import __main__ as fuzz
from . import readers
from .frames import mutate, valid_frame

ROOT = Path(__file__).resolve().parents[2]
OUT_OF_REACH = {  # a frame of 64 KiB cannot have these
    "frame too large",
    "too many items",
    "keys that take too long to read",
    "a tensor, where there is no torch",
    "a tensor is not expected here",
    "an array is not expected here",
}


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_mutated_frames() -> None:
    """16,000 frames, the same every time: no reader raises what is not its own, and each of its refusals is met."""
    pytest.importorskip("torch")
    done = run("--frames", "16000", "--seed", "20250203")
    assert done.returncode == 0, done.stderr
    reasons = set(re.findall(r'CodecError\("([^"]+)', Path(decoding.__file__).read_text())) - OUT_OF_REACH
    met = {line.split(maxsplit=1)[1] for line in done.stdout.splitlines()[1:-1]}
    assert {*reasons, "unknown", fuzz.TAKEN} <= met


def test_mutated_frames_of_another_seed() -> None:
    """4,000 frames that are new every time; the seed is in the message."""
    done = run("--frames", "4000")
    assert done.returncode == 0, done.stdout + done.stderr


def test_faults_are_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A reader that raises something of its own, or lets a stranger through, is a finding with seed and frame."""

    def careless(frame: bytes) -> None:
        if b"hello" in frame:
            raise KeyError("hello")

    monkeypatch.setattr(fuzz, "BY_FRAME", (careless,))
    tally = fuzz.fuzz_chunk((1, 0))
    assert tally.findings
    assert "KeyError: 'hello'" in tally.findings[0]
    assert fuzz.report([tally], 1) == 1
    assert "chunk 0, frame" in capsys.readouterr().err
    with pytest.raises(AssertionError):
        readers.refuse_strangers([1, {"a": {2}}])  # a set


def test_valid_frames_are_valid() -> None:
    """What the mutations start from is taken by the decoder, and most mutations make something else of it."""
    chance = random.Random(5)
    frames = [valid_frame(chance) for _ in range(300)]
    assert [readers.read_value(frame) for frame in frames] == [None] * 300
    mutated = [mutate(frame, frames[0], chance) for frame in frames]
    assert sum(left != right for left, right in zip(frames, mutated, strict=True)) > 250
    assert sum(readers.read_value(frame) is not None for frame in mutated) > 150
