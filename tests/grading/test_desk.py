"""The desk before a card: who waits for whom, and that the card is clean of those who leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from autograder.errors import InfrastructureError
from autograder.grading.desk import Desk
from autograder.sandbox.cards import CONTEXT, HOST
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import started_at

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
GIB = 2**30


@pytest.fixture
def holder(new_card: Any) -> Any:
    """A process that holds the stand-in's node."""
    node = new_card().nodes[0]
    code = f"import time; node = open({node!r}); print('ready', flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_students_share_the_card_by_what_they_declare(new_card: Any) -> None:
    """Each has its memory and CUDA's; workers that wait have their part set aside."""
    desk = Desk(new_card(free=20 * GIB), 3 * GIB, ahead=2)
    assert (desk.share, desk.ahead, desk.bound) == (3 * GIB, 2, 3 * GIB + 2 * CONTEXT)
    own = desk.limits(Limits(memory=GIB))
    assert (own.card, own.memory) == (3 * GIB, GIB + HOST)
    desk.close()


def test_whole_card_where_nothing_is_declared(new_card: Any, eventually: Callable[..., bool]) -> None:
    """Without a declared amount there is one student at a time."""
    desk = Desk(new_card(free=8 * GIB), None, ahead=4)
    assert desk.share + CONTEXT + desk.ahead * CONTEXT == 8 * GIB
    inside: list[int] = []
    with desk.turn():
        other = threading.Thread(target=lambda: _visit(desk, inside), daemon=True)
        other.start()
        assert not eventually(lambda: inside, 0.2)
    assert eventually(lambda: inside == [1])
    other.join()
    desk.close()


def test_turn_alone_waits_for_everybody(new_card: Any, eventually: Callable[..., bool]) -> None:
    """Who asks for the card alone enters when all others have left, and nobody enters meanwhile."""
    desk = Desk(new_card(free=8 * GIB), GIB, ahead=1)
    inside: list[str] = []
    done = threading.Event()

    def alone() -> None:
        with desk.turn(alone=True):
            inside.append("alone")
            done.wait(60)
            inside.append("alone left")

    with desk.turn():
        thread = threading.Thread(target=alone, daemon=True)
        thread.start()
        assert not eventually(lambda: inside, 0.2)
    assert eventually(lambda: inside == ["alone"])
    other = threading.Thread(target=lambda: _visit(desk, inside), daemon=True)
    other.start()
    assert not eventually(lambda: len(inside) > 1, 0.2)
    done.set()
    assert eventually(lambda: inside == ["alone", "alone left", 1])
    thread.join()
    other.join()
    desk.close()


def _visit(desk: Desk, inside: list[Any]) -> None:
    with desk.turn():
        inside.append(1)


def test_closed_desk_sends_away(new_card: Any, eventually: Callable[..., bool]) -> None:
    """Who waits when the batch is stopped gets to know it."""
    desk = Desk(new_card(free=3 * GIB), None, ahead=1)
    told: list[str] = []

    def wait() -> None:
        try:
            with desk.turn():
                told.append("inside")
        except InfrastructureError as error:
            told.append(str(error))

    with desk.turn():
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        assert not eventually(lambda: told, 0.1)
        desk.close()
        assert eventually(lambda: told == ["the batch was stopped"])
    thread.join()


def test_process_that_stays_on_the_card_is_seen(new_card: Any, holder: Any) -> None:
    """A card that is still held by a process that should be gone is not given to the next student."""
    desk = Desk(new_card(), GIB, ahead=1)
    started = started_at(holder.pid)
    assert started is not None
    with pytest.raises(InfrastructureError, match="still holds the card"):
        desk.see_out([], {holder.pid: started})
    desk.see_out([], {holder.pid: started + 1})  # another process that got the same number
    pidfd = os.pidfd_open(holder.pid)
    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    desk.see_out([pidfd], {holder.pid: started})
    os.close(pidfd)
    desk.close()
