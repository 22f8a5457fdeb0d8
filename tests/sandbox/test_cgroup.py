"""Control groups. What is real here and what is not:

real        the machine's own groups by whatever version it has memory and pids in: bounds, counts, members, ends
real        version 2's hierarchy with whatever controllers are free there (on a machine that has memory and pids in
            version 1, often `hugetlb` alone): where groups may be made, handed over, left, in a container's view
not real    version 2's files for memory and pids: a folder that behaves like the kernel's in names and contents
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import cgroup, hierarchy
from autograder.sandbox.cgroup import Bounds, NoControlGroups, Pen, Pens
from autograder.sandbox.limits import Limits

if sys.platform != "linux":
    pytest.skip("control groups need Linux", allow_module_level=True)

MIB = 2**20
NOBODY = 65534
SMALL = Bounds(96 * MIB, 24)
MOUNTS = Path("/sys/fs/cgroup")
UNIFIED = next((path for path in (MOUNTS, MOUNTS / "unified") if (path / "cgroup.controllers").exists()), None)


class Member:
    """A process in a pen: runs Python code that it is given once it is inside."""

    def __init__(self, source: str, pen: Pen | None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"import os, sys, time\nsys.stdin.readline()\n{source}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if pen is not None:
            pen.enter(self.process.pid)

    def go(self) -> Member:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> int:
        """Its exit status; minus the signal that ended it."""
        return self.process.wait(120)


@pytest.fixture
def start() -> Iterator[Callable[..., Member]]:
    """Starts members; all are gone after the test."""
    started: list[Member] = []

    def one(source: str, pen: Pen | None = None) -> Member:
        started.append(Member(source, pen))
        return started[-1]

    yield one
    for member in started:
        with member.process as process:
            process.kill()


def open_pens(bounds: Bounds) -> Pens:
    try:
        return Pens(bounds)
    except NoControlGroups as error:
        pytest.skip(error.strerror)


@pytest.fixture
def pens() -> Iterator[Pens]:
    """Real groups with small bounds."""
    pens = open_pens(SMALL)
    yield pens
    pens.close()


FILLINGS = {
    "anonymous": "keep.append(bytearray(4 * MIB))",
    "memory file": "file = os.memfd_create('x'); os.write(file, bytes(4 * MIB))",
    "tmpfs": "file = os.open('/dev/shm', os.O_TMPFILE | os.O_RDWR); os.write(file, bytes(4 * MIB))",
    "shared memory": "keep.append(mmap.mmap(-1, 4 * MIB)); keep[-1].write(bytes(4 * MIB))",
    "pipes": "ends = os.pipe(); fcntl.fcntl(ends[0], 1031, MIB); os.set_blocking(ends[1], False);"
    "[os.write(ends[1], bytes(65536)) for _ in range(16)]",
}
FILL = """
import fcntl, mmap
MIB, keep = 2**20, []
for turn in range(TURNS):
    FILLING
print("whole", flush=True)
time.sleep(600)
"""


def test_memory_that_others_have_filled(start: Callable[..., Member]) -> None:
    """Where the machine's memory, or a container's, is full, the kernel ends somebody, too. The pen met no bound."""
    pens = open_pens(Bounds(memory=2**33, processes=SMALL.processes))
    try:
        pen = pens.pen(1)
        name = "memory.max" if pen.version == 2 else "memory.limit_in_bytes"
        (around,) = {folder.parent for folder in pen.folders if (folder / name).exists()}
        (around / name).write_text(str(SMALL.memory))
        source = FILL.replace("FILLING", FILLINGS["anonymous"]).replace("TURNS", "40")
        assert start(source, pen).go().end() == -signal.SIGKILL
        assert pen.counts() == (0, 1)
    finally:
        pens.close()


@pytest.mark.parametrize("filling", FILLINGS)
def test_memory_bound_ends_who_fills_it(pens: Pens, start: Callable[..., Member], filling: str) -> None:
    """Whatever the memory is held in, the kernel ends the process at the bound, and the pen says so."""
    if filling == "pipes" and os.geteuid() != 0:
        pytest.skip("an ordinary user's pipes may hold little in all")
    pen = pens.pen(1)
    turns = 160 if filling == "pipes" else 40
    source = FILL.replace("FILLING", FILLINGS[filling]).replace("TURNS", str(turns))
    assert pen.counts() == (0, 0)
    assert start(source, pen).go().end() == -signal.SIGKILL
    met, killed = pen.counts()
    assert met > 0
    assert killed == 1
    assert pens.pen(0).counts() == (0, 0)
    beside = start(source).go()
    assert beside.line() == "whole"  # outside it is possible


def test_memory_bound_holds_for_all_together(pens: Pens, start: Callable[..., Member]) -> None:
    """Processes that each hold little meet the bound together."""
    pen = pens.pen(0)
    source = "keep = bytearray(30 * 2**20)\nprint('held', flush=True)\ntime.sleep(600)"
    members = [start(source, pen) for _ in range(5)]
    for member in members:
        member.go()
        member.line()  # it holds its share, or is gone
    assert pen.killed() >= 1
    assert len(pen.members()) < 5


FORK = """
made = 0
try:
    for _ in range(99):
        if os.fork() == 0:
            time.sleep(600)
        made += 1
except BlockingIOError:
    pass
print(made, flush=True)
time.sleep(600)
"""


def test_process_bound_refuses_a_fork(pens: Pens, start: Callable[..., Member]) -> None:
    """At the bound a fork fails, for processes and threads alike; another slot is not concerned."""
    assert start(FORK, pens.pen(0)).go().line() == str(SMALL.processes - 1)
    threads = "import threading\nmade = 0\ntry:\n    for _ in range(99):\n"
    threads += "        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n        made += 1\n"
    threads += "except RuntimeError:\n    pass\nprint(made, flush=True)\nos._exit(0)"
    assert start(threads, pens.pen(1)).go().line() == str(SMALL.processes - 1)


def test_peak(pens: Pens, start: Callable[..., Member]) -> None:
    """The peak is what was held at most, also when it is given back; it can be forgotten where the kernel lets us."""
    pen = pens.pen(0)
    member = start("keep = bytearray(40 * 2**20)\nkeep = None\nprint('x', flush=True)\ntime.sleep(600)", pen)
    assert pen.peak() is None
    pen.forget_peak()
    before = pen.peak()
    if before is None:
        pytest.skip("this kernel does not count the peak")
    assert before < 40 * MIB
    assert member.go().line() == "x"
    assert 40 * MIB <= (pen.peak() or 0) <= SMALL.memory
    pen.forget_peak()
    assert (pen.peak() or 0) < 40 * MIB


def test_peak_where_nobody_counts(tmp_path: Path) -> None:
    """A kernel without a peak gives none."""
    for version in (1, 2):
        pen = Pen((tmp_path,), version)
        pen.forget_peak()
        assert pen.peak() is None


def test_members_are_born_inside(pens: Pens, start: Callable[..., Member]) -> None:
    """Who has entered is inside in every hierarchy, with all that it forks from then on; nobody else is."""
    pen = pens.pen(0)
    member = start("child = os.fork()\nif child: print(child, flush=True)\ntime.sleep(600)", pen)
    outside = start("")
    assert pen.members() == {member.process.pid}
    child = int(member.go().line())
    assert pen.members() == {member.process.pid, child}
    for pid in (member.process.pid, child):
        assert pen.name_in(listing(pid))
        assert not pens.pen(1).name_in(listing(pid))
    assert not pen.name_in(listing(outside.process.pid))
    assert not pen.name_in("")


def listing(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text()


def test_name_in_only_one_hierarchy(pens: Pens, start: Callable[..., Member]) -> None:
    """A process that entered only one of two hierarchies is not inside, nor is one in a group below."""
    pen = pens.pen(0)
    member = start("time.sleep(600)", pen)
    where = listing(member.process.pid)
    assert not pen.name_in(where.replace("slot-0", "slot-0/below"))
    if pen.version == 2:
        pytest.skip("version 2 has one hierarchy")
    lines = where.splitlines()
    ours = [line for line in lines if "slot-0" in line]
    assert len(ours) == 2
    for line in ours:
        assert not pen.name_in("\n".join(other for other in lines if other != line))


BOMB = """
while True:
    with __import__("contextlib").suppress(OSError):
        os.fork()
"""


def test_close_ends_who_is_inside(start: Callable[..., Member], eventually: Callable[..., bool]) -> None:
    """Closing ends sleepers, whoever ignores signals, and a fork bomb, and leaves no folder."""
    pens = open_pens(SMALL)
    deaf = "import signal\nfor n in set(signal.valid_signals()) - {9, 19}: signal.signal(n, signal.SIG_IGN)\n"
    members = [start(deaf + "print(1, flush=True)\ntime.sleep(600)", pens.pen(0)), start(BOMB, pens.pen(1))]
    assert members[0].go().line() == "1"
    members[1].go()
    assert eventually(lambda: len(pens.pen(1).members()) >= SMALL.processes - 4)
    folders = [folder for slot in (0, 1) for folder in pens.pen(slot).folders]
    assert all(folder.exists() for folder in folders)
    pens.close()
    assert [member.end() for member in members] == [-signal.SIGKILL] * 2
    assert not any(folder.exists() or folder.parent.exists() for folder in folders)
    pens.close()  # once more does nothing


CONTROLLER = """
import os, subprocess, sys, time
from autograder.sandbox.cgroup import Bounds, Pens
pens = Pens(Bounds(2**26, 9))
inside = subprocess.Popen(["sleep", "600"])
pens.pen(3).enter(inside.pid)
print(inside.pid, *pens.pen(3).folders, flush=True)
time.sleep(600)
"""


def test_pens_that_are_closed(pens: Pens) -> None:
    """A thread that still works with a fence that another one has closed gets an error of the machine's."""
    pens.close()
    with pytest.raises(OSError, match="the control groups were removed"):
        pens.pen(3)


def test_sweep_takes_what_a_killed_controller_left(start: Callable[..., Member]) -> None:
    """The next controller ends what a killed one has left and removes its groups; a living one's stay."""
    open_pens(SMALL).close()
    dead, living = start(CONTROLLER).go(), start(CONTROLLER).go()
    told = [member.line().split() for member in (dead, living)]
    folders = [[Path(name) for name in names] for _, *names in told]
    sleeper = os.pidfd_open(int(told[0][0]))
    dead.process.kill()
    dead.end()
    pens = open_pens(SMALL)
    try:
        assert select.select([sleeper], [], [], 30)[0]
        assert not any(folder.parent.exists() for folder in folders[0])
        assert all(folder.exists() for folder in folders[1])
        assert Path(f"/proc/{told[1][0]}").exists()
    finally:
        pens.close()
        os.close(sleeper)
        for pid, *_ in told:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        living.process.kill()
        living.end()
        open_pens(SMALL).close()
    assert not any(folder.parent.exists() for folder in folders[1])


def test_sweep_goes_by_locks(pens: Pens) -> None:
    """What nobody holds locked is swept even if its number is a living process's again, and nothing else is touched."""
    for mine in {folder.parent for folder in pens.pen(0).folders}:
        left = mine.parent / f"{mine.name.rpartition('-')[0]}-00000000"
        other = mine.parent / "autograder-test-other"
        for folder in (left, left / "slot-0", other):
            folder.mkdir()
        try:
            hierarchy.sweep(mine.parent)
            assert not left.exists()
            assert other.exists()
            assert (mine / "slot-0").exists()
        finally:
            other.rmdir()


def test_bounds_leave_room_for_what_limits_count() -> None:
    """A student meets its own limits before the group's."""
    limits = Limits(memory=100 * MIB, scratch=10 * MIB, processes=50)
    bounds = Bounds.of(limits)
    assert bounds.memory > 2 * limits.memory + limits.scratch
    assert bounds.processes > limits.processes


# ---- where they cannot be had

REFUSED = """
import os, sys
from pathlib import Path
from autograder.sandbox import libc
from autograder.sandbox.cgroup import Bounds, NoControlGroups, Pens
PREPARE
try:
    Pens(Bounds(2**26, 9), root=Path(sys.argv[1]))
    print("made")
except NoControlGroups as error:
    print(error.strerror)
"""


def refusal(prepare: str, root: Path = MOUNTS) -> str:
    """Why there are no groups, in a process that has prepared itself."""
    source = REFUSED.replace("PREPARE", prepare)
    done = subprocess.run([sys.executable, "-c", source, root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_groups_without_a_hierarchy(tmp_path: Path) -> None:
    """Where nothing is mounted there are none, and the reason names the place."""
    with pytest.raises(NoControlGroups, match=f"no control groups: No such file or directory: {tmp_path}"):
        Pens(SMALL, root=tmp_path)


READ_ONLY = """
libc.unshare(libc.CLONE_NEWNS)
libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
for line in Path("/proc/self/mountinfo").read_text().splitlines():
    place = line.split()[4]
    if place.startswith("/sys/fs/cgroup"):
        libc.mount("none", place, None, libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_no_groups_where_they_are_read_only() -> None:
    """As in most containers: a reason, no error of another kind."""
    open_pens(SMALL).close()
    assert refusal(READ_ONLY).startswith("no control groups: Read-only file system: /sys/fs/cgroup")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_no_groups_for_an_ordinary_user() -> None:
    """Who was not handed a group over has none: the refusal is the kernel's."""
    why = refusal(f"os.setresgid({NOBODY}, {NOBODY}, {NOBODY}); os.setresuid({NOBODY}, {NOBODY}, {NOBODY})")
    assert why.startswith("no control groups: ")
    assert "Permission denied" in why or "controller" in why or "shared" in why


# ---- version 2, real, with the controllers that are there

FREE = ("memory", "pids", "hugetlb", "rdma", "misc")


@pytest.fixture
def handed() -> Iterator[tuple[Path, tuple[str, ...]]]:
    """A group of the real unified hierarchy that may have bounded groups below it, and its controllers."""
    if UNIFIED is None or os.geteuid() != 0 or not os.access(UNIFIED, os.W_OK):
        pytest.skip("the unified hierarchy is not there, or not ours to change")
    free = tuple(name for name in FREE if name in (UNIFIED / "cgroup.controllers").read_text().split())
    if not free:
        pytest.skip("no controller is free in the unified hierarchy")
    before = (UNIFIED / "cgroup.subtree_control").read_text().split()
    missing = [name for name in free if name not in before]
    (UNIFIED / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in missing))
    group = UNIFIED / f"autograder-test-{os.getpid()}"
    group.mkdir()
    yield group, free
    for below in sorted(group.rglob("*/"), reverse=True):
        hierarchy.remove([below])
    hierarchy.remove([group])
    with contextlib.suppress(OSError):  # somebody else needs them by now
        (UNIFIED / "cgroup.subtree_control").write_text(" ".join(f"-{name}" for name in missing))


LIVE = """
import json, os, subprocess
from pathlib import Path
from autograder.sandbox import cgroup, hierarchy, libc
from autograder.sandbox.cgroup import Bounds, NoControlGroups, Pens
root = Path("MOUNTS")
PREPARE
hierarchy.CONTROLLERS = FREE
if "memory" not in hierarchy.CONTROLLERS:  # nothing to bind
    cgroup._bounds = lambda version, bounds: ()
def place(pid="self"):
    return [line[3:] for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines() if line.startswith("0::")][0]
def attempt():
    pens = Pens(Bounds(2**26, 9), root=root)
    pen = pens.pen(5)
    inside = subprocess.Popen(["sleep", "600"])
    pen.enter(inside.pid)
    seen = {"own": place(), "pen": place(inside.pid), "version": pen.version, "members": pen.members() == {inside.pid},
        "named": pen.name_in(Path(f"/proc/{inside.pid}/cgroup").read_text()), "killed": pen.killed(),
        "controllers": (pen.folders[0] / "cgroup.controllers").read_text().split()}
    pens.close()
    return {**seen, "ended": inside.wait(), "gone": not pen.folders[0].parent.exists()}
try:
    print(json.dumps([attempt(), attempt()]))
except NoControlGroups as error:
    print(json.dumps(error.strerror))
"""
BECOME = f"os.setresgid({NOBODY}, {NOBODY}, {NOBODY}); os.setresuid({NOBODY}, {NOBODY}, {NOBODY})"


def live(start: Callable[..., Member], group: Path | None, controllers: tuple[str, ...], prepare: str) -> Any:
    """What a controller says that starts in a group of the unified hierarchy."""
    source = LIVE.replace("MOUNTS", str(MOUNTS)).replace("PREPARE", prepare).replace("FREE", repr(controllers))
    member = start(source)
    if group is not None:
        (group / "cgroup.procs").write_text(str(member.process.pid))
    text = member.go().line()
    assert member.end() == 0, text
    return json.loads(text)


def hand_over(group: Path) -> None:
    """What systemd does for Delegate=yes."""
    for path in (group, *(group / f"cgroup.{name}" for name in ("procs", "threads", "subtree_control"))):
        os.chown(path, NOBODY, NOBODY)


def check_live(seen: list[dict[str, Any]], own: str, beside: str, controllers: tuple[str, ...]) -> None:
    for attempt in seen:
        assert attempt["own"] == own
        assert attempt["pen"].startswith(f"{beside}/autograder-pens-")
        assert attempt["pen"].endswith("/slot-5")
        assert set(controllers) <= set(attempt["controllers"])
        assert (attempt["version"], attempt["members"], attempt["named"]) == (2, True, True)
        assert (attempt["killed"], attempt["ended"], attempt["gone"]) == (0, -signal.SIGKILL, True)


def test_unified_as_root(handed: tuple[Path, tuple[str, ...]], start: Callable[..., Member]) -> None:
    """Root makes its pens at the top and stays where it is."""
    group, controllers = handed
    seen = live(start, group, controllers, "")
    check_live(seen, f"/{group.name}", "", controllers)


def test_unified_handed_over(handed: tuple[Path, tuple[str, ...]], start: Callable[..., Member]) -> None:
    """An ordinary user's controller leaves its group for one below, so that pens beside it may have bounds."""
    group, controllers = handed
    hand_over(group)
    seen = live(start, group, controllers, BECOME)
    check_live(seen, f"/{group.name}/autograder-itself", f"/{group.name}", controllers)
    assert set((group / "cgroup.subtree_control").read_text().split()) == set(controllers)


def test_unified_handed_over_with_children(handed: tuple[Path, tuple[str, ...]], start: Callable[..., Member]) -> None:
    """What the controller has started already goes with it."""
    group, controllers = handed
    hand_over(group)
    child = "subprocess.Popen(['sleep', '9'])\n"
    seen = live(start, group, controllers, child + BECOME)
    check_live(seen, f"/{group.name}/autograder-itself", f"/{group.name}", controllers)


def test_unified_shared_with_others(handed: tuple[Path, tuple[str, ...]], start: Callable[..., Member]) -> None:
    """Other people's processes in our group are not moved: there are no pens, and the reason says so."""
    group, controllers = handed
    hand_over(group)
    stranger = start("")
    (group / "cgroup.procs").write_text(str(stranger.process.pid))
    assert live(start, group, controllers, BECOME) == f"no control groups: {group} is shared with 1 other processes"
    assert str(stranger.process.pid) in (group / "cgroup.procs").read_text().split()


def test_unified_not_handed_over(handed: tuple[Path, tuple[str, ...]], start: Callable[..., Member]) -> None:
    """An ordinary user's controller in a group of root's has no pens."""
    group, controllers = handed
    why = live(start, group, controllers, BECOME)
    assert why.startswith("no control groups: Permission denied: ")


CONTAINER = """
import tempfile
libc.unshare(libc.CLONE_NEWNS | libc.CLONE_NEWCGROUP)
libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
root = Path(tempfile.mkdtemp())
libc.mount("none", str(root), "tmpfs", 0)
(root / "unified").mkdir()
libc.mount("none", str(root / "unified"), "cgroup2", 0)
"""


def test_unified_in_a_container(handed: tuple[Path, tuple[str, ...]], start: Callable[..., Member]) -> None:
    """In a cgroup namespace the top is a group like any other: root, who is alone in it, leaves it, too."""
    group, controllers = handed
    seen = live(start, group, controllers, CONTAINER)
    check_live(seen, "/autograder-itself", "", controllers)


# ---- version 2's files, not real: a folder with their names and contents


class Kernel:
    """A folder like a unified hierarchy with memory and pids: files appear with a group, and go with it."""

    def __init__(self, top: Path, files: dict[str, str]) -> None:
        self.top, self.files = top, files
        self.real_mkdir, self.real_rmdir = Path.mkdir, Path.rmdir
        self.real_mkdir(top)
        self.fill(top)
        (top / "cgroup.type").unlink()

    def fill(self, group: Path) -> None:
        for name, text in self.files.items():
            (group / name).write_text(text)

    def mkdir(self, path: Path, *arguments: Any, **options: Any) -> None:
        existed = path.exists()
        self.real_mkdir(path, *arguments, **options)
        if path.is_relative_to(self.top) and not existed:
            self.fill(path)

    def rmdir(self, path: Path) -> None:
        if path.is_relative_to(self.top):
            for name in self.files:
                (path / name).unlink(missing_ok=True)
        self.real_rmdir(path)


FILES = {
    "cgroup.controllers": "cpuset cpu io memory pids\n",
    "cgroup.subtree_control": "",
    "cgroup.type": "domain\n",
    "cgroup.procs": "",
    "cgroup.events": "populated 0\nfrozen 0\n",
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.peak": "1234\n",
    "memory.events": "low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n",
    "pids.max": "max\n",
}


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Kernel]:
    """Makes such a hierarchy; `leave_out` names files that an older kernel lacks."""

    def make(*, leave_out: str = "", own: str = "/", user: int = 0, **files: str) -> Kernel:
        known = {name: text for name, text in {**FILES, **files}.items() if name != leave_out}
        kernel = Kernel(tmp_path / "unified", known)
        monkeypatch.setattr(Path, "mkdir", lambda path, *rest, **options: kernel.mkdir(path, *rest, **options))
        monkeypatch.setattr(Path, "rmdir", lambda path: kernel.rmdir(path))
        monkeypatch.setattr(hierarchy, "_own_groups", lambda: {"": own})
        monkeypatch.setattr(os, "geteuid", lambda: user)
        (kernel.top / own.lstrip("/")).mkdir(parents=True, exist_ok=True)
        return kernel

    return make


def test_unified_files(kernel: Callable[..., Kernel], tmp_path: Path) -> None:
    """Controllers are switched on at the top and in our folder; the pen gets its bounds, and none of it in swap."""
    top = kernel().top
    pens = Pens(SMALL, root=tmp_path)
    pen = pens.pen(2)
    (folder,) = pen.folders
    assert folder.parent.parent == top
    assert [(group / "cgroup.subtree_control").read_text() for group in (top, folder.parent)] == ["+memory +pids"] * 2
    assert (folder / "cgroup.subtree_control").read_text() == ""
    written = {name: (folder / name).read_text() for name in ("memory.max", "memory.swap.max", "pids.max")}
    assert written == {"memory.max": str(SMALL.memory), "memory.swap.max": "0", "pids.max": str(SMALL.processes)}
    assert (pen.counts(), pen.peak(), pen.members()) == ((3, 2), None, set())
    pen.forget_peak()
    assert pen.peak() == 234  # a plain file keeps the text after the one byte that was written
    pens.close()
    assert not folder.parent.exists()


def test_unified_at_the_mount_itself(kernel: Callable[..., Kernel], tmp_path: Path) -> None:
    """Most machines have the unified hierarchy at /sys/fs/cgroup itself."""
    top = kernel().top
    pens = Pens(SMALL, root=top)
    assert pens.pen(0).folders[0].is_relative_to(top)
    pens.close()


def test_unified_controllers_that_are_on(kernel: Callable[..., Kernel], tmp_path: Path) -> None:
    """What the system has switched on at the top stays as it is."""
    top = kernel(**{"cgroup.subtree_control": "cpu memory pids io\n"}).top
    Pens(SMALL, root=tmp_path).close()
    assert (top / "cgroup.subtree_control").read_text() == "cpu memory pids io\n"


def test_unified_without_swap(kernel: Callable[..., Kernel], tmp_path: Path) -> None:
    """A kernel that does not count swap bounds the rest."""
    kernel(leave_out="memory.swap.max")
    pens = Pens(SMALL, root=tmp_path)
    assert (pens.pen(0).folders[0] / "memory.max").read_text() == str(SMALL.memory)
    pens.close()


@pytest.mark.parametrize("name", ["memory.max", "pids.max"])
def test_unified_without_a_bound(kernel: Callable[..., Kernel], tmp_path: Path, name: str) -> None:
    """Groups without one of the bounds are none: nothing says that memory is bounded where it is not."""
    top = kernel(leave_out=name).top
    with pytest.raises(NoControlGroups, match=f"no such bound: .*slot-0/{name}"):
        Pens(SMALL, root=tmp_path)
    assert list(top.glob("autograder-*")) == []


@pytest.mark.parametrize("there", ["cpu io", "memory", "cpu pids"])
def test_unified_without_a_controller(kernel: Callable[..., Kernel], tmp_path: Path, there: str) -> None:
    """A reason names what is missing: version 1 may have it, or an administrator did not hand it over."""
    kernel(**{"cgroup.controllers": there})
    missing = " and no ".join(name for name in ("memory", "pids") if name not in there)
    with pytest.raises(NoControlGroups, match=f"the kernel offers no {missing} controller at .*/unified"):
        Pens(SMALL, root=tmp_path)


def test_unified_own_group_of_a_user(kernel: Callable[..., Kernel], tmp_path: Path) -> None:
    """An ordinary user's pens lie in the user's own group, never at the top."""
    own = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope"
    top = kernel(own=own, user=1000).top
    pens = Pens(SMALL, root=tmp_path)
    assert pens.pen(0).folders[0].parent.parent == top / own.lstrip("/")
    assert (top / "cgroup.subtree_control").read_text() == ""
    pens.close()


@pytest.mark.parametrize("own", ["/system.slice/docker-12.scope", "/../outside", "/.."])
def test_unified_named_from_outside(
    kernel: Callable[..., Kernel], tmp_path: Path, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may see its own part of the hierarchy but its group's name on the host: then the top is our group."""
    top = kernel(user=1000).top
    monkeypatch.setattr(hierarchy, "_own_groups", lambda: {"": own})
    pens = Pens(SMALL, root=tmp_path)
    assert pens.pen(0).folders[0].parent.parent == top
    pens.close()


def test_separate_hierarchies_named_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in version 1, with a hierarchy for each controller: our own group, or the mount that stands for it."""
    for name, group in (("memory", "docker/12"), ("pids", "")):
        (tmp_path / name / group).mkdir(parents=True)
        (tmp_path / name / "cgroup.procs").touch()
    monkeypatch.setattr(hierarchy, "_own_groups", lambda: {"memory": "/docker/12", "pids": "/docker/12"})
    base = hierarchy.open_base(tmp_path)
    assert base.version == 1
    assert [folder.parent for folder in base.locks] == [tmp_path / "memory/docker/12", tmp_path / "pids"]
    folders = list(base.locks)
    base.close()
    assert not any(folder.exists() for folder in folders)


def test_processes_out_of_sight_are_left_alone(tmp_path: Path) -> None:
    """Version 2 says 0 for a process in another pid namespace; a signal to 0 would end ourselves."""
    (tmp_path / "cgroup.procs").write_text("0\n")
    source = "from pathlib import Path\nfrom autograder.sandbox import hierarchy\nhierarchy._REMOVE_SECONDS = 0.1\n"
    source += f"hierarchy.remove([Path({str(tmp_path)!r})])\nprint('alive')"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False, start_new_session=True
    )
    assert (done.returncode, done.stdout) == (0, "alive\n")


def test_remove_without_end(tmp_path: Path) -> None:
    """A group that cannot be removed is left for the next sweep, after a time; no process can be added to it."""
    (tmp_path / "cgroup.procs").write_text("")
    (tmp_path / "pids.max").write_text("24")
    hierarchy.remove([tmp_path / "missing"])
    assert cgroup._entry(tmp_path / "missing", "oom_kill") == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hierarchy, "_REMOVE_SECONDS", 0.05)
        hierarchy.remove([tmp_path])
    assert (tmp_path / "pids.max").read_text() == "0"
