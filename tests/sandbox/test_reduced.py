"""The fence without namespaces, as root and as an ordinary user: what it holds, from inside and from outside.

Each user's fence is built once, by a controller of that user with an interpreter that every user can read; its students
try everything there is to try, and the tests read what came of it.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import FenceError
from autograder.sandbox import landlock, narrow, syscalls
from autograder.sandbox.ground import around, empty, entered_by_all
from autograder.sandbox.host import Fence

psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")

NOBODY = 65534
ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")

CONTROLLER = '''
import json, os, select, sys, time
from pathlib import Path
from autograder.sandbox.channel import Channel
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
from autograder.sandbox.proc import descendants, started_at, status_of
from autograder.sandbox.rules import Rule

HELD = Path(sys.argv[1])
SECRET = HELD / "secrets" / "secret.txt"

def open_fence(*without, preload=("numpy",)):
    rules = frozenset(map(Rule, without))
    fence = Fence({"data/a.txt": HELD / "a.txt"}, preload, (HELD / "secrets",), reduced=True, without=rules)
    fence.wait_ready()
    return fence

def new(fence, slot=0, **limits):
    student = fence.spawn(slot, Limits(**limits), 0, 4)
    student.wait_ready()
    return student

def run(student, source):
    student.runner.send(("run", 0, source), time.monotonic() + 120)
    while (message := student.runner.receive(time.monotonic() + 120))[0] != "done":
        pass
    assert message[3] is None, message[3]["traceback"]
    return "".join(one["text"] for one in message[2] if one["output_type"] == "stream")

def gone(student):
    """Whether all that the student had started ended by the time its pidfd said so; and how many that were."""
    tree = descendants(student.pid)
    pidfd = student.kill()
    assert select.select([pidfd], [], [], 60)[0]
    os.close(pidfd)
    return len(tree), [pid for pid, started in tree.items() if started_at(pid) == started]

def namespaces(pid):
    return {name: os.readlink(f"/proc/{pid}/ns/{name}") for name in %r}

def left(fence):
    """Files of students in their folders."""
    return [str(path) for path in fence._place.glob("*/*/*") if path.parts[-3] not in ("course", "home")]
''' % (NAMESPACES,)  # noqa: UP031 - braces stand in it

ATTEMPTS = r"""
import ctypes, fcntl, glob, json, os, resource, socket, sys

libc = ctypes.CDLL(None, use_errno=True)
controller, zygote, init, secret, held = json.loads(QUESTION)

def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def connect(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(path)

def of(pid):
    return {
        f"signal {pid}": lambda: os.kill(pid, 0),
        f"priority of {pid}": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        f"processor of {pid}": lambda: os.sched_setaffinity(pid, [0]),
        f"environment of {pid}": lambda: open(f"/proc/{pid}/environ").read(),
        f"memory of {pid}": lambda: open(f"/proc/{pid}/mem", "rb"),
        f"status of {pid}": lambda: open(f"/proc/{pid}/status").read(),
        f"limits of {pid}": lambda: resource.prlimit(pid, resource.RLIMIT_NPROC),
    }

attempts = {
    "own package": lambda: open(PACKAGE).read(),
    "secret": lambda: open(secret).read(),
    "secret by a link": lambda: (os.symlink(secret, "link"), open("link").read()),
    "secret by a second name": lambda: os.link(secret, "second"),
    "secrets listed": lambda: os.listdir(os.path.dirname(secret)),
    "all listed": lambda: os.listdir("/"),
    "users": lambda: open("/etc/passwd").read(),
    "processes": lambda: os.listdir("/proc"),
    "write beside": lambda: open(os.path.join(held, "planted"), "w"),
    "write to /tmp": lambda: open("/tmp/autograder-planted", "w"),
    "write to the interpreter": lambda: open(os.path.join(sys.prefix, "planted"), "w"),
    "cut off": lambda: os.truncate(os.path.join(held, "a.txt"), 0),
    "move out": lambda: os.rename("data", os.path.join(held, "moved")),
    "internet socket": lambda: socket.socket(socket.AF_INET),
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "watch": lambda: call(NUMBERS["inotify_add_watch"], libc.inotify_init(), held.encode(), 0x100),
    "System V memory": lambda: call(NUMBERS["shmget"], 0, 4096, 0o1777),
    "queue": lambda: call(NUMBERS["mq_open"], b"planted", os.O_RDWR | os.O_CREAT, 0o600, None),
    "trace": lambda: call(PTRACE, 16, init, 0, 0),
    "priority of all": lambda: os.setpriority(os.PRIO_USER, 0, 19),
    **of(controller), **of(zygote), **of(init), **of(1),
}
through = []
for name, action in attempts.items():
    try:
        action()
    except OSError:
        continue
    through.append(name)
for action in (lambda path: os.chmod(path, 0o777), lambda path: os.utime(path, (1, 1))):
    for path in (os.path.join(held, "a.txt"), os.path.join(sys.prefix, "pyvenv.cfg"), sys.executable):
        try:
            action(path)  # may say that it is done
        except OSError:
            pass
print(json.dumps({"through": through, "uids": os.getresuid(), "folder": os.getcwd(), "files": sorted(glob.glob("**"))}))
"""

EVERYTHING = """
fence = open_fence()
student = new(fence)
question = json.dumps([os.getpid(), fence.pid, student.pid, str(SECRET), str(HELD)])
runner = max(descendants(student.pid), key=lambda pid: pid != student.pid)
places = namespaces(runner)  # it hides with its first cell
inside = json.loads(run(student, sys.argv[2].replace("QUESTION", repr(question))))
seen = {
    "tier": fence.tier, "rootless": fence.rootless, **inside, "controller": os.getpid(), "own uid": os.getuid(),
    "status": status_of(runner), "init": status_of(student.pid),
    "shared": [name for name, one in places.items() if one == namespaces(os.getpid())[name]],
    "place": oct(fence._place.stat().st_mode), "filters": status_of(os.getpid()).get("Seccomp_filters"),
}
run(student, sys.argv[3])
seen["tree"], seen["survivors"] = gone(student)
seen["left"] = left(fence)
again = new(fence)
seen["next finds"] = json.loads(run(again, "import json, os; print(json.dumps(sorted(os.listdir('.'))))"))
gone(again)
place = fence._place
fence.close()
seen["place left"] = place.exists()
print(json.dumps(seen))
"""

LEAVE_A_MESS = """
import os, signal, time
deep = os.getcwd()
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
os.chdir(deep)
os.makedirs("closed/inner")
open("closed/inner/file", "w").close()
os.chmod("closed/inner", 0)
os.symlink("/", "root")
first = os.getpid()
if os.fork() == 0:  # a daemon that nothing but SIGKILL ends
    os.setsid()
    for number in set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    if os.fork():
        os._exit(0)
    time.sleep(600)
if os.fork() == 0:  # one that stands still
    os.kill(os.getpid(), signal.SIGSTOP)
if os.fork() == 0:  # a bomb that goes off for as long as it lives, but for a minute at most
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)
    os._exit(0)
time.sleep(1)
"""


@pytest.fixture(scope="module", params=["root", "ordinary user"])
def controller(request: pytest.FixtureRequest, open_python: Path) -> Iterator[Callable[..., Any]]:
    """Starts a controller that does what a script says, as root or as an ordinary user."""
    root = os.geteuid() == 0
    if request.param == "root" and not root:
        pytest.skip("only root can try it as root")
    if request.param != "root" and landlock.version() < landlock.SIGNALS_SINCE:
        pytest.skip("an ordinary user needs a newer kernel")
    user = NOBODY if root and request.param != "root" else os.geteuid()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="autograder-reduced-test-") as folder:
        held = Path(folder)
        (held / "secrets").mkdir()
        (held / "secrets" / "secret.txt").write_text("canary")
        (held / "a.txt").write_text("data")
        for path in (held, *held.rglob("*")):
            os.chown(path, user, -1)
            path.chmod(0o777 if path.is_dir() else 0o666)  # the modes keep nobody out

        def start(script: str, *arguments: str) -> subprocess.Popen[str]:
            program = [open_python, "-c", CONTROLLER + script, folder, *arguments]
            as_user = {"user": user, "group": user, "extra_groups": []} if user != os.geteuid() else {}
            environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": "/var/tmp"}
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            return subprocess.Popen(program, cwd="/", env=environment, **pipes, **as_user)  # type: ignore[call-overload]

        yield start


def finish(process: subprocess.Popen[str]) -> Any:
    """What a controller printed as JSON."""
    with process:
        output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return json.loads(output)


@pytest.fixture(scope="module")
def seen(controller: Callable[..., Any]) -> dict[str, Any]:
    """What a student tried, saw and left behind, and what the controller saw of it."""
    numbers = narrow.NUMBERS[platform.machine()]
    package = str(ROOT / "autograder" / "results.py")
    attempts = ATTEMPTS.replace("PACKAGE", repr(package)).replace("NUMBERS", repr(numbers))
    attempts = attempts.replace("PTRACE", str(syscalls.NUMBERS[platform.machine()]["ptrace"]))
    found: dict[str, Any] = finish(controller(EVERYTHING, attempts, LEAVE_A_MESS))
    return found


def test_no_namespace_is_used(seen: dict[str, Any]) -> None:
    """The student lives in the controller's own namespaces, all of them, and the tier says that it is less."""
    assert sorted(seen["shared"]) == sorted(NAMESPACES)
    assert seen["tier"] == "reduced"


def test_nothing_gets_out(seen: dict[str, Any]) -> None:
    """No attempt comes through: files, sockets, queues, other processes' memory, signals and priorities."""
    assert seen["through"] == []


def test_own_files_are_there(seen: dict[str, Any]) -> None:
    """The student works in a folder of its own, which holds the course's files."""
    assert "data" in seen["files"]
    assert Path(seen["folder"]).name == "work"


def test_files_outside_keep_modes_and_times(seen: dict[str, Any], controller: Callable[..., Any]) -> None:
    """Modes and times of files outside are as they were, even those of the student's own user."""
    script = "print(json.dumps([(HELD / 'a.txt').stat().st_mode, (HELD / 'a.txt').stat().st_mtime]))"
    mode, changed = finish(controller(script))
    assert stat.S_IMODE(mode) == 0o666
    assert changed > 1


def test_rights_seen_from_outside(seen: dict[str, Any]) -> None:
    """The runner has one unprivileged user, no capability, no way to gain one, and both filters on."""
    status = seen["status"]
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert int(status["Seccomp_filters"]) >= int(seen["filters"]) + 2
    assert set(seen["uids"]) == set(map(int, status["Uid"].split()))
    assert 0 not in seen["uids"]
    if seen["rootless"]:
        assert set(seen["uids"]) == {seen["own uid"]}
    else:
        assert seen["uids"][0] >= 64_000_000
        real, effective, saved, _ = map(int, seen["init"]["Uid"].split())
        assert (real, saved) == (effective + 1_000_000,) * 2
        assert effective == seen["uids"][0]


def test_whole_tree_ends(seen: dict[str, Any]) -> None:
    """A daemon, a stopped process and a fork bomb that is going off are gone when the pidfd says so."""
    assert seen["tree"] >= 20
    assert seen["survivors"] == []


def test_nothing_is_left(seen: dict[str, Any]) -> None:
    """Deep and closed folders and links are removed with the student, and the place with the fence."""
    assert seen["left"] == []
    assert seen["next finds"] == ["data"]
    assert not seen["place left"]


@pytest.mark.parametrize(
    ("rule", "cell"),
    [
        ("covers", "print(open(SECRET).read())"),
        ("read-only", "print(open(HELD + '/planted', 'w').write('x'))"),
        ("system-calls", "import socket; print(socket.socket(socket.AF_INET).fileno() > 2)"),
        ("file-size", "print(open('big', 'wb').truncate(2**20))"),
    ],
)
def test_each_rule_holds_by_itself(controller: Callable[..., Any], rule: str, cell: str) -> None:
    """What a rule forbids comes through where that rule alone is off; such a fence has no tier."""
    script = f"""
    def tries(*without):
        fence = open_fence(*without, preload=())
        student = new(fence, processes=20, file_size=2**16)
        cell = {cell!r}.replace("SECRET", repr(str(SECRET))).replace("HELD", repr(str(HELD)))
        student.runner.send(("run", 0, cell), time.monotonic() + 60)
        try:
            while (message := student.runner.receive(time.monotonic() + 60))[0] != "done":
                pass
            text = "" if message[3] else message[2][0]["text"].strip()
        except Exception:  # a limit may have ended it
            text = ""
        gone(student)
        fence.close()
        return fence.tier, bool(text) and text != "False"
    print(json.dumps([tries(), tries({rule!r})]))
    """
    held, open_ = finish(controller(textwrap.dedent(script)))
    assert held == ["reduced", False]
    assert open_ == ["none", True]


WAITING = """
fence = open_fence(preload=())
student = new(fence)
student.runner.send(("fork", 0, 0, 9.0, []))
Channel(*student.pairs[0]).receive()
run(student, sys.argv[2])
print(json.dumps([fence.pid, list(descendants(fence.pid)), str(fence._place)]), flush=True)
while fence.alive:
    time.sleep(0.1)
fence.close()
"""


@pytest.mark.parametrize("victim", ["controller", "zygote"])
def test_kill_of_ours_ends_everything(
    controller: Callable[..., Any], victim: str, eventually: Callable[..., bool]
) -> None:
    """After kill -9 of the controller or of the zygote no process of the student is left, and no file."""
    mess = LEAVE_A_MESS.replace("1500", "30")  # whoever grades elsewhere sweeps the groups of a killed controller
    process = controller(WAITING, mess)
    with process:
        zygote, numbers, place = json.loads(process.stdout.readline())
        members = [psutil.Process(number) for number in numbers if psutil.pid_exists(number)]
        assert len(members) >= 6  # zygote, branch, init, runner, snapshot, what the cell left
        os.kill(process.pid if victim == "controller" else zygote, signal.SIGKILL)
        assert eventually(lambda: not any(is_there(member) for member in members))
        assert eventually(lambda: not Path(place).exists())


def is_there(member: Any) -> bool:
    try:
        return bool(member.is_running() and member.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


HONEST = """
import asyncio, concurrent.futures, os, shutil, subprocess, sys, tempfile, time
import matplotlib.pyplot as plt
import numpy as np
import torch

torch.set_num_threads(2)
model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 1))
optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
losses = []
for _ in range(30):
    optimiser.zero_grad()
    loss = (model(torch.ones(8, 1, 8, 8)) - 1).pow(2).mean()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
assert losses[-1] < losses[0]
torch.save(model.state_dict(), "model.pt")
shutil.copy("model.pt", "again.pt")
shutil.copy2("model.pt", "and-again.pt")
model.load_state_dict(torch.load("and-again.pt"))
plt.plot(losses)
plt.savefig("losses.png")
plt.close()

async def wait():
    await asyncio.sleep(0.01)
    return 3

assert await wait() == 3
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    assert list(pool.map(abs, [-1, 2])) == [1, 2]
with tempfile.NamedTemporaryFile("w") as file:
    file.write("x")
program = [sys.executable, "-c", "import numpy; print(numpy.ones(2).sum())"]
done = subprocess.run(program, capture_output=True, text=True)
assert done.stdout == "2.0\\n", done.stderr
assert subprocess.run("ls | wc -l", shell=True, capture_output=True, text=True).stdout.strip() == "5"
print(open("data/a.txt").read())
"""
SEVERAL_PROCESSES = """
import multiprocessing
data = torch.utils.data.TensorDataset(torch.arange(64.0).view(16, 4))
loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=2)
assert [batch[0].sum().item() for batch in loader] == [120.0, 376.0, 632.0, 888.0]

def square(x):
    return x * x

with multiprocessing.Pool(2) as pool:
    assert pool.map(square, [1, 2, 3]) == [1, 4, 9]
print("ok")
"""


def test_honest_notebook_runs(controller: Callable[..., Any]) -> None:
    """Training, plots, threads, files, copies, subprocesses; where students have users of their own also workers."""
    for library in ("torch", "matplotlib"):
        pytest.importorskip(library)
    script = """
    modules = ("numpy", "torch", "torch.optim", "matplotlib", "matplotlib.pyplot")
    fence = open_fence(preload=modules)
    student = new(fence)
    print(json.dumps([run(student, sys.argv[2]), fence.rootless or run(student, sys.argv[3])]))
    gone(student)
    assert not left(fence) and not [one for one in os.scandir("/dev/shm") if one.stat().st_uid >= 64_000_000]
    fence.close()
    """
    first, second = finish(controller(textwrap.dedent(script), HONEST, SEVERAL_PROCESSES))
    assert first == "data\n"
    assert second is True or second == "ok\n"


TRIAL = """
from functools import partial
from autograder.sandbox import reduced_trial
def failed(*without):
    reduced_trial.Fence = partial(Fence, without=frozenset(map(Rule, without)))
    return [one.name for one in reduced_trial.try_reduced() if not one.ok]
print(json.dumps([failed(), failed("covers"), failed("system-calls"), failed("memory")]))
"""


def test_trial_finds_what_is_not_held(controller: Callable[..., Any]) -> None:
    """The trial is content with the whole fence, and names what each weakened one lets through."""
    whole, open_files, open_calls, open_memory = finish(controller(TRIAL))
    assert whole == []
    assert {"files outside closed"} <= set(open_files)
    assert open_calls == ["no network"]
    assert open_memory == ["memory capped for each process"]


def test_interpreter_in_a_closed_home_is_refused() -> None:
    """As root, students' users must be able to read the interpreter; the fence says so before anything is graded."""
    if os.geteuid() != 0 or entered_by_all(Path(sysconfig.get_path("stdlib")).resolve()):
        pytest.skip("this interpreter can be read by everybody, or only by us anyway")
    fence = Fence({}, (), (), reduced=True)
    try:
        with pytest.raises(FenceError, match="install Python where every user can"):
            fence.wait_ready()
    finally:
        fence.close()


def test_around_names_all_but_what_is_hidden(tmp_path: Path) -> None:
    """Folders with something hidden are listed and named entry by entry; links in them are left out."""
    for name in (
        "lib/site/ours/module.py",
        "lib/site/numpy/core.py",
        "lib/site/one.py",
        "lib/other/x.py",
        "bin/python",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "lib/site/link").symlink_to(tmp_path / "lib/site/ours")
    readable, listable = around((f"{tmp_path}/lib", f"{tmp_path}/bin"), (f"{tmp_path}/lib/site/ours",))
    assert sorted(Path(path).relative_to(tmp_path).as_posix() for path in readable) == [
        "bin", "lib/other", "lib/site/numpy", "lib/site/one.py",
    ]  # fmt: skip
    assert sorted(Path(path).relative_to(tmp_path).as_posix() for path in listable) == ["lib", "lib/site"]


def test_empty_removes_what_is_deep_or_closed(tmp_path: Path) -> None:
    """A folder is emptied whatever its depth and modes, and what links lead to stays."""
    kept, folder = tmp_path / "kept", tmp_path / "folder"
    kept.mkdir()
    (kept / "file").touch()
    folder.mkdir()
    (folder / "link").symlink_to(kept)
    here = Path.cwd()
    try:
        os.chdir(folder)
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(here)
    (folder / "a/b/c").mkdir(parents=True)
    (folder / "a/b/c/file").touch()
    (folder / "a/b/link").symlink_to(kept)
    (folder / "a/b").chmod(0)
    (folder / "a").chmod(0o500)
    empty(folder)
    assert list(folder.iterdir()) == []
    assert (kept / "file").exists()


@pytest.mark.parametrize("machine", narrow.NUMBERS)
def test_numbers_agree_with_the_first_filter(machine: str) -> None:
    """Calls that both filters know have one number; what must be refused is known on every machine."""
    both = narrow.NUMBERS[machine].keys() & syscalls.NUMBERS[machine].keys()
    assert {"socket", "ioctl"} <= both
    assert all(narrow.NUMBERS[machine][name] == syscalls.NUMBERS[machine][name] for name in both)
    assert len(set(narrow.NUMBERS[machine].values())) == len(narrow.NUMBERS[machine])
    assert set(narrow.REFUSED) <= narrow.NUMBERS[machine].keys()
