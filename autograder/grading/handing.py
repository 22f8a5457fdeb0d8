"""The controller's side of intake: hand over a submitted file as an opaque descriptor, take in what is said of it."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

from autograder.errors import InfrastructureError
from autograder.grading.intaking import MAX_BYTES
from autograder.sandbox.process import Process

_TRIES = 2
"""A reader that dies may have met the machine's shortage of memory; one that dies twice has met the file."""
_ODD_FILES = (errno.ELOOP, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
"""What a link, a socket or a file that is gone gives; any other failure to open is ours."""


def read_file(intake: Process, notebook: int, path: Path) -> dict[str, Any]:
    """What intake says of a file: {"intake": …} or {"rejected": sentence}.

    Raises InfrastructureError or OSError for what is ours.
    """
    for _ in range(_TRIES):
        try:
            source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno not in _ODD_FILES:
                raise
            what = "is a link" if error.errno == errno.ELOOP else f"could not be opened ({error.strerror})"
            return {"rejected": f"The file {what}. Please hand in the notebook itself."}
        if not stat.S_ISREG(os.fstat(source).st_mode):
            os.close(source)
            return {"rejected": "This is no file but a folder or a pipe. Please hand in the notebook itself."}
        reply = _ask(intake, {"notebook": notebook, "name": path.name, "limit": MAX_BYTES}, source)
        if reply is not None and "fault" in reply:
            raise InfrastructureError(f"reading the notebook failed ({reply['fault']})")
        if reply is not None:
            return reply
    return {
        "rejected": "The file could not be read within the limits of time and memory. "
        "Please check that it is a notebook."
    }


def _ask(intake: Process, message: dict[str, Any], source: int) -> dict[str, Any] | None:
    """Intake's answer; None where reading took its process with it."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as answer:
        try:
            intake.send(message, [source, writer])
        finally:
            os.close(writer)
            os.close(source)
        data = answer.read()
    try:
        reply: dict[str, Any] = json.loads(data)
    except ValueError:  # nothing, or half an answer
        if not intake.alive:
            raise InfrastructureError("the intake process is gone") from None
        return None
    return reply
