"""The rules that make up the fence, by name.

Grading always enforces all that the machine can hold. A fence without one of them is built for tests alone: an attack
that must fail has to get through where its own rule is switched off, or it proves nothing.
"""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """One thing that the fence enforces."""

    MOUNTS = "mounts"  # a mount namespace and scratch of its own
    PROCESSES = "processes"  # a pid namespace with a proc of its own
    NETWORK = "network"  # a network namespace without any interface
    IPC = "ipc"  # System V objects and POSIX queues of its own
    READ_ONLY = "read-only"  # system folders and packages cannot be written
    COVERS = "covers"  # this package and the course's secrets are hidden
    SCRATCH = "scratch"  # size and number of scratch files are capped
    CAPABILITIES = "capabilities"  # all are dropped
    NO_NEW_PRIVILEGES = "no-new-privileges"
    MEMORY = "memory"  # RLIMIT_AS
    COUNT = "count"  # RLIMIT_NPROC
    DESCRIPTORS = "descriptors"  # RLIMIT_NOFILE
    FILE_SIZE = "file-size"  # RLIMIT_FSIZE
    CPU = "cpu"  # RLIMIT_CPU
    SYSTEM_CALLS = "system-calls"  # the seccomp filter
    CGROUP = "cgroup"  # memory and number of processes, where it can be had


ALL: frozenset[Rule] = frozenset(Rule)
WITHOUT_NAMESPACES = ALL - {Rule.MOUNTS, Rule.PROCESSES, Rule.NETWORK, Rule.IPC, Rule.SCRATCH}
"""What `reduced` enforces by these names; its filter of system calls stands in for some of the others."""

FULL = "full"
"""The tier of a fence that holds all of them; what a report says of it."""
FULL_SOFT = "full-soft"
"""All but the control groups: memory is bounded a process at a time, and by the size of scratch."""
REDUCED = "reduced"
"""The tier of a fence without namespaces, which is built only where somebody asks for it: see `reduced`."""
UNFENCED = "none"
"""Code that ran without a fence, or with one that lacks a rule; such results are never exported as grades."""
