"""The look at a fence from outside: whatever single thing is missing, it says so, and nothing of the student's is sent.

A fence is built without one rule and looked at as if it had all; what has no rule's name is left out of processes that
are built by hand. That a whole fence stands for an ordinary user, too, is tried in `test_places`, where every student
is looked at.
"""

from __future__ import annotations

import array
import fcntl
import os
import select
import socket
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import FenceError
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import submission_notebook, to_bytes
from autograder.results import Outcome
from autograder.sandbox import attest as attest_module
from autograder.sandbox import proc
from autograder.sandbox.attest import Expected, attest, only_child
from autograder.sandbox.host import Fence, Student
from autograder.sandbox.limits import Limits
from autograder.sandbox.rules import ALL, Rule

if sys.platform != "linux":
    pytest.skip("the fence needs Linux", allow_module_level=True)

SLOT_UID = 64_000_999
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave out single steps")


@contextmanager
def spawned(fence: Fence, **limits: Any) -> Iterator[Student]:
    """A student of the fence that nobody has looked at yet."""
    student = fence.spawn(0, Limits(**limits), 0, 2)
    try:
        yield student
    finally:
        pidfd = student.kill()
        if pidfd is not None:
            select.select([pidfd], [], [], 30)
            os.close(pidfd)


@contextmanager
def looked_at(fence: Fence) -> Iterator[tuple[Student, Expected]]:
    """A student that stands, and what was expected of it."""
    with spawned(fence) as student:
        student.wait_ready()
        assert student._expected is not None
        yield student, student._expected


@pytest.fixture
def standing(fence: Fence) -> Iterator[tuple[Student, Expected]]:
    """A standing student of the shared fence."""
    with looked_at(fence) as both:
        yield both


def complaint(init: int, expected: Expected) -> str:
    """What the look finds wrong."""
    with pytest.raises(FenceError) as caught:
        attest(init, expected)
    text = str(caught.value)
    assert text.startswith("the fence does not hold: ")
    return text.removeprefix("the fence does not hold: ")


def test_standing_fence(standing: tuple[Student, Expected]) -> None:
    """A fence that stands passes, each time, and all rules were looked for."""
    student, expected = standing
    assert expected.rules == ALL
    attest(student.pid, expected)
    attest(student.pid, expected)


MISSING = {
    Rule.MOUNTS: ["it shares the zygote's mnt namespace", "/scratch is not capped", "/tmp is no mount of its own"],
    Rule.PROCESSES: ["it has no pid namespace", "it shares the zygote's pid", "it sees the host's processes"],
    Rule.NETWORK: ["it shares the zygote's net namespace"],
    Rule.IPC: ["it shares the zygote's ipc namespace"],
    Rule.READ_ONLY: ["/usr is writable", "/ is writable"],
    Rule.COVERS: [" is not covered"],
    Rule.SCRATCH: ["/scratch is not capped", "/tmp is not capped", "/dev/shm is not capped"],
    Rule.CAPABILITIES: ["it keeps capabilities (CapPrm, CapEff, CapBnd)"],
    Rule.MEMORY: ["address space: "],
    Rule.COUNT: ["processes: "],
    Rule.DESCRIPTORS: ["open files: "],
    Rule.FILE_SIZE: ["file size: "],
    Rule.CPU: ["cpu time: "],
    Rule.SYSTEM_CALLS: ["no filter of system calls is on"],
}
ALONE = {Rule.NETWORK, Rule.IPC, Rule.CAPABILITIES, Rule.MEMORY, Rule.COUNT, Rule.DESCRIPTORS, Rule.FILE_SIZE,
         Rule.CPU, Rule.SYSTEM_CALLS}  # fmt: skip
"""Rules whose absence shows in one place only."""


@pytest.mark.parametrize("rule", MISSING, ids=lambda rule: rule.value)
def test_missing_rule(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fence without one rule is found out, with the rule's own words, when all rules are looked for."""
    secret = tmp_path / "site-packages" / "secret"
    secret.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(secret.parent))
    fence = Fence({}, (), (secret,), without=frozenset({rule}))
    try:
        with spawned(fence, descriptors=100, processes=100) as student:
            assert student._expected is not None
            expected, student._expected = student._expected, None
            student.wait_ready()
            attest(student.pid, expected)  # as the fence that it is, it stands
            found = complaint(student.pid, replace(expected, rules=ALL - {Rule.CGROUP}))
    finally:
        fence.close()
    assert all(words in found for words in MISSING[rule]), found
    assert (";" not in found) or rule not in ALONE


def test_missing_rules_are_all() -> None:
    """The others are tried elsewhere: the kernel itself insists on one, the group is not built but entered."""
    assert MISSING.keys() | {Rule.NO_NEW_PRIVILEGES, Rule.CGROUP} == ALL


def test_no_new_privileges_missing() -> None:
    """Without it the kernel takes no filter: the fence fails by itself. Without both the look finds both."""
    fence = Fence({}, (), (), without=frozenset({Rule.NO_NEW_PRIVILEGES}))
    try:
        with spawned(fence) as student, pytest.raises(FenceError, match="seccomp: Permission denied"):
            student.wait_ready()
    finally:
        fence.close()
    fence = Fence({}, (), (), without=frozenset({Rule.NO_NEW_PRIVILEGES, Rule.SYSTEM_CALLS}))
    try:
        with looked_at(fence) as (student, expected):
            found = complaint(student.pid, replace(expected, rules=ALL - {Rule.SYSTEM_CALLS}))
    finally:
        fence.close()
    assert found == "it can gain privileges"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"uid": 7}, "its user is "),
        ({"pipes": frozenset()}, "it holds pipe:["),
        ({"limits": Limits(memory=2**30)}, "address space: "),
        ({"limits": Limits(processes=255)}, "processes: 256 instead of 255"),
        ({"limits": Limits(descriptors=1023)}, "open files: 1024 instead of 1023"),
        ({"limits": Limits(file_size=1)}, "file size: "),
        ({"limits": Limits(notebook_seconds=59, prepare_seconds=1)}, "cpu time: 62 instead of 61"),
        ({"limits": Limits(card=1)}, "data size: unlimited instead of "),
        ({"covers": frozenset({"/usr/secret"})}, "/usr/secret is not covered"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_other_than_expected(standing: tuple[Student, Expected], change: dict[str, Any], words: str) -> None:
    """Each value is compared with what this student was to get, not only looked for."""
    student, expected = standing
    assert complaint(student.pid, replace(expected, **change)).startswith(words)


def test_outside_its_group(standing: tuple[Student, Expected], fence: Fence) -> None:
    """A student in another slot's group is found out."""
    student, expected = standing
    if expected.pen is None:
        pytest.skip(fence.soft_because)
    assert fence._pens is not None
    other = replace(expected, pen=fence._pens.pen(9))
    assert complaint(student.pid, other) == "it is outside its control group"


BY_HAND = """
import os, resource, signal, socket, sys, time
from pathlib import Path
from autograder.sandbox import fence, libc
odd, uid = sys.argv[1], int(sys.argv[2])
spaces = {"user": libc.CLONE_NEWUSER, "uts": libc.CLONE_NEWUTS, "cgroup": libc.CLONE_NEWCGROUP}
os.setgroups([4] if odd == "groups" else [])
flags = sum(flag for name, flag in spaces.items() if name != odd)
report = os.dup(1)
admitted, admit = os.pipe()
init = libc.fork(flags)
if init:
    if odd != "user":
        Path(f"/proc/{init}/setgroups").write_text("deny")
        Path(f"/proc/{init}/uid_map").write_text(f"1000 {uid + (odd == 'uid')} 1")
        Path(f"/proc/{init}/gid_map").write_text(f"1000 {uid + (odd == 'gid')} 1")
    os.close(admitted)
    os.close(admit)
    os.write(report, b"%d\\n" % init)
    time.sleep(600)
os.close(admit)
if odd == "user":
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.read(admitted, 1)
else:
    fence.become_user(admitted)
libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
libc.prctl(libc.PR_SET_DUMPABLE, 1)
for name, kind in (("core", resource.RLIMIT_CORE), ("locked memory", resource.RLIMIT_MEMLOCK)):
    hard = 4096 if name == odd else 0
    resource.setrlimit(kind, (0, hard))
ready, settled = os.pipe()
if odd != "runner" and os.fork() == 0:
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    held = {"socket": socket.socketpair, "pipe": os.pipe, "file": lambda: open("/etc/passwd"),
            "folder": lambda: os.open("/", os.O_RDONLY), "memory": lambda: os.memfd_create("x")}
    os.closerange(3, settled)
    kept = held[odd]() if odd in held else None
    os.close(settled)
    time.sleep(600)
os.close(settled)
os.read(ready, 1)
os.write(report, b"ready\\n")
time.sleep(600)
"""


@contextmanager
def by_hand(odd: str) -> Iterator[int]:
    """Pid 1 of a bare fence that has all that no rule names, but for one thing."""
    process = subprocess.Popen([sys.executable, "-c", BY_HAND, odd, str(SLOT_UID)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        lines = {process.stdout.readline().strip() for _ in range(2)}
        assert "ready" in lines, lines
        try:
            yield int((lines - {"ready"}).pop())
        finally:
            process.kill()


BARE = Expected(frozenset(), SLOT_UID, frozenset(), frozenset(), None, Limits(), frozenset())


@ROOT
def test_bare_fence() -> None:
    """The processes built by hand pass when nothing is missing, so that each complaint below has its one reason."""
    with by_hand("nothing") as init:
        attest(init, BARE)


@ROOT
@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ("user", "it shares the zygote's user namespace"),
        ("uts", "it shares the zygote's uts namespace"),
        ("cgroup", "it shares the zygote's cgroup namespace"),
        ("uid", f"its user is {SLOT_UID + 1}"),
        ("gid", f"its group is {SLOT_UID + 1}"),
        ("groups", "it is in groups 4"),
        ("core", "core file size: 4096 instead of 0"),
        ("locked memory", "locked memory: 4096 instead of 0"),
        ("socket", "it holds socket:["),
        ("pipe", "it holds pipe:["),
        ("file", "it holds /etc/passwd"),
        ("folder", "it holds /"),
        ("memory", "it holds /memfd:x"),
        ("runner", "pid 1 has no runner"),
    ],
)
def test_missing_thing_without_a_rule(odd: str, words: str) -> None:
    """Each thing that every fence has, whatever its rules, is missed when it alone is not there."""
    with by_hand(odd) as init:
        found = complaint(init, BARE)
        assert found.startswith(words), found
        assert ";" not in found or found.count(words.split("[")[0]) == found.count(";") + 1


@ROOT
def test_file_of_a_library_is_allowed() -> None:
    """What the zygote keeps open for all is no complaint."""
    with by_hand("file") as init:
        attest(init, replace(BARE, files=frozenset({"/etc/passwd"})))


# ---- mounts, by the listing of a standing fence with one line changed


def mounts(listing: str, expected: Expected) -> list[str]:
    return list(attest_module._mounts(listing, expected))


def listing_of(student: Student) -> list[str]:
    runner = only_child(student.pid)
    return Path(f"/proc/{runner}/mountinfo").read_text().splitlines()


def at(lines: list[str], place: str) -> int:
    """The number of the topmost mount at a place."""
    return max(number for number, line in enumerate(lines) if line.split()[4] == place)


def test_mounts_listing(standing: tuple[Student, Expected]) -> None:
    """Nothing is wrong with the real listing, and without it everything is missing."""
    student, expected = standing
    lines = listing_of(student)
    assert mounts("\n".join(lines), expected) == []
    assert len(mounts("", expected)) == 5 + len(expected.covers)


@pytest.mark.parametrize("place", ["/proc", "/scratch", "/tmp", "/dev/shm"])
def test_mount_that_is_not_there(standing: tuple[Student, Expected], place: str) -> None:
    """Without a student's own mount at a place, that place is named."""
    student, expected = standing
    lines = listing_of(student)
    del lines[at(lines, place)]
    found = mounts("\n".join(lines), expected)
    assert found
    assert all(place in one or "host's processes" in one for one in found)


@pytest.mark.parametrize(
    ("place", "before", "after", "words"),
    [
        ("/usr", " ro,", " rw,", "/usr is writable"),
        ("/", " ro,", " rw,", "/ is writable"),
        ("/dev/null", " ro,", " rw,", "/dev/null is writable"),
        ("/usr", "nosuid,", "", "/usr honours set-user-id programs"),
        ("/proc", "nosuid,", "", "/proc honours set-user-id programs"),
        ("/tmp", "nodev,", "", "/tmp honours devices"),
        ("/scratch", "size=", "", "/scratch is not capped"),
        ("/dev/shm", "nr_inodes=", "", "/dev/shm is not capped"),
    ],
)
def test_mount_with_other_flags(
    standing: tuple[Student, Expected], place: str, before: str, after: str, words: str
) -> None:
    """One flag or cap that is missing is one complaint."""
    student, expected = standing
    lines = listing_of(student)
    number = at(lines, place)
    assert before in lines[number]
    lines[number] = lines[number].replace(before, after, 1)
    assert mounts("\n".join(lines), expected) == [words]


def test_mount_on_top(standing: tuple[Student, Expected]) -> None:
    """What lies on top counts: a writable folder over a read-only one, or one bound below; what is covered does not."""
    student, expected = standing
    lines = listing_of(student)
    usr, proc = lines[at(lines, "/usr")].split()[0], lines[at(lines, "/proc")].split()
    end = "rw,nosuid,nodev,relatime - tmpfs tmpfs rw"
    for parent, place in ((usr, "/usr"), (usr, "/usr/local")):
        assert mounts("\n".join([*lines, f"9999 {parent} 0:99 / {place} {end}"]), expected) == [f"{place} is writable"]
    below_the_hosts_proc = f"9999 {proc[1]} 0:99 / /proc/sys/fs/binfmt_misc rw,relatime - autofs systemd-1 rw"
    assert mounts("\n".join([*lines, below_the_hosts_proc]), expected) == []
    beside = f"9999 {lines[at(lines, '/')].split()[0]} 0:99 / /scratch/old rw,relatime - tmpfs tmpfs rw"
    assert mounts("\n".join([*lines, beside]), expected) == []  # /scratch was mounted over it
    in_its_own_proc = below_the_hosts_proc.replace(f"9999 {proc[1]}", f"9999 {proc[0]}")
    assert len(mounts("\n".join([*lines, in_its_own_proc]), expected)) == 3


def test_cover_with_a_blank(standing: tuple[Student, Expected]) -> None:
    """The kernel writes blanks in names as numbers."""
    student, expected = standing
    lines = listing_of(student)
    root = lines[at(lines, "/")].split()[0]
    line = f"9999 {root} 0:99 / /course\\040of\\0112026 ro,nosuid,nodev - tmpfs tmpfs ro"
    covered = replace(expected, covers=expected.covers | {"/course of\t2026"})
    assert mounts("\n".join([*lines, line]), covered) == []
    assert mounts("\n".join(lines), covered) == ["/course of\t2026 is not covered"]


BUILD = """
import sys
from pathlib import Path
from autograder.errors import FenceError
from autograder.sandbox import libc, seccomp
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
from autograder.sandbox.rules import ALL, Rule
from dataclasses import replace
import os, struct
PREPARE
fence = Fence({}, (), (), without=frozenset(WITHOUT))
student = fence.spawn(0, Limits(), 0, 0)
student._expected = replace(student._expected, rules=ALL - {Rule.CGROUP})
try:
    student.wait_ready()
    print("stands")
    LATER
except FenceError as error:
    print(error)
os.seteuid(os.getresuid()[2])
student.kill()
fence.close()
"""


def build(prepare: str, without: str = "", later: str = "") -> list[str]:
    """What is said of a fence that is built by a process of its own."""
    source = BUILD.replace("PREPARE", prepare).replace("WITHOUT", f"[{without}]").replace("LATER", later)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@ROOT
def test_host_with_mounts_below_proc() -> None:
    """Most systems mount something below /proc; the student's own /proc covers it, and the fence stands."""
    prepare = """
libc.unshare(libc.CLONE_NEWNS)
libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
libc.mount("none", "/proc/sys/fs/binfmt_misc", "tmpfs", 0)
"""
    if not Path("/proc/sys/fs/binfmt_misc").is_dir():
        pytest.skip("no place below /proc to mount something at")
    assert build(prepare) == ["stands"]


def test_filter_of_a_container_does_not_count() -> None:
    """A container's own filter says "Seccomp: 2" of every process: only one more than ours counts."""
    prepare = 'libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)\nseccomp.install(struct.pack("<HBBI", 6, 0, 0, 0x7FFF0000))\n'
    assert build(prepare) == ["stands"]
    (said,) = build(prepare, "Rule.SYSTEM_CALLS")
    assert said.endswith("the fence does not hold: no filter of system calls is on")


@ROOT
def test_look_that_may_not_look() -> None:
    """Who may not read a process's files says that the fence does not hold: nothing is taken on trust."""
    later = """
    from autograder.sandbox.attest import attest
    expected = student._expected
    pid = student.pid
    os.setresgid(65534, 65534, 0)
    os.setresuid(65534, 65534, 0)
    attest(pid, expected)
    """
    stands, said = build("", later=later)
    assert stands == "stands"
    assert "it could not be looked at ([Errno 13] Permission denied" in said


# ---- it fails closed


def test_process_that_is_gone(fence: Fence) -> None:
    """A fence whose processes have gone does not hold."""
    with looked_at(fence) as (student, expected):
        pid = student.pid
        runner = only_child(pid)
        assert runner is not None
        os.kill(runner, 9)
        assert student.runner_gone(30)
        assert complaint(pid, expected)
    assert complaint(pid, expected) == "pid 1 has no runner"
    assert complaint(-1, expected) == "pid 1 has no runner"


def test_process_that_is_gone_before_it_is_looked_at(fence: Fence) -> None:
    """A fence that said that it stood and then went is an error like one that never stood."""
    with spawned(fence) as student:
        expected, student._expected = student._expected, None
        student.wait_ready()
        assert student._init is not None
        os.kill(student.pid, 9)
        select.select([student._init], [], [], 30)
        student._expected = expected
        assert expected is not None
        assert complaint(student.pid, expected) == "pid 1 has no runner"


@pytest.mark.parametrize("name", ["status", "limits", "mountinfo", "cgroup"])
@pytest.mark.parametrize("text", ["", "odd\nodd: odd odd odd", None], ids=["empty", "odd", "missing"])
def test_proc_that_cannot_be_read(
    standing: tuple[Student, Expected], monkeypatch: pytest.MonkeyPatch, name: str, text: str | None
) -> None:
    """Whatever of proc cannot be read, or is written otherwise, closes the fence."""
    student, expected = standing
    if name == "cgroup" and expected.pen is None:
        pytest.skip("no control group to look for")
    pid, real = student.pid, proc.read

    def read(path: str) -> str:
        if Path(path).name != name:
            return real(path)
        if text is None:
            raise PermissionError(13, "Permission denied", path)
        return text

    for module in (proc, attest_module):
        monkeypatch.setattr(module, "read", read)
    assert complaint(pid, expected)


@pytest.mark.parametrize("folder", ["ns", "fd"])
def test_links_of_proc_that_cannot_be_read(
    standing: tuple[Student, Expected], monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """The same for namespaces and open files."""
    student, expected = standing
    pid = student.pid

    def refuse(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            if Path(str(path)).parent.name == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *arguments, **options)

        return call

    for method in ("stat", "readlink"):
        monkeypatch.setattr(os, method, refuse(getattr(os, method)))
    assert "it could not be looked at ([Errno 13] Permission denied" in complaint(pid, expected)


# ---- nothing is sent before


KNOCK = """
import socket
with socket.socket(socket.AF_UNIX) as knock:
    knock.connect({name!r})
"""


@pytest.fixture
def door() -> Iterator[tuple[str, Callable[[], bool]]]:
    """A door of the host's that opens to code without the network rule; and whether somebody has knocked."""
    name = f"\0autograder-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen(64)
        server.setblocking(False)

        def knocked() -> bool:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        yield name, knocked


@pytest.mark.parametrize("looked_for", [False, True], ids=["not looked for", "looked for"])
def test_grading_without_a_rule(
    small: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    door: tuple[str, Callable[[], bool]],
    looked_for: bool,
) -> None:
    """A rule that is missing and looked for: no cell runs, at any try, and the submission is undecided, never failed.

    The first case is the control: the same cell gets through where nobody looks for the rule.
    """
    name, knocked = door
    notebook = submission_notebook(small.masters[0], small.releases[0])
    notebook["cells"][1]["source"] = KNOCK.format(name=name)
    (tmp_path / "ada.ipynb").write_bytes(to_bytes(notebook))
    submitted = Submitted("ada", {small.assignment.notebooks[0]: tmp_path / "ada.ipynb"})
    looks: list[Expected] = []
    real = Fence._expected

    def all_rules(fence: Fence, *arguments: Any) -> Expected:
        looks.append(replace(real(fence, *arguments), rules=ALL))
        return looks[-1]

    if looked_for:
        monkeypatch.setattr(Fence, "_expected", all_rules)
    with Workshop(small, jobs=1, seed=5, without=frozenset({Rule.NETWORK})) as workshop:
        assert workshop.tier == "none"
        report = workshop.grade(submitted, "00").grading.report
    if looked_for:
        assert len(looks) == 3  # fresh processes each time
        assert report.outcome == Outcome.UNDECIDED
        assert "the fence does not hold: it shares the zygote's net namespace" in (report.reason or "")
        assert not knocked()
    else:
        assert report.outcome == Outcome.GRADED
        assert knocked()


def test_nothing_is_sent_before_the_look(fence: Fence, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is looked at the runner's pipe is empty, and a look that ends badly leaves it so."""
    asked: list[int] = []

    def look(init: int, expected: Expected) -> None:
        asked.append(init)
        raise FenceError("not this time")

    monkeypatch.setattr("autograder.sandbox.host.attest", look)
    with spawned(fence) as student:
        with pytest.raises(FenceError, match="not this time"):
            student.wait_ready()
        assert asked == [student.pid]
        waiting = array.array("i", [-1])
        fcntl.ioctl(student.runner.writer, termios.FIONREAD, waiting)
        assert waiting[0] == 0
