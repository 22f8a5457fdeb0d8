"""Where and when numbers were measured."""

from __future__ import annotations

import datetime
import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """The line under a table of numbers."""

    cores: int
    processor: str
    memory_bytes: int
    python: str
    torch: str
    kernel: str
    date: str
    load: float  # average over the minute before; near 0 on a quiet machine

    def __str__(self) -> str:
        memory = f"{self.memory_bytes / 2**30:.0f} GiB"
        tools = f"Python {self.python}, torch {self.torch}, Linux {self.kernel}"
        return f"{self.cores} cores ({self.processor}), {memory}, {tools}, {self.date}, load before {self.load:.1f}"


def this_machine() -> Machine:
    """This machine, now."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        processor=models[0] if models else platform.machine(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        python=platform.python_version(),
        torch=version("torch"),
        kernel=platform.release(),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        load=os.getloadavg()[0],
    )
