"""Each rule of the fence alone: with all of them a probe is held, without its own rule it gets through.

A probe is one cell that prints whether it got through. Where a rule's absence shows only when another is gone, too, the
table says which and why: then the probe is held without the one, and gets through without both.
"""

from __future__ import annotations

import ctypes
import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import FenceError
from autograder.sandbox.channel import ChannelClosed
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
from autograder.sandbox.rules import ALL, FULL, FULL_SOFT, UNFENCED, Rule

if sys.platform != "linux":
    pytest.skip("the fence needs Linux", allow_module_level=True)

MIB = 2**20
SMALL: dict[str, Any] = {"memory": 64 * MIB, "scratch": 16 * MIB, "processes": 20}
SECONDS = 120.0


@dataclass(frozen=True)
class Probe:
    """A cell that sets `through`. `before` runs first, in another student's notebook."""

    rule: Rule
    name: str
    cell: str
    limits: dict[str, Any] = field(default_factory=dict)
    before: str = ""
    together: frozenset[Rule] = frozenset()
    because: str = ""


FILTER = frozenset({Rule.SYSTEM_CALLS})
PROBES = (
    Probe(
        Rule.MOUNTS,
        "find what another student left",
        "through = os.path.exists('/scratch/work/left')",
        before="open('/scratch/work/left', 'w').close()\nthrough = True",
    ),
    Probe(
        Rule.PROCESSES,
        "read another process's command line",
        "through = Path('/proc/HOST_PID/cmdline').read_bytes() == HOST_LINE",
    ),
    Probe(Rule.NETWORK, "connect to the host by an abstract name", "connect(socket.AF_UNIX, DOOR)\nthrough = True"),
    Probe(
        Rule.NETWORK,
        "connect to the host by the loopback",
        "connect(socket.AF_INET, ('127.0.0.1', PORT))\nthrough = True",
        together=FILTER,
        because="the filter knows no sockets but AF_UNIX",
    ),
    Probe(
        Rule.IPC,
        "open a message queue of the host's",
        "through = getattr(ctypes.CDLL(None), 'mq_open')(QUEUE, os.O_RDONLY) >= 0",
    ),
    Probe(Rule.READ_ONLY, "write to a folder of packages", "Path('SITE/mark').write_text('x')\nthrough = True"),
    Probe(Rule.COVERS, "read a secret beside packages", "through = 'canary' == Path('SITE/secret/canary').read_text()"),
    Probe(Rule.COVERS, "read it by a link", "through = 'canary' == Path('LINKED/secret/canary').read_text()"),
    Probe(
        Rule.SCRATCH,
        "make many files",
        "for n in range(200):\n    open(f'{n}', 'w').close()\nthrough = True",
        limits={"files": 100},
    ),
    Probe(
        Rule.SCRATCH,
        "write much",
        "for n in range(6):\n    Path(f'{n}').write_bytes(bytes(4 * 2**20))\nthrough = True",
    ),
    Probe(
        Rule.CAPABILITIES,
        "read a file whose mode forbids it",
        "Path('x').write_text('x')\nos.chmod('x', 0)\nthrough = Path('x').read_text() == 'x'",
    ),
    Probe(
        Rule.CAPABILITIES,
        "mount a file system",
        "os.mkdir('m')\nthrough = ctypes.CDLL(None).mount(b'none', b'm', b'tmpfs', 0, None) == 0",
        together=FILTER,
        because="the filter refuses all that has to do with mounts",
    ),
    Probe(
        Rule.NO_NEW_PRIVILEGES,
        "be allowed to gain privileges",
        "through = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 0",
        together=FILTER,
        because="without it the kernel takes no filter, and there is no fence; to use it would take a set-user-id"
        " program, which the mounts do not honour",
    ),
    Probe(Rule.MEMORY, "map much memory", "import mmap\nmmap.mmap(-1, 2**31)\nthrough = True"),
    Probe(Rule.COUNT, "start processes", "through = forks(23) == 23"),
    Probe(
        Rule.COUNT,
        "start many processes",
        "through = forks(60) == 60",
        together=frozenset({Rule.CGROUP}),
        because="the control group counts processes, too, with a little room for our own",
    ),
    Probe(
        Rule.DESCRIPTORS,
        "open many files",
        "files = [open('/dev/null') for _ in range(200)]\nthrough = True",
        limits={"descriptors": 100},
    ),
    Probe(
        Rule.FILE_SIZE,
        "write a large file",
        "Path('x').write_bytes(bytes(2**21))\nthrough = True",
        limits={"file_size": MIB},
    ),
    Probe(
        Rule.CPU,
        "use more CPU time than any phase has",
        """
most = resource.getrlimit(resource.RLIMIT_CPU)[1]
resource.setrlimit(resource.RLIMIT_CPU, (most, most))
while time.process_time() < 4:
    pass
through = True""",
        limits={"notebook_seconds": 1, "test_seconds": 1, "prepare_seconds": 1},
    ),
    Probe(
        Rule.SYSTEM_CALLS, "make a socket of another family", "socket.socket(socket.AF_INET).close()\nthrough = True"
    ),
    Probe(
        Rule.SYSTEM_CALLS,
        "become root of a namespace",
        "through = ctypes.CDLL(None).unshare(0x10000000) == 0",
    ),
    Probe(Rule.CGROUP, "hold much memory in many processes", "through = forks(8, 50 * 2**20) == 8"),
)
PRELUDE = """
import ctypes, os, resource, socket, time
from pathlib import Path
def connect(family, address):
    with socket.socket(family) as one:
        one.connect(address)
def forks(wanted, size=0):
    # how many children there are at once, each holding `size` bytes
    ready, tell = os.pipe()
    for _ in range(wanted):
        if os.fork() == 0:
            held = b"x" * size
            os.write(tell, b"x")
            time.sleep(600)
    count, deadline = 0, time.monotonic() + 60
    os.set_blocking(ready, False)
    while count < wanted and time.monotonic() < deadline:
        try:
            count += len(os.read(ready, 99))
        except BlockingIOError:
            time.sleep(0.01)
        if size and any(os.waitpid(-1, os.WNOHANG)):
            break
    return count
through = False
"""
ANSWER = "\nprint('through' if through else 'held')"


@pytest.fixture(scope="module")
def host() -> Iterator[dict[str, str]]:
    """What the host has for probes to reach; its names and values by the words in the cells."""
    door, name = f"\0autograder-rules-{os.getpid()}", f"/autograder-rules-{os.getpid()}".encode()
    with socket.socket(socket.AF_UNIX) as unix, socket.create_server(("127.0.0.1", 0)) as tcp:
        unix.bind(door)
        unix.listen(64)
        mask = os.umask(0)
        queues = ctypes.CDLL(None, use_errno=True)
        queue = queues.mq_open(name, os.O_RDWR | os.O_CREAT, 0o666, None)
        os.umask(mask)
        assert queue >= 0, os.strerror(ctypes.get_errno())
        yield {
            "HOST_PID": str(os.getpid()),
            "HOST_LINE": repr(Path("/proc/self/cmdline").read_bytes()),
            "DOOR": repr(door),
            "PORT": str(tcp.getsockname()[1]),
            "QUEUE": repr(name),
        }
        os.close(queue)
        queues.mq_unlink(name)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of packages that anybody may write, with a secret in it; the way to it leads over a link."""
    base = tmp_path_factory.mktemp("packages")
    site = base / "real" / "site-packages"
    (site / "secret").mkdir(parents=True)
    (site / "secret" / "canary").write_text("canary")
    site.chmod(0o777)
    (base / "link").symlink_to(base / "real")
    linked = base / "link" / "site-packages"
    sys.path.append(str(linked))
    yield linked
    sys.path.remove(str(linked))


def build(packages: Path, without: frozenset[Rule]) -> Fence:
    return Fence({}, (), (packages / "secret",), limits=Limits(**SMALL), without=without)


@pytest.fixture(scope="module")
def whole(packages: Path) -> Iterator[Fence]:
    """A fence with all rules."""
    fence = build(packages, frozenset())
    yield fence
    fence.close()


def run_cell(fence: Fence, probe: Probe, source: str, host: dict[str, str]) -> str:
    """What a cell prints, in a student of its own: "held" also where it fails or the process is ended."""
    for word, value in host.items():
        source = source.replace(word, value)
    student = fence.spawn(0, Limits(**{**SMALL, **probe.limits}), 0, 0)
    try:
        student.wait_ready()
        deadline = time.monotonic() + SECONDS
        student.runner.send(("run", 0, PRELUDE + source + ANSWER), deadline)
        while (message := student.runner.receive(deadline))[0] != "done":
            pass
        _, _, outputs, error, _ = message
        if error is not None:
            assert {"OSError", "MemoryError"} & {error["name"], *error["bases"]}, error
            return "held"
        return "".join(output["text"] for output in outputs if output["output_type"] == "stream").strip()
    except ChannelClosed:
        return "held"
    finally:
        pidfd = student.kill()
        if pidfd is not None:
            assert select.select([pidfd], [], [], 60)[0]
            os.close(pidfd)


def outcome(fence: Fence, probe: Probe, host: dict[str, str], packages: Path) -> str:
    """Whether a probe gets through a fence."""
    words = {**host, "SITE": str(packages.resolve()), "LINKED": str(packages)}
    if probe.before:
        assert run_cell(fence, probe, probe.before, words) == "through"
    return run_cell(fence, probe, probe.cell, words)


def tier_without(rules: frozenset[Rule]) -> str:
    return FULL_SOFT if rules == {Rule.CGROUP} else UNFENCED


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.rule.value}: {probe.name}")
def test_rule(probe: Probe, whole: Fence, host: dict[str, str], packages: Path) -> None:
    """The whole fence holds the probe; without the rule, and what else the table names, it gets through."""
    if whole.tier != FULL and Rule.CGROUP in {probe.rule, *probe.together}:
        pytest.skip(whole.soft_because)
    assert outcome(whole, probe, host, packages) == "held"
    alone = frozenset({probe.rule})
    for off in [alone, alone | probe.together] if probe.together else [alone]:
        fence = build(packages, off)
        try:
            assert fence.tier == tier_without(off)
            if off == {Rule.NO_NEW_PRIVILEGES}:
                with pytest.raises(FenceError, match="seccomp: Permission denied"):
                    outcome(fence, probe, host, packages)
            else:
                expected = "through" if off == alone | probe.together else "held"
                assert outcome(fence, probe, host, packages) == expected, sorted(off)
        finally:
            fence.close()


def test_every_rule_has_a_probe() -> None:
    """No rule is without a probe; each but one shows alone, and where two must be off the reason is written down."""
    assert {probe.rule for probe in PROBES} == ALL
    assert {probe.rule for probe in PROBES if not probe.together} == ALL - {Rule.NO_NEW_PRIVILEGES}
    assert all(bool(probe.because) == bool(probe.together) for probe in PROBES)


def test_whole_fence_has_a_tier_that_counts(whole: Fence) -> None:
    """Its results are grades."""
    assert whole.tier == (FULL if not whole.soft_because else FULL_SOFT)
