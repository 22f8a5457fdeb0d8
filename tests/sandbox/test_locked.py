"""Folders that are locked as long as their owner lives."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.locked import left_behind, make_locked, try_lock

OWNER = """
import sys, tempfile, time
from pathlib import Path
from autograder.sandbox.locked import make_locked
print(make_locked(lambda: Path(tempfile.mkdtemp(dir=sys.argv[1])))[0], flush=True)
time.sleep(600)
"""


def test_folder_of_a_living_owner(tmp_path: Path) -> None:
    """It is not left behind until its owner is killed."""
    with subprocess.Popen([sys.executable, "-c", OWNER, tmp_path], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        assert list(left_behind([folder])) == []
        owner.kill()
    assert list(left_behind([folder])) == [folder]


def test_folder_without_a_lock_yet(tmp_path: Path) -> None:
    """Killed between making and locking, an owner leaves a folder that the next one finds."""
    assert list(left_behind([tmp_path])) == [tmp_path]


def test_folder_is_locked_while_it_is_swept(tmp_path: Path) -> None:
    """Nobody else takes a folder that is being removed."""
    for folder in left_behind([tmp_path]):
        assert try_lock(folder) is None
    lock = try_lock(tmp_path)
    assert lock is not None
    os.close(lock)


def test_folder_that_a_sweep_took(tmp_path: Path) -> None:
    """An owner whose folder is gone before it is locked makes another."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(dir=tmp_path)))
        if len(made) == 1:
            made[0].rmdir()
        return made[-1]

    folder, lock = make_locked(make)
    assert [folder] == made[1:]
    os.close(lock)


def test_nothing_but_folders(tmp_path: Path) -> None:
    """Links and files of such a name are passed over."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    assert list(left_behind(sorted(tmp_path.iterdir()))) == []
