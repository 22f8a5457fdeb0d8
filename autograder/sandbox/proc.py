"""What the host's proc says of processes of ours, seen from outside the fence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def status_of(pid: int) -> dict[str, str]:
    """What proc says of a process; empty where it may not be seen."""
    try:
        lines = read(f"/proc/{pid}/status").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def read(path: str) -> str:
    """A file of proc's as text. It is read thirty times for a student, and `pathlib` would take three times as long."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        pieces = []
        while piece := os.read(descriptor, 1 << 16):
            pieces.append(piece)
    finally:
        os.close(descriptor)
    return b"".join(pieces).decode("utf-8", "surrogateescape")


def descendants(pid: int) -> dict[int, int]:
    """`pid` and all that it has started, each with the time at which it was started (in ticks)."""
    children: dict[int, list[int]] = {}
    for other, parent in _parents():
        children.setdefault(parent, []).append(other)
    found, queue = {}, [pid]
    while queue:
        one = queue.pop()
        started = started_at(one)
        if started is not None:
            found[one] = started
        queue += children.get(one, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            yield int(entry.name), int(fields[1])


def tasks_of(uid: int) -> int:
    """How many threads the processes of a user have together, as far as proc shows them."""
    every = (status_of(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return sum(int(one["Threads"]) for one in every if one.get("Uid", "").split()[:1] == [str(uid)])


def started_at(pid: int) -> int | None:
    """When a process was started; None where there is none, or only its exit status is left."""
    fields = _fields(pid)
    return None if not fields or fields[0] in ("Z", "X") else int(fields[19])


def _fields(pid: int) -> list[str]:
    """The fields of proc's stat after the name: state, parent, …"""
    try:
        return read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except OSError:
        return []
