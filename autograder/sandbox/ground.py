"""Where students without namespaces live (`reduced`): a folder for each, and around it what they may read.

place            one for each zygote, 0711 where we are root, else 0700
place/home       the zygote's own
place/course     the assignment's public files
place/<random>   one for each branch, the student's own: work, tmp; emptied after every student
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SHARED_MEMORY = "/dev/shm"


@dataclass(frozen=True, slots=True)
class Ground:
    """One branch's working folder, the number of its rules for Landlock, and where else its students leave files."""

    folder: Path
    rules: int

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def scratch(self) -> Path:
        return self.folder / "tmp"

    def clear(self, uid: int | None) -> None:
        """Remove whatever students left: here, and in shared memory what belongs to `uid`."""
        for entry in os.scandir(SHARED_MEMORY) if uid is not None else ():
            with contextlib.suppress(FileNotFoundError):  # somebody else's, who was faster
                if entry.stat(follow_symlinks=False).st_uid == uid:
                    remove(Path(entry.path))
        for folder in (self.work, self.scratch):
            with contextlib.suppress(FileNotFoundError):  # the place is being dismantled
                empty(folder)


def make_place() -> Path:
    """A folder for the students of a zygote, which other users can reach where we are root. The zygote removes it."""
    root = os.geteuid() == 0
    own = Path(tempfile.gettempdir())
    open_to_all = (path for path in (own, Path("/var/tmp"), Path("/tmp")) if entered_by_all(path))
    place = Path(tempfile.mkdtemp(prefix="autograder-reduced-", dir=next(open_to_all, own) if root else own))
    if root:
        place.chmod(0o711)
    (place / "home").mkdir(mode=0o700)
    return place


def entered_by_all(path: Path) -> bool:
    """Whether every user may look into this folder's files, going by the modes on the way."""
    return all(folder.stat().st_mode & 1 for folder in (path, *path.parents))


def around(binds: tuple[str, ...], covers: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """What may be read so that all of `binds` can, but nothing of `covers`; and the folders that have to be listed.

    Landlock can only allow, so a folder that holds something hidden is named entry by entry.
    """
    hidden = {os.path.realpath(path) for path in covers}
    readable: list[str] = []
    listable: list[str] = []
    queue = [os.path.realpath(path) for path in binds]
    while queue:
        path = queue.pop()
        if path in hidden:
            continue
        if not any(one.startswith(f"{path}/") for one in hidden):
            readable.append(path)
            continue
        listable.append(path)
        queue += [entry.path for entry in os.scandir(path) if not entry.is_symlink()]
    return readable, listable


def dismantle(place: Path, seconds: float = 0.0) -> None:
    """Remove a place. Nothing that a student left is touched: each init does that, with the student's rights, and is
    given some seconds for it."""
    deadline = time.monotonic() + seconds
    for name in ("home", "course"):
        shutil.rmtree(place / name, ignore_errors=True)
    while place.exists():
        with contextlib.suppress(OSError):
            for folder in place.iterdir():
                for inner in folder.iterdir():
                    inner.rmdir()
                folder.rmdir()
            place.rmdir()
        if time.monotonic() > deadline:
            return
        time.sleep(0.02)


def empty(folder: Path) -> None:
    """Remove all that lies in a folder, however deep, following no link.

    What lies in an inner folder is moved up before that folder goes, so no path gets long.
    """
    mark, number = secrets.token_hex(8), 0
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            Path(entry.path).chmod(0o700)
            for inner in os.scandir(entry.path):
                if inner.is_dir(follow_symlinks=False):
                    Path(inner.path).chmod(0o700)  # or it could not be moved
                number += 1
                Path(inner.path).rename(folder / f"{mark}-{number}")
            Path(entry.path).rmdir()


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that lies in it."""
    if path.is_dir() and not path.is_symlink():
        empty(path)
        path.rmdir()
    else:
        path.unlink()
