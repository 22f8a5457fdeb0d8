"""The warm process from which every student is forked. It holds no secret, ever.

Started by the controller as `python -s -P -B`, with the number of its control socket as the only argument. It imports
this package, builds the read-only image and enters it, imports numpy, torch and IPython *there*, runs warm-up cells,
puts its memory on huge pages and then forks a student whenever it is told. It keeps to one thread and never touches an
accelerator's driver: a process that did either could not be forked safely.

    ← setup {image, preload, rules, reduced…}      → ready {rootless} | fault {text}
    ← branch {}, descriptor: a control socket      → {pid}, on that socket: a fork that takes orders there
    ← spawn {uid, limits, seed, share…}, descriptors: status, runner's reader and writer, then both of each pair

Each slot has a branch of its own, which the controller puts into the slot's control group: whoever is forked there is
born inside it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import signal
import socket
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import fence, image, libc, reduced, seccomp
from autograder.sandbox.channel import Channel
from autograder.sandbox.codec import encode
from autograder.sandbox.decoding import decode
from autograder.sandbox.descriptors import receive_message, send_message
from autograder.sandbox.heap import Heap
from autograder.sandbox.limits import Limits
from autograder.sandbox.rules import Rule
from autograder.sandbox.runner import Runner, own_modules
from autograder.sandbox.share import Share
from autograder.sandbox.shell import MAX_NOTEBOOK_OUTPUT, RecordedStream, StudentShell, warm_shell
from autograder.sandbox.slots import FIRST_UID
from autograder.sandbox.snapshot import reseed

_MAY_MOUNT = 1 << 21  # CAP_SYS_ADMIN
_MAY_CHANGE_USER = 1 << 6 | 1 << 7  # CAP_SETGID, CAP_SETUID
_REHEARSALS = 12
"""CPython specialises bytecode after about eight runs."""


@dataclass(slots=True)
class Zygote:
    """The loop: `shell` is what every student gets a copy of."""

    control: socket.socket
    shell: StudentShell
    hidden: tuple[str, ...]
    policy: fence.Policy
    files: tuple[fence.OpenFile, ...]
    trusted: (
        tuple[str, tuple[tuple[str, str], ...]] | None
    )  # without a fence: the students' parent folder, and their files
    yard: reduced.Yard | None  # without namespaces

    def serve(self) -> None:
        """Fork students until the controller closes the socket."""
        while (received := receive_message(self.control)) is not None:
            message, descriptors = received
            if "branch" in message:
                self.branch(*descriptors)
            else:
                self.spawn(message, descriptors)
            reap_finished()

    def branch(self, control: int) -> None:
        """Fork a zygote that takes its orders from another socket."""
        if libc.fork() == 0:
            libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
            self.control.close()
            self.control = socket.socket(fileno=control)
            send_message(self.control, {"pid": os.getpid()})
        else:
            os.close(control)

    def spawn(self, message: dict[str, Any], descriptors: list[int]) -> None:
        limits = Limits(**message["limits"])
        share = Share(**message["share"] | {"seed": message["seed"]}) if message["share"] is not None else None
        status, *pipes = descriptors

        def run() -> None:
            numbers = range((len(pipes) - 2) // 2)
            pairs = {k: (pipes[2 + 2 * k], pipes[3 + 2 * k]) for k in numbers}
            reseed(message["seed"])
            Runner(Channel(pipes[0], pipes[1]), pairs, self.shell, limits, self.hidden, share).serve()

        program = fence.Program(limits, self.files, status, tuple(pipes), self.control.close, run)
        if self.trusted is not None:
            fence.spawn_trusted(program, *self.trusted)
        elif self.yard is not None:
            self.yard.spawn(program, message["uid"], self.policy)
        else:
            fence.spawn(program, message["uid"], self.policy)
        for descriptor in descriptors:
            os.close(descriptor)


def reap_finished() -> None:
    """Collect the students that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def privileged(rights: int = _MAY_MOUNT) -> bool:
    """Whether we are root with these rights and may become the slots' uids: we may not mount in most containers."""
    status = Path("/proc/self/status").read_text()
    effective = int(next(line for line in status.splitlines() if line.startswith("CapEff")).split()[1], 16)
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    mapped = any(first <= FIRST_UID < first + count for first, _, count in ranges)
    return os.geteuid() == 0 and effective & rights == rights and mapped


def enter_image(plan: image.ImagePlan, rules: frozenset[Rule]) -> bool:
    """Build the image in a mount namespace of our own; True where that took a user namespace (we have no rights)."""
    rootless = not privileged()
    if rootless:
        uid, gid = os.getuid(), os.getgid()
        libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNS)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    else:
        os.setgroups([])  # a student could not drop them
        libc.unshare(libc.CLONE_NEWNS)
    image.build_image(plan, rules)
    return rootless


def warm_up(preload: list[str], *, backward: bool = True) -> StudentShell:
    """Import what the assignment uses and make the shell; a module that is missing here is simply not preloaded.

    torch's first `backward` starts a thread for every card that it sees then, and never looks again: a process in which
    it saw none can use none. So where students have a card, it is not rehearsed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in preload:
            if importlib.util.find_spec(name) is not None:
                importlib.import_module(name)
        shell = warm_shell(plots="matplotlib" in preload)
    warm_by_doing(shell, optimisers=backward and "torch.optim" in preload, backward=backward)
    sys.stdout = RecordedStream("stdout", shell.recorder)
    sys.stderr = RecordedStream("stderr", shell.recorder)
    return shell


_REHEARSAL = (
    "import math\nx = [n * 2.0 for n in range(5)]\nsum(x)",
    'def rehearse(a, b=1):\n    """A function like many."""\n    return a * b',
    "class Rehearsal:\n    def __init__(self, size):\n        self.size = size\nprint(Rehearsal(3).size)",
    "1 / 0",
)
_FORWARD_REHEARSAL = """\
import torch
torch.set_num_threads(1)
_layer = torch.nn.Linear(2, 2)
_loss = torch.nn.functional.mse_loss(torch.relu(_layer(torch.ones(3, 2))), torch.zeros(3, 2))"""
_TORCH_REHEARSAL = f"""\
{_FORWARD_REHEARSAL}
_loss.backward()
_layer.weight.grad"""
_OPTIMISER_REHEARSAL = """\
import torch
_layer = torch.nn.Linear(2, 2)
_layer(torch.ones(3, 2)).sum().backward()
torch.optim.Adam(_layer.parameters()).step()"""


def warm_by_doing(shell: StudentShell, *, optimisers: bool, backward: bool) -> None:
    """Do here, some times over, what every student will do: imports, caches and specialised bytecode are inherited.

    Measured on a three-question torch notebook: a student's cells and calls cost half the CPU time.
    """
    values: list[Any] = [1, 2.5, "text", [1, 2], {"a": (1.0, None)}]
    cells = list(_REHEARSAL)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        values += [numpy.random.default_rng(0).normal(size=3), numpy.float32(1.0)]
    if torch is not None:
        cells.append(_TORCH_REHEARSAL if backward else _FORWARD_REHEARSAL)
        if optimisers:
            shell.run(0, _OPTIMISER_REHEARSAL)  # the first optimiser imports the compiler: over a second
        values.append(torch.ones(2, 2))
    for number in range(_REHEARSALS):
        for cell in cells:
            shell.run(number, cell)
        for value in values:
            decode(encode(("ok", number, value)))
        reseed(number)
    shell.reset(new_session=True)
    shell.user_ns["__spec__"] = None  # as in Jupyter: multiprocessing asks the main module for it before it spawns
    shell.recorder.total = MAX_NOTEBOOK_OUTPUT


def main(heap: Heap) -> None:
    """Entry point of the process."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    received = receive_message(control)
    if received is None:
        return
    setup = received[0]
    libc.name_process("ag-zygote")
    # What the boot line appended. Where this package is installed, the same folder is site-packages, and stays.
    del sys.path[-1 - sys.path[::-1].index(setup["package_path"])]
    try:
        plan = image.ImagePlan.from_json(setup["image"])
        trusted = setup["trusted"] is not None
        rules = frozenset(map(Rule, setup["rules"]))
        yard = None
        if setup["reduced"] is not None:
            place, may = Path(setup["reduced"]), privileged(_MAY_CHANGE_USER)
            yard = reduced.open_yard(place, plan, rules, privileged=may)
        rootless = yard.rootless if yard else trusted or enter_image(plan, rules)
        filtered = Rule.SYSTEM_CALLS in rules and not trusted
        counted = setup["memory_bound"]
        program = seccomp.assemble(platform.machine(), memory_bound=counted, card=setup["card"]) if filtered else b""
        os.environ["MPLCONFIGDIR"] = f"{os.environ['TMPDIR']}/matplotlib"
        shell = warm_up(setup["preload"], backward=not setup["card"])
        files = fence.files_kept_open({control.fileno()})
        if yard is not None:
            reduced.pass_tensors_by_value()
        elif not trusted and Rule.READ_ONLY in rules:
            image.seal_image()
    except Exception as error:  # the edge of the process: the controller turns it into a FenceError
        send_message(control, {"fault": f"{type(error).__name__}: {error}"})
        return
    heap.settle()
    send_message(control, {"ready": True, "rootless": rootless, "files": [file.path for file in files]})
    policy = fence.Policy(rules, program)
    own_files = (setup["trusted"], plan.files) if trusted else None
    Zygote(control, shell, own_modules(), policy, files, own_files, yard).serve()
    if yard is not None:
        yard.close()
