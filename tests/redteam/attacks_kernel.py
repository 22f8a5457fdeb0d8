"""Attacks 23 and 24: sockets of all kinds, and the kernel's interfaces to other processes, namespaces and itself.

The programs stand in `programs/kernel.py`. Each try asks the kernel for something that is the asker's own to have, so
it can be made anywhere; what differs is who says no:

    under the whole fence                 the filter of system calls, or one of the other rules
    without the rule alone                nobody, wherever the kernel lets an ordinary user do it
    outside, as an ordinary user or root  nobody: the program is no dud
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.sandbox.proc import status_of
from autograder.sandbox.rules import Rule

from .boxes import Box, box, fence_without
from .ground import Ground, Seen
from .harness import Attack

PROGRAM = Path(__file__).parent / "programs" / "kernel.py"
SOURCE = PROGRAM.read_text()
TRIES = tuple(
    node.name
    for node in ast.parse(SOURCE).body
    if isinstance(node, ast.FunctionDef) and any(ast.unparse(one) == "attempt" for one in node.decorator_list)
)
REFUSED = ("EPERM", "EACCES", "ENOSYS", "EINVAL", "ENOMEM")
"""How a try may end under the fence: any of these from the kernel, and never "through"."""

FIRST = "asks for a right in the machine's first user namespace, and the fence has one of its own: two rules hold it"
KERNEL_TOO = {
    "process_madvise": FIRST,
    "mknod_device": FIRST,
    "open_by_handle": FIRST,
    "reboot": FIRST,
    "swapon": FIRST,
    "acct": FIRST,
    "kernel_log": FIRST,
    "raise_hard_limit": FIRST,
    "nice": FIRST,
    "realtime": FIRST,
    "realtime_disk": FIRST,
    "bpf": "most machines keep it from all but root (kernel.unprivileged_bpf_disabled)",
    "lock_memory": "a limit of zero that no rule switches off",
    "become_root": "there is no user 0 in the student's user namespace, which no rule switches off",
    "set_user_id_program": "mounts without set-user-id, no new privileges, and no user 0: three rules hold it",
    "memfd": "allowed where a control group counts it; see the fence without one",
}
"""Tries that no single rule lets through, and why."""

ORDINARY = 65534


def outside(uid: int) -> dict[str, Any]:
    """What the same program gets outside the fence, harmlessly: as root in namespaces of its own, or as a user."""
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as folder:
        Path(folder).chmod(0o777)
        command = [sys.executable, str(PROGRAM), "apart", str(uid)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=120)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def has_capability(number: int) -> bool:
    """Whether this process has a right, such as 24 to raise limits: even root may lack some in a container."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("CapEff"))
    return bool(int(line.split()[1], 16) >> number & 1)


CAP_SYS_RESOURCE = 24


@dataclass
class Listeners:
    """Sockets of the host, as many kinds as there are, and which of them somebody has reached."""

    sockets: dict[str, socket.socket]
    addresses: dict[str, str]
    folder: str

    def heard(self, word: str) -> list[str]:
        """The listeners that got the word, in order; a moment is left for it to arrive."""
        found = []
        for name, each in self.sockets.items():
            while select.select([each], [], [], 0.2)[0]:
                data = each.recv(100) if "udp" in name else _accepted(each)
                found += [name] if data == word.encode() else []
        return sorted(found)


def _accepted(listener: socket.socket) -> bytes:
    with contextlib.suppress(OSError), listener.accept()[0] as one:
        one.settimeout(3)
        return one.recv(100)
    return b""


@contextlib.contextmanager
def listening() -> Iterator[Listeners]:
    """Listeners for as long as the block runs."""
    folder = tempfile.mkdtemp(prefix="autograder-redteam-")
    kinds: dict[str, tuple[int, int, Any]] = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "tcp6": (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "unix abstract": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0autograder-redteam-{os.getpid()}"),
        "unix path": (socket.AF_UNIX, socket.SOCK_STREAM, f"{folder}/socket"),
    }
    sockets: dict[str, socket.socket] = {}
    addresses: dict[str, str] = {}
    try:
        for name, (family, kind, address) in kinds.items():
            one = socket.socket(family, kind)
            try:
                one.bind(address)
                if kind == socket.SOCK_STREAM:
                    one.listen()
            except OSError:  # a machine without IPv6
                one.close()
                continue
            sockets[name] = one
            place = one.getsockname()
            addresses[name] = f"{place[0]}:{place[1]}" if isinstance(place, tuple) else address
        Path(folder).chmod(0o755)
        Path(folder, "socket").chmod(0o777)
        yield Listeners(sockets, addresses, folder)
    finally:
        for one in sockets.values():
            one.close()
        shutil.rmtree(folder)


def knock(word: str, addresses: dict[str, str]) -> str:
    """The cell, after `SOURCE`, that sends a word to all of them."""
    return f"print(json.dumps(knock({word!r}, {addresses!r})))"


# ------------------------------------------------------------------------------------------------------ as attacks


def tries(*names: str) -> tuple[str, ...]:
    """Cells that make these tries and say which got through; memory files are allowed where they are counted."""
    got = f"[name for name, answer in run({list(names)!r}).items() if answer == 'through']"
    return SOURCE, f"loot({got})"


def open_to_somebody(_: Ground, attack: Attack) -> list[str]:
    """A control: what root, or else any user, gets through outside the fence, harmlessly."""
    wanted = [name for name in TRIES if f"{name!r}" in str(attack.variants)]
    got = outside(0)["tries"]
    return [name for name in wanted if got[name] == "through"]


def knocking(ground: Ground, attack: Attack, variant: str) -> Seen:
    """Hand in a notebook that knocks at listeners of the host; what they heard is loot."""
    with listening() as listeners:
        seen = ground.robbed((SOURCE, knock("knocking", listeners.addresses)))
        return replace(seen, loot=(*seen.loot, *listeners.heard("knocking")))


def knocking_openly(ground: Ground, attack: Attack) -> list[str]:
    """The listeners that the same program reaches without the fence."""
    with listening() as listeners:
        program = f"{SOURCE}\n{knock('knocking', listeners.addresses)}"
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60, stdout=subprocess.DEVNULL)
        return listeners.heard("knocking")


def knocking_without(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
    """The listeners that are reached without the rule: abstract names, since the filter holds the others as well."""
    with listening() as listeners:
        ground.unruled(rule, (SOURCE, knock("knocking", listeners.addresses)))
        return listeners.heard("knocking")


@contextlib.contextmanager
def victim(student: Box) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the host that belongs to the user who the student is out here."""
    uid = int(status_of(student.tree.pid)["Uid"].split()[0])
    user: dict[str, Any] = {"user": uid, "group": uid, "extra_groups": []} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/", **user) as process:
        try:
            yield process
        finally:
            process.kill()


def kill_openly(ground: Ground, attack: Attack) -> list[str]:
    """A control: a kill of everybody, in a pid namespace that holds nobody but a victim."""
    done = subprocess.run([sys.executable, "-c", f"{SOURCE}\n{KILL_APART}"], capture_output=True, text=True, timeout=60)
    return ["killed the victim"] if "killed the victim" in done.stdout else []


def kill_without(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
    """A kill of one process of the host that has the student's own user; of everybody it would hit strangers, too."""
    with fence_without(rule) as fence, box(fence) as student, victim(student) as process:
        student.run(SOURCE)
        student.run(f"signal_of({process.pid}, signal.SIGKILL)")
        return [f"killed {process.pid}"] if process.wait(30) == -9 else []


KILL_APART = """
call("unshare", NEWUSER | NEWPID)
if os.fork() == 0:
    victim = os.fork()
    if victim == 0:
        time.sleep(60)
    if os.fork() == 0:
        os.kill(-1, signal.SIGKILL)
    if os.waitpid(victim, 0)[1] == signal.SIGKILL:
        print("killed the victim", flush=True)
    os._exit(0)
os.wait()
"""
PRIVILEGES = ("raise_hard_limit", "nice", "realtime", "realtime_disk", "lock_memory")

ATTACKS = (
    Attack(
        numbers=(23,),
        name="socket-families",
        tried="open a socket of every address family, AF_VSOCK, AF_NETLINK and AF_PACKET among them",
        variants={"all": (SOURCE, "loot(f'family {family}' for family in families() if family != socket.AF_UNIX)")},
        outcome="EPERM for all but the local kind",
        rule=Rule.SYSTEM_CALLS,
    ),
    Attack(
        numbers=(23,),
        name="listeners",
        tried="connect to the host: TCP and UDP on its loopback, an abstract name, a socket in its file system",
        variants={"all": ()},
        outcome="no listener hears anything",
        rule=Rule.NETWORK,
        hand_in=knocking,
        control=knocking_openly,
        off=knocking_without,
    ),
    Attack(
        numbers=(24,),
        name="system-calls",
        tried=f"{len(TRIES) - len(KERNEL_TOO)} ways into other processes, namespaces, mounts and the kernel's insides",
        variants={"all": tries(*(name for name in TRIES if name not in KERNEL_TOO))},
        outcome="each is refused",
        rule=Rule.SYSTEM_CALLS,
        control=open_to_somebody,
    ),
    Attack(
        numbers=(24,),
        name="root-only",
        tried="become root, make devices, start set-user-id programs, open files by handle, turn the machine off",
        variants={"all": tries(*(name for name in KERNEL_TOO if name not in (*PRIVILEGES, "memfd")))},
        outcome="each is refused",
        why="the kernel itself refuses them in any user namespace but its first; the filter is the second to do so",
        control=open_to_somebody,
    ),
    Attack(
        numbers=(24,),
        name="kill",
        tried="kill pid 1, the runner, and everybody",
        variants={
            "pid 1": ("import os\nos.kill(1, 9)\nfor n in range(1, 65): os.kill(1, n)",),
            "parent": ("import os\nif os.fork() == 0:\n    os.kill(os.getppid(), 9)\nimport time; time.sleep(5)",),
            "everybody": ("import os\nif os.fork() == 0:\n    os.kill(-1, 9)\nimport time; time.sleep(5)",),
        },
        outcome="it hits processes of its own, and costs that cell",
        rule=Rule.PROCESSES,
        control=kill_openly,
        off=kill_without,
    ),
    Attack(
        numbers=(25,),
        name="privileges",
        tried="raise its own limits and priority, become a real-time process, lock memory",
        variants={"all": tries(*PRIVILEGES)},
        outcome="each is refused; its own processors it may choose, as nothing is timed by the clock on the wall",
        why="the kernel itself refuses them in any user namespace but its first, where no rule of ours is needed",
        control=open_to_somebody,
    ),
)
