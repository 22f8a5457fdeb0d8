"""Names and writing of the pages."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

# Lower case only: `Ada` and `ada` would be one file on macOS and Windows. No leading dot or dash, no device names.
_PLAIN = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9_](?:[a-z0-9_.-]{0,62}[a-z0-9_-])?")


def page_name(student: str) -> str:
    """A file name for a student's page: the id where that is harmless, else what can be kept of it and a digest.

    Two ids never get the same name: `~` stands only before a digest.
    """
    if _PLAIN.fullmatch(student):
        return f"{student}.html"
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept = re.sub(r"[^a-z0-9_]+", "-", student.lower()[:40]).strip("-")
    return f"{kept or 'student'}~{digest}.html"


def write_beside(path: Path, pieces: Iterable[str]) -> None:
    """Writes a page beside its place and then renames it, so that a reader meets the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
