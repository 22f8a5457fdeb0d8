"""Text files that authors write: read whole, with a size cap, as UTF-8, every fault a `Problem`."""

from __future__ import annotations

from pathlib import Path

from autograder.errors import Problem


def read_text(path: Path, problems: list[Problem], *, most_bytes: int, missing: str) -> str | None:
    """The text of a file without its byte order mark, or None and a problem. `missing` says what to do without it."""
    try:
        if not path.is_file():
            wrong = "is not a file" if path.exists() else "the file does not exist"
            problems.append(Problem(path, None, None, wrong, missing))
            return None
        data = path.read_bytes() if path.stat().st_size <= most_bytes else None
    except OSError as error:
        problems.append(Problem(path, None, None, f"cannot be read: {error.strerror}", "check its permissions"))
        return None
    if data is None:
        wrong = f"the file is larger than {most_bytes // 1024} KiB"
        problems.append(Problem(path, None, None, wrong, "a course file is short text; is this the right file?"))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = None if data.startswith((b"\xff\xfe", b"\xfe\xff")) else data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(path, line, None, "the file is not UTF-8 text", "save it with the encoding UTF-8"))
        return None
