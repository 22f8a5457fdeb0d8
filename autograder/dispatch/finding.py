"""What lies on disk: folders and files as a TA has them → what is whose. Nothing is opened but a `timestamp.txt`.

The files are strangers' work, and so are their names: links are never followed, and what is no notebook is still
somebody's if it can only be that. It then stands in for the notebook, is never unpacked or run, and intake rejects it
with a sentence on what it is.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Roster
from autograder.dispatch.times import read_timestamp
from autograder.gradebook import epoch

_SUFFIXES = (".ipynb", ".py")
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar")
_SKIPPED_FOLDERS = frozenset({"__pycache__", "__MACOSX"})
_SKIPPED_FILES = ("._", ".~")
"""How macOS names what it could not put into a file, and Jupyter its copies."""
_OUT_OF_REACH = (errno.ENAMETOOLONG, errno.ENOENT)
"""A folder that lies too deep to be named, or has just gone: that must not stop a class."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one file or folder holds of a student; `base` is what the user named.

    `spare`: it is no notebook, and counts only where the student has nothing else.
    """

    student: str
    base: Path
    files: tuple[Path, ...]
    timestamp: str | None = None
    spare: bool = False

    @property
    def when(self) -> tuple[bool, bool, float]:
        """Orders submissions of one student: a stated time counts more than a file's."""
        stated = epoch(self.timestamp)
        return not self.spare, stated is not None, stated or max(map(changed, self.files), default=0.0)

    @property
    def names(self) -> list[str]:
        return [readable(str(path.relative_to(self.base) if path != self.base else path.name)) for path in self.files]


def readable(name: str) -> str:
    """A file's name as text that can be stored: bytes that are not UTF-8 are spelled out."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))


def changed(path: Path) -> float:
    """When a file was last changed, in seconds; 0 if nobody can tell."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def is_plain(path: Path) -> bool:
    """Whether this is a file and no link, pipe, device or socket."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_packed(path: Path) -> bool:
    """Whether the name is that of an archive or a compressed file."""
    return path.suffix.lower() in _PACKED


def find(path: Path, notebooks: Sequence[str], roster: Roster | None, notice: Callable[[str], None]) -> Iterator[Found]:
    """What is below one path; `notice` is told what is left out for a reason. OSError for an unreadable folder."""
    if path.is_file() and path.suffix.lower() in _SUFFIXES:
        folder = path.absolute().parent
        if path.name in notebooks or folder.name == path.stem:
            yield Found(readable(folder.name), path, (path,), read_timestamp(folder))
        else:
            yield Found(readable(path.stem), path, (path,))
        return
    if not path.is_dir():
        return
    for entry in sorted(path.iterdir()):
        if entry.is_symlink() and entry.is_dir():
            if not _skipped(entry.name):
                notice(f"Left out: {readable(entry.name)} is a link to a folder, and links are not followed.")
        elif entry.is_dir():
            if not _skipped(entry.name):
                student = readable(entry.name.removesuffix(".ipynb"))
                yield Found(student, path, tuple(_handed_in(entry)), read_timestamp(entry))
        elif not entry.name.startswith(_SKIPPED_FILES):
            yield from _file(entry, path, roster, notice)


def _file(entry: Path, base: Path, roster: Roster | None, notice: Callable[[str], None]) -> Iterator[Found]:
    """A file in a class's folder: a submission, or something else that a student may have handed in for it."""
    if entry.suffix.lower() in _SUFFIXES:
        yield Found(readable(entry.stem), base, (entry,))
        return
    if entry.name.startswith("."):
        return
    student = readable(_without_endings(entry) if is_packed(entry) else entry.stem)
    known = roster is not None and any(name in roster for name in (student, *student.split("+")))
    if known or (roster is None and is_packed(entry)):
        yield Found(student, base, (entry,), spare=True)
    elif is_packed(entry):
        notice(f"Left out: {readable(entry.name)} is an archive, and no student of the roster is called so.")


def _without_endings(path: Path) -> str:
    """`ada` of ada.tar.gz and of ada.ipynb.zip."""
    while path.suffix.lower() in (*_PACKED, *_SUFFIXES):
        path = path.with_suffix("")
    return path.name


def _skipped(folder: str) -> bool:
    return folder in _SKIPPED_FOLDERS or folder.startswith(".")


def _handed_in(folder: Path) -> list[Path]:
    """A student's notebooks; else scripts, else archives that may hold them."""
    found: list[Path] = []
    packed: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not _skipped(name))
        own = [name for name in sorted(names) if not name.startswith(_SKIPPED_FILES)]
        found += [Path(root, name) for name in own if name.lower().endswith(".ipynb")]
        packed += [Path(root, name) for name in own if name.lower().endswith(_PACKED)]
    scripts = sorted(path for path in folder.glob("*.py") if not path.is_dir())
    return found or scripts or packed


def _raise(error: OSError) -> None:
    if error.errno not in _OUT_OF_REACH:
        raise error
