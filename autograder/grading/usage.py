"""What a student's processes have used, as the kernel counts it and proc shows it: read out here, never asked in there.

All processes below pid 1 of the fence are added up: the runner, the test's snapshot, and whatever student code starts.

    cpu_seconds   utime + stime of each, and of the children that each has waited for; in steps of 10 ms
    peak_bytes    the largest resident size that each has had (VmHWM, which a fork starts anew at its own size)

Only differences mean something: the notebook's cells are in it, and forks share pages that each of them counts. The
memory of a process that came and went in between is not seen; the limits of the fence hold for it all the same.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import InfrastructureError
from autograder.sandbox.proc import status_of

_PARENT, _TIMES = 1, slice(11, 15)  # of proc's stat, counted after the name


@dataclass(frozen=True, slots=True)
class Usage:
    """What has been used so far."""

    cpu_seconds: float
    peak_bytes: int


def usage_of(init: int | None) -> Usage:
    """What the process `init` and all below it have used. Raises InfrastructureError where proc does not show it."""
    stats = _stats()
    if init is None or init not in stats:
        raise InfrastructureError("what the student's processes use cannot be seen from here")
    children: dict[int, list[int]] = {}
    for pid, fields in stats.items():
        children.setdefault(int(fields[_PARENT]), []).append(pid)
    tree, queue = [], [init]
    while queue:
        tree.append(queue.pop())
        queue += children.get(tree[-1], [])
    ticks = sum(int(count) for pid in tree for count in stats[pid][_TIMES])
    peaks = (status_of(pid).get("VmHWM", "0 kB") for pid in tree)
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), sum(int(peak.split()[0]) * 1024 for peak in peaks))


def _stats() -> dict[int, list[str]]:
    """The fields of proc's stat after the name, of every process: state, parent, …"""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
    return found
