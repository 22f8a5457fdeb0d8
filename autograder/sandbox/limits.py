"""What one student may use. Pure values, importable on every system; `fence` and `runner` put them into force."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MEMORY_SHARES = 2
"""Budgets of memory that one student may hold at once: the notebook's and a test's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one student may use. Seconds are CPU seconds of one process, bytes are address space above the zygote's."""

    notebook_seconds: float = 60.0
    test_seconds: float = 10.0
    prepare_seconds: float = 60.0
    memory: int = 2 * 2**30
    scratch: int = 512 * 2**20
    files: int = 20_000
    processes: int = 256
    descriptors: int = 1024
    file_size: int = 256 * 2**20
    card: int = 0  # bytes on a card; 0 where there is none
    together: float = 0.0  # CPU seconds of a process that runs a notebook and its tests: on a card, see `worker`

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def longest(self) -> float:
        return max(self.notebook_seconds, self.test_seconds, self.prepare_seconds, self.together)


def wall(cpu_seconds: float) -> float:
    """The far wall clock in seconds that goes with a CPU limit: a busy machine must fail nobody."""
    return 4 * cpu_seconds + 30
