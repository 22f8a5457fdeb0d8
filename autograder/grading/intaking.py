"""The intake process: reads what students handed in, in limited forks, the readers.

    ← setup {templates}
    ← reader {}, descriptor: a control socket      a fork that takes files there, one after the other:
    ← read {notebook, name}, descriptors: the submitted file, a pipe for the answer

The answer is one JSON object: {"intake": …}, {"rejected": sentence}, or {"fault": text} where reading raised what it
should not, which is ours; an end of file without one means that reading took the process with it. A reader goes on only
after a file that was read without any of that, so no bad file is followed by another's. The controller sees the file as
an opaque descriptor only, and intake no path of it.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import time
from typing import Any, NoReturn

from autograder.errors import SubmissionRejected
from autograder.grading.seclusion import seclude
from autograder.notebook import Template, imported_modules, read_submission, refuse_large
from autograder.sandbox import libc
from autograder.sandbox.descriptors import receive_message
from autograder.sandbox.fence import limit_cpu
from autograder.sandbox.heap import Heap
from autograder.sandbox.lifeline import hold_on

_MEMORY = 1 << 30
_CPU_SECONDS = 20
_WARM_TIMES = 10
MAX_BYTES = 20 * 2**20
"""Largest submission that is read; a notebook is rarely over one."""


def main(heap: Heap) -> None:
    """Entry point of the process."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    hold_on(int(sys.argv[2]))
    received = receive_message(control)
    if received is None:
        return
    templates = [Template.from_json(template) for template in received[0]["templates"]]
    seclude(None)
    warm_up(templates)
    heap.settle()
    while (received := receive_message(control)) is not None:
        (orders,) = received[1]
        if libc.fork() == 0:
            control.close()
            _serve(templates, socket.socket(fileno=orders))
        os.close(orders)
        _reap_finished()


def warm_up(templates: list[Template]) -> None:
    """Read the released notebooks a few times, so that every fork inherits warm caches and specialised bytecode."""
    for template in templates:
        notebook = json.dumps(
            {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": {"autograder": {"assignment": template.assignment, "notebook": template.notebook}},
                "cells": [
                    {"id": cell.id, "cell_type": cell.kind, "metadata": {}, "source": cell.source, "outputs": []}
                    for cell in template.cells
                ],
            }
        ).encode()
        for _ in range(_WARM_TIMES):
            intake = read_submission(notebook, template.notebook, template)
            json.dumps({"intake": intake.to_json(), "imports": sorted(imported_modules(intake.cells))})


def _serve(templates: list[Template], orders: socket.socket) -> NoReturn:
    """Read files until one gives anything but its cells, or the controller has no more."""
    for limit, value in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(limit, (value, value))
    reply: dict[str, Any] = {"intake": None}
    while "intake" in reply and (received := receive_message(orders)) is not None:
        message, (source, answer) = received
        limit_cpu(time.process_time() + _CPU_SECONDS)
        reply = _read(templates, message, source)
        data = memoryview(json.dumps(reply).encode())
        while data:
            data = data[os.write(answer, data) :]
        os.close(answer)
    os._exit(0)


def _read(templates: list[Template], message: dict[str, Any], source: int) -> dict[str, Any]:
    try:
        return _reply(templates[message["notebook"]], message["name"], source)
    except SubmissionRejected as error:
        return {"rejected": str(error)}
    except MemoryError:  # the file's doing: this process has a limit of its own
        os._exit(1)
    except Exception as error:  # a fault of ours must not read as the student's
        return {"fault": f"{type(error).__name__}: {error}"}


def _reply(template: Template, name: str, source: int) -> dict[str, Any]:
    refuse_large(os.fstat(source).st_size, MAX_BYTES)
    with os.fdopen(source, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    intake = read_submission(data, name, template, max_bytes=MAX_BYTES)
    released = {cell.source for cell in template.cells}  # what a released cell imports is not the student's doing
    own = [cell for cell in intake.cells if cell.source not in released]
    return {"intake": intake.to_json(), "imports": sorted(imported_modules(own)), "digest": intake.digest}


def _reap_finished() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
