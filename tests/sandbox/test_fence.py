"""The fence from the inside: what student code finds, may do and may not."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder.sandbox.limits import Limits, wall
from autograder.sandbox.process import clean_environment

PACKAGE = Path(autograder.__file__).parent


def told(box: Any, source: str) -> Any:
    """What a cell prints as JSON."""
    return json.loads(box.text("import json, os, sys\nfrom pathlib import Path\n" + source))


def status(box: Any) -> dict[str, str]:
    """The runner's own /proc/self/status."""
    text = told(box, "print(json.dumps(Path('/proc/self/status').read_text()))")
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def refused(box: Any, source: str) -> str:
    """The class of the OSError that a cell meets."""
    _, error = box.run("import os, socket, resource, ctypes\nfrom pathlib import Path\n" + source)
    assert error is not None, f"{source} was allowed"
    assert "OSError" in (error["name"], *error["bases"]) or error["name"] == "ValueError", error
    return str(error["name"])


def test_identity(shared_box: Any) -> None:
    """One user without a name of the host, in a working folder of its own."""
    seen = told(
        shared_box, "print(json.dumps([os.getuid(), os.getgid(), os.getgroups(), os.uname().nodename, os.getcwd()]))"
    )
    assert seen[:2] == [1000, 1000]
    assert set(seen[2]) <= {1000, 65534}
    assert seen[3:] == ["student", "/scratch/work"]
    assert told(shared_box, "import getpass; print(json.dumps(getpass.getuser()))") == "student"


def test_rights(shared_box: Any) -> None:
    """No capability in any set, none to be had, and no new privileges."""
    facts = status(shared_box)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(facts[kind], 16) == 0, kind
    assert facts["NoNewPrivs"] == "1"


def test_processes_seen(shared_box: Any) -> None:
    """/proc shows the student's own processes only, and the runner is not pid 1."""
    numbers = told(
        shared_box, "print(json.dumps([int(p) for p in os.listdir('/proc') if p.isdigit()] + [os.getpid()]))"
    )
    assert max(numbers) < 200
    assert len(numbers) == 3
    assert numbers[-1] != 1


def test_descriptors_seen(box: Any) -> None:
    """Nothing is open but the standard three, the runner's pipes and its pairs; the first three lead nowhere."""
    links = told(
        box,
        """
names = sorted(os.listdir('/proc/self/fd'), key=int)
print(json.dumps({n: os.readlink(f'/proc/self/fd/{n}') for n in names if os.path.lexists(f'/proc/self/fd/{n}')}))""",
    )
    assert [links.pop(n) for n in "012"] == ["/dev/null"] * 3
    assert all(target.startswith("pipe:") for target in links.values()), links
    assert len(links) == 2 + 2 * len(box.tree.pairs)


def test_snapshot_holds_one_pair(box: Any) -> None:
    """A snapshot keeps its own pair and nothing of the others', and a program that it starts gets none."""
    box.run(
        """
        import os, subprocess
        def mine():
            paths = map("/proc/self/fd/{}".format, os.listdir("/proc/self/fd"))
            return [os.readlink(path) for path in paths if os.path.lexists(path)]
        """
    )
    box.run(
        "def theirs(): return subprocess.check_output('ls -l /proc/self/fd', shell=True, close_fds=False, text=True)"
    )
    student = box.snapshot()
    assert sum(link.startswith("pipe:") for link in student.call("mine")) == 2
    assert student.call("theirs").count("pipe:") == 1  # its own standard output


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_network(shared_box: Any, family: str) -> None:
    """No connection leaves: not to the host's own address, not to the world."""
    host = "127.0.0.1" if family == "AF_INET" else "::1"
    server = socket.create_server((host, 0), family=getattr(socket, family))
    with server:
        for address in ((host, server.getsockname()[1]), ("1.1.1.1" if family == "AF_INET" else "2606:4700::1111", 53)):
            refused(shared_box, f"socket.socket(socket.{family}).connect({address!r})")
    refused(shared_box, "socket.getaddrinfo('example.org', 80)")


def test_abstract_sockets(shared_box: Any) -> None:
    """A socket without a path on the host is in another network namespace."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0autograder-test")
        server.listen()
        refused(shared_box, "socket.socket(socket.AF_UNIX).connect('\\0autograder-test')")


@pytest.mark.parametrize(
    "place",
    ["/", "/usr", "/etc", "/.course", "/.keep", "/dev", "/run", "/var", "/scratch/..", str(Path(os.__file__).parent)],
)
def test_system_is_read_only(shared_box: Any, place: str) -> None:
    """Nothing of the system can be written."""
    refused(shared_box, f"Path({place!r}, 'mark').write_text('x')")


@pytest.mark.parametrize("place", ["/tmp", "/var/tmp", "/dev/shm", "/scratch/work", "~"])
def test_writable_places(shared_box: Any, place: str) -> None:
    """Temporary folders, shared memory and the home folder can be written."""
    source = f"path = Path({place!r}, 'mark').expanduser()\npath.write_text('x')\n"
    assert told(shared_box, source + "print(json.dumps(path.read_text()))\npath.unlink()") == "x"


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm", "/scratch/work"])
def test_scratch_is_capped(new_box: Callable[..., Any], place: str) -> None:
    """All writable places share one cap on bytes and one on files."""
    box = new_box(scratch=4 * 2**20, files=50)
    _, error = box.run(
        f"with open({place!r} + '/big', 'wb', buffering=0) as file:\n    while file.write(bytes(2**20)): pass"
    )
    assert "Errno 28" in error["message"]
    box.run(f"import os; os.unlink({place!r} + '/big')")
    _, error = box.run(f"for n in range(99): open({place!r} + f'/{{n}}', 'w')")
    assert "Errno 28" in error["message"]


def test_course_files(new_box: Callable[..., Any]) -> None:
    """Course files lie in the working folder, may be changed, and the next student has them whole."""
    for _ in range(2):
        box = new_box()
        assert (
            told(box, "p = Path('data/numbers.txt')\nprint(json.dumps(p.read_text()))\np.write_text('changed')")
            == "1 2 3\n"
        )


def test_nothing_persists(new_box: Callable[..., Any]) -> None:
    """What one student leaves anywhere, the next one does not find."""
    places = ["/tmp/mark", "/dev/shm/mark", "/scratch/work/mark", "/var/tmp/mark2"]
    told(new_box(), f"[Path(p).write_text('x') for p in {places}]\nprint('null')")
    assert told(new_box(), f"print(json.dumps([os.path.exists(p) for p in {places}]))") == [False] * 4


def test_our_package_is_hidden(shared_box: Any) -> None:
    """`import autograder` gives a stub whose `check` does nothing; our files are nowhere."""
    assert told(
        shared_box, "import autograder\nprint(json.dumps([autograder.check('q'), hasattr(autograder, '__file__')]))"
    ) == [None, False]
    _, error = shared_box.run("from autograder.sandbox import fence")
    assert error["name"] == "ModuleNotFoundError"
    shared_box.run("import importlib.metadata\nfiles = importlib.metadata.files('autograder')")
    assert not told(shared_box, "print(json.dumps(globals().get('files')))")
    found = "found = [p for p in Path('/').rglob('*autograder*') if p.is_file() and p.stat().st_size]\n"
    assert told(shared_box, found + "print(json.dumps(list(map(str, found))))") == []
    assert not told(shared_box, f"print(json.dumps(os.path.exists({str(PACKAGE / 'errors.py')!r})))")


def test_environment(shared_box: Any) -> None:
    """Nothing of the operator's environment or command line is passed on."""
    names = set(told(shared_box, "print(json.dumps(list(os.environ)))"))
    ours = {*clean_environment("/"), "MPLCONFIGDIR", "LC_CTYPE", "COLUMNS", "LINES"}
    assert {name for name in names if not name.startswith("KMP_")} <= ours
    assert os.environ["HOME"] not in told(shared_box, "print(json.dumps(dict(os.environ)))").values()


def test_memory_limit(new_box: Callable[..., Any]) -> None:
    """Too much memory is a MemoryError in the cell, and the notebook goes on."""
    box = new_box(memory=256 * 2**20)
    for source in (
        "x = bytearray(2**30)",
        "import numpy as np\nx = np.ones(2**28)",
        "import mmap\nmmap.mmap(-1, 2**30)",
    ):
        assert box.run(source)[1]["name"] in ("MemoryError", "_ArrayMemoryError", "OSError")
    assert box.text("print(len(bytearray(2**26)))") == str(2**26)


def test_process_limit(new_box: Callable[..., Any], eventually: Callable[..., bool]) -> None:
    """A fork bomb and a thread bomb meet their limit and leave nothing behind."""
    box = new_box(processes=20)
    assert refused(box, "while True:\n    if os.fork() == 0: import time; time.sleep(600)") == "BlockingIOError"
    pidfd = os.dup(box.tree._init)
    box.tree.kill()
    assert select.select([pidfd], [], [], 30)[0]
    threads = new_box(processes=20)
    start = "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    _, error = threads.run(f"import threading, time\nfor _ in range(99): {start}")
    assert error["name"] == "RuntimeError"


def test_other_limits(new_box: Callable[..., Any]) -> None:
    """Descriptors, file size, core dumps and locked memory are limited; no limit can be raised."""
    box = new_box(descriptors=100, file_size=2**20)
    assert "Errno 24" in box.run("files = [open('/dev/null') for _ in range(200)]")[1]["message"]
    box.run("files = []")
    assert (
        "Errno 27"
        in box.run(
            "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nopen('big', 'wb').write(bytes(2**21))"
        )[1]["message"]
    )
    for name in ("CORE", "MEMLOCK"):
        limit = f"import resource\nprint(json.dumps(resource.getrlimit(resource.RLIMIT_{name})))"
        assert told(box, limit) == [0, 0]
    for name in ("AS", "NPROC", "NOFILE", "FSIZE", "CPU", "CORE"):
        limit = f"kind = resource.RLIMIT_{name}\nmore = resource.getrlimit(kind)[1] + 1\n"
        refused(box, limit + "resource.setrlimit(kind, (more, more))")


@pytest.mark.parametrize(
    "source",
    [
        "os.kill(1, 9) or Path('/proc/1/status').read_text() and 1/0",
        "os.setuid(0)",
        "os.chown('/scratch/work', 0, 0)",
        "os.mknod('/tmp/device', 0o20666, os.makedev(1, 1))",
        "os.chroot('/tmp')",
        "os.nice(-5)",
        "os.sethostname('x') if hasattr(os, 'sethostname') else socket.sethostname('x')",
        "if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None): raise OSError('refused')",
        "if ctypes.CDLL(None).umount2(b'/proc', 2): raise OSError('refused')",
        "if ctypes.CDLL(None).ptrace(16, 1, 0, 0): raise OSError('refused')",
        "open('/proc/1/mem', 'rb')",
        "os.listdir('/proc/1/fd')",
        "open('/proc/sys/kernel/hostname', 'w')",
    ],
)
def test_forbidden_act(shared_box: Any, source: str) -> None:
    """Acts on the system or on pid 1 are refused."""
    if source.startswith("os.kill"):
        assert shared_box.run("import os\nos.kill(1, 9)")[1] is None  # pid 1 does not feel signals from within
        assert shared_box.text("print('on')") == "on"
    else:
        refused(shared_box, source)


def test_reading_is_confined(shared_box: Any, tmp_path: Path) -> None:
    """No file of the host is there but the declared system: not this test's folder, no keys, no logs, no course."""
    (tmp_path / "secret").write_text("canary")
    paths = [
        str(tmp_path / "secret"),
        "/etc/shadow",
        "/etc/ssh",
        "/root/.ssh",
        "/var/log",
        "/sys/kernel",
        "/home/ubuntu",
    ]
    assert told(shared_box, f"print(json.dumps([p for p in {paths} if os.path.exists(p)]))") == []
    system = {"bin", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "proc", "root", "run", "sbin", "scratch"}
    known = system | {
        ".course",
        ".keep",
        "sys",
        "tmp",
        "usr",
        "var",
        Path(sys.prefix).parts[1],
        Path(sys.base_prefix).parts[1],
    }
    assert set(told(shared_box, "print(json.dumps(os.listdir('/')))")) <= known


def test_limits_json_round_trip() -> None:
    """Limits survive their JSON form, and the wall clock is far behind the CPU limit."""
    limits = Limits(test_seconds=3.5, memory=5)
    assert Limits(**json.loads(json.dumps(limits.to_json()))) == limits
    assert limits.longest == 60.0
    assert wall(10) >= 40
