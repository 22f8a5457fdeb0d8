"""What a command costs, together with everything it starts: wall time, CPU time, peak memory.

    caller → its commands as JSON → a process of its own, which starts, reaps and samples them → what they cost

The measuring process has no other children and no threads, whatever its caller has: all that comes back to it counts,
and what does not end in time it kills.

Wall time runs from the start of the first command to the end of the last; stragglers do not count.

CPU time is taken twice and the larger figure counts, because each way can only miss some:
- The measuring process is a child subreaper, so daemons that lose their parent come back here, and `wait4` adds up
  whatever was waited for. It misses processes that the kernel reaps by itself (the rest of a killed pid namespace).
- A cgroup of its own counts everything inside, however it ends. It misses what a command moves to another cgroup, and
  it can only be had where this process may create one.

Peak memory is the highest sum of proportional set sizes (`smaps_rollup`: shared pages are divided among those who
share them, so that forked processes are not counted twice) over all descendants. Reading it takes time from what is
measured: memory is sampled in runs whose times are thrown away.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_EVERY = 0.02  # seconds
STRAGGLERS_MAY_TAKE = 10.0  # seconds from the last command's end until what it left behind is killed
LOG_TAIL = 2000  # characters of a failed command's output that are shown


class CommandFailed(Exception):
    """A measured command did not end with exit status 0."""


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run; its output goes to `log`."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    log: Path


@dataclass(frozen=True, slots=True)
class Usage:
    """Wall seconds, CPU seconds (user and system), and peak bytes where they were sampled."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int | None = None


def measure(commands: Sequence[Command], at_once: int = 1, *, memory: bool = False) -> Usage:
    """The cost of running all commands, `at_once` at a time; CommandFailed if one of them fails."""
    order = {"commands": [_to_json(command) for command in commands], "at_once": at_once, "memory": memory}
    program = [sys.executable, "-I", __file__]
    done = subprocess.run(program, input=json.dumps(order), stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    if told["failures"]:
        raise CommandFailed("\n".join(told["failures"]))
    return Usage(**told["usage"])


def main() -> None:
    """Measure the commands that standard input names, and print what they cost: the edge of the measuring process."""
    order = json.load(sys.stdin)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with _cpu_cgroup() as cgroup:
        tree = _Tree(cgroup, order["memory"])
        started = time.perf_counter()
        waiting = deque(map(_from_json, order["commands"]))
        while tree.running or (waiting and not tree.failures):
            while waiting and len(tree.running) < order["at_once"] and not tree.failures:
                tree.start(waiting.popleft())
            tree.wait()
        seconds = time.perf_counter() - started
        tree.reap_stragglers()
        cpu = max(tree.cpu_seconds, cgroup.cpu_seconds() if cgroup else 0.0)
    usage = Usage(seconds, cpu, tree.peak_bytes if order["memory"] else None)
    print(json.dumps({"usage": asdict(usage), "failures": tree.failures}))


def _to_json(command: Command) -> dict[str, Any]:
    paths = {"cwd": str(command.cwd.absolute()), "log": str(command.log.absolute())}
    return {"argv": list(command.argv), "env": dict(command.env)} | paths


def _from_json(told: dict[str, Any]) -> Command:
    return Command(tuple(told["argv"]), Path(told["cwd"]), told["env"], Path(told["log"]))


class _Tree:
    """The commands that run now and the sums over all that ended."""

    def __init__(self, cgroup: _Cgroup | None, memory: bool) -> None:
        self.cgroup = cgroup
        self.memory = memory
        self.running: dict[int, tuple[subprocess.Popen[bytes], Command]] = {}
        self.failures: list[str] = []
        self.cpu_seconds = 0.0
        self.peak_bytes = 0

    def start(self, command: Command) -> None:
        join: Callable[[], None] | None = self.cgroup.join if self.cgroup else None
        with command.log.open("wb") as log:
            process = subprocess.Popen(
                command.argv,
                cwd=command.cwd,
                env=dict(command.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=join,  # safe: this process has no threads
            )
        self.running[process.pid] = (process, command)

    def wait(self) -> None:
        """Reap one child, whichever ends first; sample memory until it does."""
        while self.memory and not self._reap(os.WNOHANG):
            self.peak_bytes = max(self.peak_bytes, sum(map(proportional_bytes, descendants(os.getpid()))))
            time.sleep(SAMPLE_EVERY)
        if not self.memory:
            self._reap(0)

    def reap_stragglers(self) -> None:
        """Wait for the daemons that the commands left behind, and kill them when they take too long."""
        deadline = time.monotonic() + STRAGGLERS_MAY_TAKE
        with contextlib.suppress(ChildProcessError):
            while True:
                if self._reap(os.WNOHANG):
                    continue
                if time.monotonic() > deadline:
                    for pid in descendants(os.getpid()):
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                time.sleep(SAMPLE_EVERY)

    def _reap(self, options: int) -> bool:
        pid, status, usage = os.wait4(-1, options)
        if pid == 0:
            return False
        self.cpu_seconds += usage.ru_utime + usage.ru_stime
        if pid in self.running:
            process, command = self.running.pop(pid)
            process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen cannot find out by itself
            if process.returncode != 0:
                tail = command.log.read_text(errors="replace")[-LOG_TAIL:]
                self.failures.append(f"{' '.join(command.argv)}: exit status {process.returncode}\n{tail}")
        return True


class _Cgroup:
    """A cgroup (version 2) that exists while commands are measured."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.mkdir()

    def join(self) -> None:
        """Move the calling process in; for a child between fork and exec."""
        (self.path / "cgroup.procs").write_text("0")

    def cpu_seconds(self) -> float:
        fields = dict(line.split() for line in (self.path / "cpu.stat").read_text().splitlines())
        return int(fields["usage_usec"]) / 1e6

    def remove(self) -> None:
        """Remove it and what commands made below it; what is still busy stays."""
        below = [path for path in self.path.rglob("*") if path.is_dir()]
        for path in [*sorted(below, reverse=True), self.path]:
            with contextlib.suppress(OSError):
                path.rmdir()


@contextlib.contextmanager
def _cpu_cgroup() -> Iterator[_Cgroup | None]:
    """A fresh cgroup below our own, or None where that is not allowed."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    roots = [mount[1] for mount in mounts if mount[2] == "cgroup2"]
    own = [line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")]
    cgroup = None
    if roots and own:
        with contextlib.suppress(OSError):
            cgroup = _Cgroup(Path(roots[0] + own[0]) / f"benchmark-{os.getpid()}-{time.monotonic_ns()}")
    try:
        yield cgroup
    finally:
        if cgroup:
            cgroup.remove()


def descendants(root: int) -> list[int]:
    """All processes below `root`, itself not among them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # The name in parentheses may hold spaces: fields are counted from the last parenthesis.
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    new = children.get(root, [])
    while new:
        found += new
        new = [child for pid in new for child in children.get(pid, [])]
    return found


def proportional_bytes(pid: int) -> int:
    """The memory of one process, shared pages divided; 0 if it is gone or may not be read."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
