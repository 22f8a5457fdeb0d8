"""Cards as they are seen from outside: which there are, which files of the system they need, who holds them.

CUDA is never started here: that would take seconds, start threads, and hold memory on the card. `nvidia-smi` is asked,
in a process with a time limit, and proc. What a student's process holds is read from its open files:

    /dev/nvidiactl     opened by NVML, too, which only counts cards (`torch.cuda.is_available()` as we set it up)
    /dev/nvidia-uvm    opened by CUDA alone: whoever holds it has started CUDA and can no longer be forked
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.proc import descendants
from autograder.sandbox.share import Share

_MIB = 2**20
_ASK_SECONDS = 20.0
_PLACES = "/usr/bin:/usr/local/nvidia/bin:/opt/bin:/usr/lib/wsl/lib"
_DRIVER = Path("/proc/driver/nvidia/gpus")
_SHARED_NODES = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")
_CUDA = "/dev/nvidia-uvm"
_LIBRARY = "libcuda.so.1"
_LIBRARIES = ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/wsl/lib", "/run/opengl-driver/lib")
SYSTEM = ("/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/sys/module")
"""What CUDA reads of the system before it starts, read-only in the fence: without it, it does not."""
CONTEXT = 2**30
"""Bytes of a card that are kept for what CUDA takes in each process beside the student's own: an estimate, not a
measured number."""
HOST = 4 * 2**30
"""Bytes of the machine's own memory that a process may take for CUDA beside its limit: an estimate, too."""


@dataclass(frozen=True)
class Card:
    """One card. `total` and `free` in bytes, `torch` is its name there, `visible` what CUDA_VISIBLE_DEVICES has to say
    inside the fence, where it is the only one. `nodes` and `folders` are what the fence has to show of the system;
    whoever holds `started` has started CUDA. Tensors that a test sends go there where `inputs` says so."""

    name: str
    total: int
    free: int
    index: int = 0
    uuid: str = ""
    torch: str = "cuda"
    visible: str = "0"
    nodes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    started: str = _CUDA
    inputs: bool = True

    def share(self, memory: int) -> Share:
        """What a student gets who may allocate so many bytes of it."""
        return Share(self.torch, self.visible, memory, self.total, inputs=self.inputs)

    def used(self) -> dict[int, int]:
        """Process → bytes of the card that it holds, as the driver says. Empty where it says nothing: in a container it
        may know other numbers than we do."""
        rows = _ask("compute-apps", "gpu_uuid", "pid", "used_memory")
        found: dict[int, int] = {}
        for uuid, pid, memory in (row for row in rows if len(row) == 3):
            if uuid == self.uuid and pid.isdigit() and memory.isdigit():
                found[int(pid)] = found.get(int(pid), 0) + int(memory) * _MIB
        return found

    def missing(self) -> str | None:
        """What of the system cannot be shown to students, with a remedy; None if all is there."""
        lost = [node for node in self.nodes if not Path(node).exists()]
        if lost:
            return f"{', '.join(lost)} is missing: load the driver as root with `nvidia-modprobe -u -c={self.index}`"
        return None


def find_cards() -> tuple[list[Card], str]:
    """The cards of this machine; where there is none that can be used, the reason as half a sentence."""
    rows = _ask("gpu", "index", "uuid", "name", "memory.total", "memory.free")
    cards = [card for row in rows if (card := _card(row)) is not None]
    if cards and not torch_knows_cuda():
        return [], "the torch that is installed here was built without CUDA"
    if cards:
        return cards, ""
    if _program() is None and (_DRIVER.is_dir() or Path("/dev/nvidiactl").exists()):
        return [], "there is a driver, but no nvidia-smi that tells of its cards"
    return [], "no card was found"


def torch_knows_cuda() -> bool:
    """Whether the installed torch has its CUDA part; torch itself is not imported."""
    found = importlib.util.find_spec("torch")
    return found is not None and found.origin is not None and any(Path(found.origin).parent.glob("lib/*torch_cuda*"))


def has_started(init: int, card: Card) -> bool:
    """Whether a process below pid 1 of a fence, or that itself, has started CUDA. One that we may not look into, as an
    ordinary user, counts as if it had: then its tests run in workers, which is slower and right either way."""
    return any(_holds(pid, {card.started}, unseen=True) for pid in descendants(init))


def holders(pids: Iterable[int], card: Card) -> set[int]:
    """Those of these processes that still hold the card."""
    nodes = {*card.nodes, card.started}
    return {pid for pid in pids if _holds(pid, nodes)}


def _holds(pid: int, nodes: Collection[str], *, unseen: bool = False) -> bool:
    try:
        return any(target in nodes for target in _targets(Path(f"/proc/{pid}/fd")))
    except PermissionError:
        return unseen
    except OSError:  # it has just ended
        return False


def _targets(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        try:
            yield str(entry.readlink())
        except FileNotFoundError:
            continue


def _card(row: Sequence[str]) -> Card | None:
    if len(row) != 5 or not (row[0].isdigit() and row[3].isdigit() and row[4].isdigit()):
        return None  # "[N/A]": its memory is the machine's own, which nobody can share out
    index, uuid, name = int(row[0]), row[1], row[2]
    own = f"/dev/nvidia{_minor(index, uuid)}"
    return Card(
        name=name,
        total=int(row[3]) * _MIB,
        free=int(row[4]) * _MIB,
        index=index,
        uuid=uuid,
        nodes=(own, *(node for node in _SHARED_NODES if node == _CUDA or Path(node).exists())),
        folders=SYSTEM,
        libraries=_libraries(),
    )


def _minor(index: int, uuid: str) -> int:
    """The number of a card's device node. The driver's own order need not be that of the nodes."""
    for path in sorted(_DRIVER.glob("*/information")):
        text = path.read_text(errors="replace")
        minor = re.search(r"^Device Minor:\s*(\d+)", text, re.MULTILINE)
        if minor is not None and uuid and uuid in text:
            return int(minor[1])
    nodes = [path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia[0-9]*")]
    numbers = sorted(int(name) for name in nodes if name.isdigit())
    return numbers[0] if len(numbers) == 1 else index


def _libraries() -> tuple[str, ...]:
    """Where the driver's own libraries lie, if the system's loader does not know it."""
    try:
        cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, timeout=_ASK_SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        cache = b""
    if _LIBRARY.encode() in cache:
        return ()
    return tuple(folder for folder in _LIBRARIES if Path(folder, _LIBRARY).exists())


def _program() -> str | None:
    return shutil.which("nvidia-smi") or shutil.which("nvidia-smi", path=_PLACES)


def _ask(what: str, *fields: str) -> list[list[str]]:
    """What nvidia-smi tells, a row per card or process; nothing where it does not answer."""
    program = _program()
    if program is None:
        return []
    command = [program, f"--query-{what}={','.join(fields)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_ASK_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = done.stdout.decode(errors="replace").splitlines() if done.returncode == 0 else []
    return [[part.strip() for part in line.split(",")] for line in lines if line.strip()]
