"""What there is on this machine beside a fence: system, cores, memory, cards, versions, what the grader may give up.
Nothing heavy is imported."""

from __future__ import annotations

import importlib.metadata
import mmap
import os
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder import __version__
from autograder.cli.common import available_cores
from autograder.errors import InfrastructureError

_GIB = 2**30
_HUGE = 2 * 2**20
_COLLAPSE = 25  # MADV_COLLAPSE, Linux 6.1
_LIBRARIES = ("numpy", "torch", "pytest", "ipython")
_EXTRAS = {"torch": "torch"}  # library → the extra that brings it
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_LOW_MEMORY = 2 * _GIB
_LOW_DISK = _GIB


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about the machine; `remark` says what it means for grading, where it does."""

    name: str
    value: str
    remark: str = ""


def machine_facts() -> list[Fact]:
    """System, cores, memory, disk, huge pages, control groups, the grader and cards."""
    return [
        Fact("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        Fact("cores", str(available_cores())),
        _memory(),
        _disk(),
        _huge_pages(),
        _control_groups(),
        _grader(),
        _cards(),
    ]


def software_facts() -> list[Fact]:
    """Versions of Python and of the libraries that grading depends on."""
    return [
        Fact("python", f"{platform.python_version()}, {sys.executable}"),
        Fact("autograder", __version__),
        *(_library(name) for name in _LIBRARIES),
    ]


def _library(name: str) -> Fact:
    try:
        return Fact(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        extra = _EXTRAS.get(name)
        remedy = f"in the project's folder: pip install -e '.[{extra}]'" if extra else f"pip install {name}"
        return Fact(name, "not installed", remedy)


def _memory() -> Fact:
    text = _text(Path("/proc/meminfo"))
    total, free = (_kilobytes(text, name) for name in ("MemTotal", "MemAvailable"))
    if total is None or free is None:
        return Fact("memory", "unknown")
    limit = _limit()
    capped = f", this group may use {_gib(limit)}" if limit is not None and limit < total else ""
    remark = "little: an assignment may ask for 2 GiB a student" if min(free, limit or free) < _LOW_MEMORY else ""
    return Fact("memory", f"{_gib(total)}, {_gib(free)} available{capped}", remark)


def _kilobytes(text: str, name: str) -> int | None:
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _limit() -> int | None:
    """The memory that this process's control group may use, in bytes."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = _text(_own_group("memory") / name).strip()
        if text.isdigit():
            return int(text)
    return None


def _disk() -> Fact:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    return Fact("temporary files", f"{_gib(free)} free in {folder}", "little" if free < _LOW_DISK else "")


def _huge_pages() -> Fact:
    """Whether memory can be collapsed to huge pages, tried on memory of our own."""
    slower = "forks cost more without it; Linux 6.1 or later has it"
    if not hasattr(mmap, "MAP_PRIVATE"):
        return Fact("huge pages", "no", slower)
    with mmap.mmap(-1, 2 * _HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.write(bytes(2 * _HUGE))
        try:
            memory.madvise(_COLLAPSE)
        except (OSError, ValueError):
            return Fact("huge pages", "cannot be collapsed", slower)
    return Fact("huge pages", "can be collapsed")


def _control_groups() -> Fact:
    """Which control groups there are, and whether one can be made inside ours, tried by making one."""
    if not _CONTROL_GROUPS.is_dir():
        return Fact("control groups", "none")
    version = "v2" if (_CONTROL_GROUPS / "cgroup.controllers").exists() else "v1"
    trial = _own_group("memory") / f"autograder-doctor-{os.getpid()}"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        return Fact("control groups", f"{version}, not writable ({error.strerror})")
    return Fact("control groups", f"{version}, writable")


def _grader() -> Fact:
    """What the grader gives up before it meets a student's bytes, tried by a process that does."""
    if platform.system() != "Linux":
        return Fact("grader", "needs Linux")
    # only here: these modules cannot be imported on other systems
    from autograder.grading.seclusion import try_seclusion

    try:
        refused = try_seclusion()
    except (InfrastructureError, OSError) as error:
        return Fact("grader", "could not be tried", str(error))
    if refused:
        return Fact("grader", "; ".join(refused), "grading works without it; the grader itself is less shut off")
    return Fact("grader", "has no network and sees no uploads")


def _own_group(controller: str) -> Path:
    """The folder of this process's control group: that of `controller` in version 1, the only one in version 2."""
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return _CONTROL_GROUPS / controller / path.lstrip("/")
        if not controllers and (_CONTROL_GROUPS / "cgroup.controllers").exists():
            return _CONTROL_GROUPS / path.lstrip("/")
    return _CONTROL_GROUPS / "none"


def _cards() -> Fact:
    """Cards by what their driver says: asking CUDA itself would take seconds and start threads."""
    found = []
    for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        model = re.search(r"^Model:\s*(.+?)\s*$", _text(path), re.MULTILINE)
        found.append(model[1] if model else "a card")
    if not found and Path("/dev/nvidia0").exists():
        found = ["a card whose driver does not name it"]
    return Fact("CUDA", ", ".join(found) if found else "no card")


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} GiB"


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
