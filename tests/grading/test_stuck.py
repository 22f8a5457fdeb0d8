"""The watch over what never gets ready."""

from __future__ import annotations

import signal
import time
from typing import NoReturn

import pytest

from autograder.grading import stuck


class Stopped(Exception):
    """What the watch tells here."""


def stop(text: str) -> NoReturn:
    raise Stopped(text)


def turn_round() -> None:
    """Work without end."""
    while True:
        pass


def test_work_without_end_is_noticed() -> None:
    """By its CPU time, with the line of the author's file that led there."""
    with (
        pytest.raises(Stopped, match=r"after 0\.2 s of CPU time.*never end\? It was at .*test_stuck\.py:\d+\.$"),
        stuck.noticed(0.2, {__file__}, "/nowhere", stop),
    ):
        turn_round()


def test_waiting_without_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the wall clock, which is far."""
    monkeypatch.setattr(stuck, "wall", lambda seconds: seconds / 100)
    with (
        pytest.raises(Stopped, match=r"after 0\.5 s: does anything there never end\?$"),
        stuck.noticed(50, set(), "/nowhere", stop),
    ):
        time.sleep(60)


def test_nothing_is_left_of_the_watch() -> None:
    """Once all is ready, its timers and handlers are those from before: tests have their own."""
    before = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGPROF)
    with stuck.noticed(50, set(), "/nowhere", stop) as end:
        assert signal.getitimer(signal.ITIMER_PROF)[0] > 0
        end()
        assert (signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGPROF)) == before
        assert signal.getitimer(signal.ITIMER_PROF) == signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_time_that_is_allowed() -> None:
    """Ten times what all notebooks may take, and enough for imports where that is little."""
    assert stuck.allowed(60, 2) == 1200
    assert stuck.allowed(1, 1) == 60
