"""Start one of our own long-lived processes (zygote, grader, intake): clean environment, nothing but a control socket
and, for those that no student is forked from, a lifeline.

They run as `python -s -P -B`: isolated from the user's site, from the folder and from compiled leftovers. `-I` would
ignore PYTHONHASHSEED, too, and the order of sets must be the same in every batch; the rest of what it ignores is not in
the environment that we give them.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.errors import InfrastructureError
from autograder.sandbox.descriptors import receive_message, send_message
from autograder.sandbox.heap import PLAIN_MEBIBYTES

PACKAGE_PATH = str(Path(__file__).resolve().parents[2])
_ZYGOTE = "autograder.sandbox.zygote"
_BOOT = """\
import os, sys
sys.path.append(sys.argv.pop())
from autograder.sandbox.heap import Heap
heap = Heap.reserve(int(sys.argv.pop()))
from {module} import main
main(heap)
os._exit(0)
"""
"""No tidying up at the end: that would visit, and so copy, every object that a branch shares with its zygote."""


def clean_environment(home: str) -> dict[str, str]:
    """What our processes get to see: no variable of the operator's, one thread per numeric library, no accelerator."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",  # `!python` is the notebook's own
        "HOME": home,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONHASHSEED": "0",  # the order of sets is the same in every batch
        "MALLOC_ARENA_MAX": "2",  # each arena takes 128 MB of the address space that a student may have
        "JUPYTER_PLATFORM_DIRS": "1",
    }


def allow_many_files() -> None:
    """Let this process have as many open files as its account may: a submission under way takes four for each test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Process:
    """A process of ours, spoken to by messages over one socket; requests of several threads take turns."""

    def __init__(
        self,
        module: str,
        *,
        folder: Path,
        home: str,
        environment: dict[str, str] | None = None,
        mebibytes: int = PLAIN_MEBIBYTES,
    ) -> None:
        """Start `module`'s main with the numbers of its control socket and, except in a zygote, of its lifeline.

        `mebibytes`: what is reserved for Python's small objects.
        """
        self.name = module.rpartition(".")[2]
        self.connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        lifeline, self._lifeline = os.pipe()
        command = [sys.executable, "-s", "-P", "-B", "-c", _BOOT.format(module=module)]
        given = (theirs.fileno(),) if module == _ZYGOTE else (theirs.fileno(), lifeline)
        try:
            self._popen = subprocess.Popen(
                [*command, *map(str, given), str(mebibytes), PACKAGE_PATH],
                pass_fds=given,
                cwd=folder,
                env={**clean_environment(home), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            self.connection.close()
            os.close(self._lifeline)
            raise
        finally:
            theirs.close()
            os.close(lifeline)

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send one message. Raises InfrastructureError when the process is gone."""
        with self._lock:
            try:
                send_message(self.connection, message, descriptors)
            except OSError as error:
                raise InfrastructureError(f"the {self.name} process is gone ({error})") from error

    def receive(self) -> dict[str, Any]:
        """The next message. Raises InfrastructureError when the process has ended."""
        try:
            received = receive_message(self.connection)
        except OSError as error:
            raise InfrastructureError(f"the {self.name} process is gone ({error})") from error
        if received is None:
            raise InfrastructureError(f"the {self.name} process ended (exit status {self._popen.wait()})")
        for descriptor in received[1]:
            os.close(descriptor)
        return received[0]

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether it has ended, or does so in this time: what is killed takes a moment to go."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        return not self.alive

    def close(self) -> None:
        """Close the socket, at which the process ends by itself, and see to it that it does, with all its forks."""
        with contextlib.suppress(OSError):  # it may be gone already
            self.connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for an answer, too
        self.connection.close()
        try:
            self._popen.wait(5)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)
