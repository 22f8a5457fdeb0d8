"""Files that a command writes for people: checked before the work begins, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click

from autograder.errors import InfrastructureError
from autograder.reports.sanitise import json_line


class Line(Protocol):
    """What becomes one line of a results file: a report, or a student's quiz."""

    def to_json(self) -> dict[str, Any]: ...


def check_folder(option: str, folder: Path) -> None:
    """Make the folder that `option` will write to. BadParameter where that cannot be: better now than after an hour."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "there is a file of that name" if isinstance(error, FileExistsError) else str(error.strerror)
        raise click.BadParameter(f"the folder {folder} cannot be made: {reason}", param_hint=option) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.BadParameter(f"the folder {folder} may not be written by this account", param_hint=option)


_RECORDED = "The grades are recorded: put that right and run the same command again; nothing is graded twice."


@contextmanager
def written(path: Path, advice: str = _RECORDED) -> Iterator[None]:
    """Turn what the disk raises while `path` is written into an InfrastructureError with the remedy."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InfrastructureError(f"{path} could not be written ({error.strerror}). {advice}") from error


def write_results(path: Path, reports: Iterable[Line]) -> None:
    """One JSON object per line; the file appears whole or not at all. InfrastructureError if it cannot be written."""
    with written(path):
        _write_whole(path, (json_line(report.to_json()) + "\n" for report in reports))


def write_text(path: Path, text: str) -> None:
    """The text as a file that appears whole or not at all. InfrastructureError if it cannot be written."""
    with written(path, "Put that right and run the same command again."):
        _write_whole(path, [text])


def _write_whole(path: Path, pieces: Iterable[str]) -> None:
    target = path.resolve()
    if target.exists() and not target.is_file():  # /dev/stdout, a named pipe: nothing to be replaced
        _write(target, pieces)
        return
    beside = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        _write(beside, pieces)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _write(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
        file.flush()
        if path.is_file():
            os.fsync(file.fileno())
