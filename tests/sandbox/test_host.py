"""Students from the outside: how they are started, and that every one of them can be ended."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import FenceError, InfrastructureError
from autograder.sandbox.channel import Channel
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Process, clean_environment
from autograder.sandbox.slots import Slots

psutil = pytest.importorskip("psutil")

DAEMON = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN)
    if os.fork():
        os._exit(0)
    while True:
        time.sleep(600)
"""
BOMB = """
import os, time
for _ in range(4):
    os.fork()
if os.getpid() != first:
    while True:
        time.sleep(600)
"""
CONTROLLER = f"""
import sys, time
from autograder.sandbox.channel import Channel
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
fence = Fence({{}}, (), ())
student = fence.spawn(0, Limits(), 0, 1)
student.wait_ready()
student.runner.send(("run", 0, {DAEMON!r}))
while student.runner.receive()[0] != "done":
    pass
student.runner.send(("fork", 0, 0, 9.0, []))
Channel(*student.pairs[0]).receive()
print(fence.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def controller() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A controller in a process of its own, with a student, a snapshot and a daemon; and its zygote's number."""
    process = subprocess.Popen([sys.executable, "-c", CONTROLLER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        yield process, int(process.stdout.readline())
        process.kill()


def gone(members: list[Any]) -> bool:
    return not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in members)


@pytest.mark.parametrize("victim", ["controller", "zygote"])
def test_kill_of_ours_ends_everything(
    controller: tuple[subprocess.Popen[str], int], victim: str, eventually: Callable[..., bool]
) -> None:
    """After kill -9 of the controller or of the zygote no process of the student is left, daemons included."""
    process, zygote = controller
    members = psutil.Process(zygote).children(recursive=True)
    names = [member.name() for member in members]
    assert len(members) >= 5, names  # middle, pid 1, runner, snapshot, daemon
    os.kill(process.pid if victim == "controller" else zygote, signal.SIGKILL)
    assert eventually(lambda: gone(members))
    assert eventually(lambda: not psutil.pid_exists(zygote) or gone([psutil.Process(zygote)]))


def test_kill_ends_daemons_and_bombs(fence: Fence, slots: Slots, eventually: Callable[..., bool]) -> None:
    """`kill` ends a double-forked daemon and a small fork bomb; the pidfd says when the last of them is gone."""
    slot = slots.take()
    student = fence.spawn(slot, Limits(), 0, 0)
    student.wait_ready()
    for cell in ("import os; first = os.getpid()", DAEMON, BOMB):
        student.runner.send(("run", 0, cell))
        while student.runner.receive()[0] != "done":
            pass
    assert eventually(lambda: len(psutil.Process(student.pid).children(recursive=True)) >= 17)
    members = [psutil.Process(student.pid), *psutil.Process(student.pid).children(recursive=True)]
    pidfd = student.kill()
    assert pidfd is not None
    assert select.select([pidfd], [], [], 30)[0]
    assert gone(members)
    slots.give(slot, pidfd)
    assert student.kill() is None


def test_students_that_are_given_up_at_once(fence: Fence, slots: Slots) -> None:
    """Killed before they are there, they take nothing with them: the slot's next student is run."""
    slot = slots.take()
    for _ in range(20):
        fence.spawn(slot, Limits(), 0, 0).kill()
    student = fence.spawn(slot, Limits(), 0, 0)
    student.wait_ready()
    slots.give(slot, student.kill())


def test_slot_waits_for_its_tree() -> None:
    """A slot, and so its uid, is not given again before the tree that had it is gone."""
    slots = Slots(1)
    slot = slots.take()
    process = subprocess.Popen(["sleep", "0.3"])
    slots.give(slot, os.pidfd_open(process.pid))
    assert slots.take() == slot
    assert process.poll() is not None
    slots.give(slot, None)
    assert slots.take() == slot


def test_slots_differ_by_uid(fence: Fence, slots: Slots) -> None:
    """Two students at once have two uids out here, where we are root, and never ours."""
    if fence.rootless:
        pytest.skip("without root all students have the operator's uid")
    taken = [slots.take(), slots.take()]
    students = [fence.spawn(slot, Limits(), 0, 0) for slot in taken]
    for student in students:
        student.wait_ready()
    uids = {psutil.Process(student.pid).uids().real for student in students}
    assert len(uids) == 2
    assert min(uids) > 60_000_000
    for slot, student in zip(taken, students, strict=True):
        slots.give(slot, student.kill())


@pytest.mark.parametrize("order", [["init", "ready"], ["ready", "init"]])
@pytest.mark.parametrize("together", [True, False])
def test_wait_ready_in_any_order(order: list[str], together: bool) -> None:
    """Pid 1 may be ready before its parent has said its number."""
    said = {"init": b'{"init": %d}\n' % os.getpid(), "ready": b'{"ready": true}\n'}
    reader, writer = os.pipe()
    os.write(writer, b"".join(said[word] for word in order[: None if together else 1]))
    if not together:
        child = os.fork()
        if child == 0:
            os.write(writer, said[order[1]])
            os._exit(0)
        os.waitpid(child, 0)
    student = Student(Channel(*os.pipe()), [], reader, None)
    student.wait_ready()
    assert student.pid == os.getpid()
    os.close(student._init or -1)
    student._init = None
    student.kill()
    os.close(writer)


def test_wait_ready_without_a_fence() -> None:
    """A fence that could not be built is a FenceError with the reason; one that vanished is an InfrastructureError."""
    for said, kind in ((b'{"fault": "unshare: no"}\n', FenceError), (b"", InfrastructureError)):
        reader, writer = os.pipe()
        os.write(writer, said)
        os.close(writer)
        student = Student(Channel(*os.pipe()), [], reader, None)
        with pytest.raises(kind):
            student.wait_ready()
        student.kill()


def test_image_that_cannot_be_built(tmp_path: Path) -> None:
    """A course file that is missing makes a FenceError, not a silent image without it."""
    fence = Fence({"data.txt": tmp_path / "missing.txt"}, (), ())
    with pytest.raises(FenceError, match=r"missing\.txt"):
        fence.wait_ready()
    fence.close()
    assert not fence.alive


def test_course_files_larger_than_the_root(tmp_path: Path) -> None:
    """Course files of a hundred megabytes reach the student."""
    (tmp_path / "large.bin").write_bytes(bytes(100 * 2**20))
    fence = Fence({"large.bin": tmp_path / "large.bin"}, (), ())
    student = fence.spawn(0, Limits(), 0, 0)
    student.wait_ready()
    student.runner.send(("run", 0, "import os\nassert os.path.getsize('large.bin') == 100 * 2**20"))
    while (message := student.runner.receive())[0] != "done":
        pass
    assert message[3] is None
    student.kill()
    fence.close()


def test_process_that_is_gone() -> None:
    """Speaking to one of our processes that has died is an InfrastructureError."""
    process = Process("autograder.sandbox.zygote", folder=Path("/"), home="/")
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(InfrastructureError, match="zygote"):
        process.receive()
    assert not process.alive
    with pytest.raises(InfrastructureError, match="zygote"):
        process.send({})
    process.close()


def test_clean_environment_holds_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the operator's goes to our processes."""
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    assert "secret" not in str(clean_environment("/home"))
    assert clean_environment("/home")["CUDA_VISIBLE_DEVICES"] == ""
