"""Slots and their users: each controller on a machine has uids of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import FenceError
from autograder.sandbox import slots
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import status_of
from autograder.sandbox.slots import BLOCK, FIRST_UID, Uids

CLAIM = """
import sys, time
from pathlib import Path
from autograder.sandbox.slots import Uids
print(Uids(Path(sys.argv[1])).first, flush=True)
time.sleep(600)
"""


def test_uids_of_two_controllers_never_meet(tmp_path: Path) -> None:
    """Each has a block; one that is given back is given out again."""
    one, two = Uids(tmp_path), Uids(tmp_path)
    assert [one.of(0), one.of(BLOCK - 1), two.of(0)] == [FIRST_UID, FIRST_UID + BLOCK - 1, FIRST_UID + BLOCK]
    one.close()
    again = Uids(tmp_path)
    assert again.first == FIRST_UID
    for uids in (again, two):
        uids.close()


def test_uids_of_a_killed_controller(tmp_path: Path, eventually: Callable[..., bool]) -> None:
    """The block of a controller that was killed is free at once."""
    with subprocess.Popen([sys.executable, "-c", CLAIM, tmp_path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == FIRST_UID
        here = Uids(tmp_path)
        assert here.first == FIRST_UID + BLOCK
        other.kill()
    freed = Uids(tmp_path)
    assert freed.first == FIRST_UID
    for uids in (here, freed):
        uids.close()


def test_uids_beyond_the_block(tmp_path: Path) -> None:
    """A slot without a uid is refused: the next uid is another controller's."""
    uids = Uids(tmp_path)
    with pytest.raises(FenceError, match="slot 1024 has no uid"):
        uids.of(BLOCK)
    uids.close()


def test_uids_when_all_blocks_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fence fails closed, and says why."""
    monkeypatch.setattr(slots, "BLOCKS", 2)
    taken = [Uids(tmp_path), Uids(tmp_path)]
    with pytest.raises(FenceError, match=r"all 2 blocks of uids in .* are taken"):
        Uids(tmp_path)
    for uids in taken:
        uids.close()


def test_uids_without_a_place(tmp_path: Path) -> None:
    """A place that is no folder is one clear message."""
    place = tmp_path / "autograder"
    place.write_text("")
    with pytest.raises(FenceError, match=r"no uids for students: .*autograder must be a folder"):
        Uids(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has students with uids of their own")
def test_students_of_two_fences_are_different_users() -> None:
    """Two graders at once give the same slot to two users."""
    fences = [Fence({}, ("numpy",), ()) for _ in range(2)]
    students = []
    try:
        for fence in fences:
            students.append(fence.spawn(0, Limits(), 0, 0))
            students[-1].wait_ready()
        uids = {status_of(student.pid)["Uid"].split()[0] for student in students}
        assert len(uids) == len(fences)
        assert min(map(int, uids)) >= FIRST_UID
    finally:
        for student in students:
            pidfd = student.kill()
            if pidfd is not None:
                os.close(pidfd)
        for fence in fences:
            fence.close()
