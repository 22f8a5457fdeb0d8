"""Zip packages of strangers, looked at before anything is unpacked, and never unpacked to disk; and ours, written.

A package is refused as a whole, with one message, for anything that an export of a quiz never has: paths that leave the
folder, links, encryption, doubled names, thousands of files, or sizes that do not fit what the package says.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from autograder.errors import CourseError
from autograder.interop.carried import broken

MOST_PACKED = 50 * 2**20
MOST_FILES = 2_000
MOST_UNPACKED = 200 * 2**20
MOST_OF_ONE = 50 * 2**20
MOST_RATIO = 200
"""Text of a quiz packs 20 to 1, a bomb 1000 to 1."""
_RATIO_MATTERS = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same quiz makes the same bytes


class Package:
    """A zip whose names and sizes were found harmless; files are read into memory, one at a time."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises CourseError if the package is not to be trusted."""
        self.name = name
        if len(data) > MOST_PACKED:
            raise self._bad(f"the package has more than {MOST_PACKED >> 20} MiB")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise self._bad(f"the package cannot be opened: {error}") from None
        if len(entries) > MOST_FILES:
            raise self._bad(f"the package has more than {MOST_FILES:,} files")
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise self._bad(f"the package unpacks to more than {MOST_UNPACKED >> 20} MiB")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._read = 0
        seen: set[str] = set()
        for entry in entries:
            self._check(entry)
            if entry.filename.casefold() in seen:
                raise self._bad(f"the package has two files named {entry.filename[:80]!r}")
            seen.add(entry.filename.casefold())
            if not entry.is_dir():
                self._entries[entry.filename] = entry

    @property
    def names(self) -> tuple[str, ...]:
        """The files, in the package's order."""
        return tuple(self._entries)

    def read(self, name: str) -> bytes:
        """A file's bytes. CourseError if it is damaged or larger than it says; KeyError if it is not there."""
        entry = self._entries[name]
        try:
            with self._zip.open(entry) as file:
                data = file.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
            raise self._bad(f"{name[:80]!r} is damaged: {error}") from None
        if len(data) != entry.file_size:
            raise self._bad(f"{name[:80]!r} does not have the size that the package says")
        self._read += len(data)
        if self._read > MOST_UNPACKED:
            raise self._bad(f"the package unpacks to more than {MOST_UNPACKED >> 20} MiB")
        return data

    def _check(self, entry: zipfile.ZipInfo) -> None:
        name = entry.orig_filename
        path = PurePosixPath(name)
        if (
            not name
            or path.is_absolute()
            or ".." in path.parts
            or "\\" in name
            or ":" in name
            or not name.isprintable()
        ):
            raise self._bad(f"the package has a file with a path that is not allowed: {name[:80]!r}")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise self._bad(f"the package has a link or a special file: {name[:80]!r}")
        if entry.flag_bits & 0x1:
            raise self._bad(f"{name[:80]!r} is encrypted")
        if entry.compress_type not in _METHODS:
            raise self._bad(f"{name[:80]!r} is packed in a way that is not read")
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > MOST_OF_ONE or (entry.file_size > _RATIO_MATTERS and ratio > MOST_RATIO):
            raise self._bad(f"{name[:80]!r} unpacks to {entry.file_size:,} bytes, {ratio:.0f} times its size")

    def _bad(self, message: str) -> CourseError:
        return broken(self.name, message, "use the file as the other system exported it")


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """A package of these files; the same files make the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, data)
    return stream.getvalue()
