"""Sockets and the kernel's interfaces: refused under the fence, open without the one rule, and open outside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from autograder.sandbox.rules import Rule

from . import attacks_kernel as kernel
from .boxes import Killed, box, fence_without

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")


@cache
def answers(*without: Rule) -> dict[str, Any]:
    """What all tries get under a fence that lacks these rules, each in a process of its own."""
    with fence_without(*without) as fence, box(fence) as student:
        student.run(kernel.SOURCE)
        told = student.run("print(json.dumps({'tries': run(list(TRIES)), 'families': families()}))")
        answer: dict[str, Any] = json.loads(told)
        return answer | {"counted": not fence.soft_because}


@cache
def outside(uid: int) -> dict[str, Any]:
    """The same program without any fence."""
    return kernel.outside(uid)


def as_ordinary_user() -> dict[str, Any]:
    """What an ordinary user of this machine gets; what is refused to it is refused by the machine."""
    return outside(kernel.ORDINARY if os.geteuid() == 0 else 0)


@pytest.mark.parametrize("name", kernel.TRIES)
def test_fence_refuses(name: str) -> None:
    """Under the whole fence no try gets through; memory files only where a control group counts them."""
    whole = answers()
    if name == "memfd" and whole["counted"]:
        assert whole["tries"][name] == "through"
        whole = answers(Rule.CGROUP)
    assert whole["tries"][name] in kernel.REFUSED


@pytest.mark.parametrize("name", [name for name in kernel.TRIES if name not in kernel.KERNEL_TOO])
def test_filter_alone_stands_in_the_way(name: str) -> None:
    """Without the filter of system calls the try gets through, wherever an ordinary user of this machine does."""
    if as_ordinary_user()["tries"][name] != "through":
        pytest.skip("this machine refuses it to every ordinary user")
    assert answers(Rule.SYSTEM_CALLS)["tries"][name] == "through"


def test_most_tries_are_tried() -> None:
    """What this machine refuses by itself is a small part: the tests above prove something."""
    ordinary = as_ordinary_user()["tries"]
    assert sum(ordinary[name] == "through" for name in kernel.TRIES if name not in kernel.KERNEL_TOO) > 30


@pytest.mark.parametrize("name", kernel.TRIES)
def test_tries_work_outside(name: str) -> None:
    """Outside the fence every try gets through for root, and most for anybody: no program is a dud."""
    if as_ordinary_user()["tries"][name] == "through":
        return
    if os.geteuid() != 0:
        pytest.skip("an ordinary user is refused it")
    if name == "raise_hard_limit" and not kernel.has_capability(kernel.CAP_SYS_RESOURCE):
        pytest.skip("this machine's root may not raise limits")
    assert outside(0)["tries"][name] in ("through", "ESTALE")  # the handle of no file


def test_socket_families() -> None:
    """Sockets can be had of the local kind alone; without the filter of every kind that a user can have."""
    assert answers()["families"] == [socket_number("AF_UNIX")]
    open_to_all = as_ordinary_user()["families"]
    assert set(answers(Rule.SYSTEM_CALLS)["families"]) == set(open_to_all) > {socket_number("AF_UNIX")}
    assert {socket_number("AF_INET"), socket_number("AF_NETLINK")} <= set(open_to_all)


def socket_number(name: str) -> int:
    """An address family's number."""
    return int(getattr(kernel.socket, name))


@pytest.mark.parametrize(
    ("without", "reached"),
    [
        ((), set()),
        ((Rule.SYSTEM_CALLS,), set()),
        ((Rule.NETWORK,), {"unix abstract"}),
        ((Rule.SYSTEM_CALLS, Rule.NETWORK), {"tcp", "tcp6", "udp", "unix abstract"}),
    ],
)
def test_listeners_of_the_host(without: tuple[Rule, ...], reached: set[str]) -> None:
    """No socket of the host is reached. Two rules hold TCP and UDP, one abstract names, and the image paths."""
    with kernel.listening() as listeners, fence_without(*without) as fence, box(fence) as student:
        student.run(kernel.SOURCE)
        student.run(kernel.knock("knocking", listeners.addresses))
        assert set(listeners.heard("knocking")) == reached & listeners.sockets.keys()


def test_listeners_outside() -> None:
    """The same words reach every listener without the fence."""
    with kernel.listening() as listeners:
        program = f"{kernel.SOURCE}\n{kernel.knock('knocking', listeners.addresses)}"
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60, stdout=subprocess.DEVNULL)
        assert listeners.heard("knocking") == sorted(listeners.sockets)


@pytest.mark.parametrize("without", [(), (Rule.SYSTEM_CALLS,)])
def test_far_addresses(without: tuple[Rule, ...]) -> None:
    """Neither names nor a cloud's metadata nor a public address can be reached, with or without the filter.

    Outside the fence this is not tried: nobody knows what would answer.
    """
    places = {"tcp metadata": "169.254.169.254:80", "tcp public": "192.0.2.1:80", "udp name server": "192.0.2.1:53"}
    with fence_without(*without) as fence, box(fence) as student:
        student.run(kernel.SOURCE)
        assert json.loads(student.run(kernel.knock("knocking", places))) == []
        assert "gaierror" in student.run("socket.getaddrinfo('example.org', 80)")


@pytest.mark.parametrize(("without", "answer"), [((), "ESRCH"), ((Rule.PROCESSES,), "through")])
def test_signal_to_a_process_of_the_host(without: tuple[Rule, ...], answer: str) -> None:
    """A process of the very same user cannot be signalled, but for want of a pid namespace."""
    with fence_without(*without) as fence, box(fence) as student, kernel.victim(student) as victim:
        student.run(kernel.SOURCE)
        assert student.run(f"print(signal_of({victim.pid}, {int(signal.SIGTERM)}))").strip() == answer
        if answer == "through":
            assert victim.wait(30) == -signal.SIGTERM
        assert (victim.poll() is None) == (answer != "through")


def test_signal_to_everybody() -> None:
    """A kill of pid 1 does nothing, and one of everybody ends the student alone: the next one runs.

    Without a pid namespace this is not tried: it would end all processes of that user on this machine.
    """
    with fence_without() as fence:
        with box(fence) as student:
            student.run(kernel.SOURCE)
            assert student.run("os.kill(1, signal.SIGKILL); print('alive')").strip() == "alive"
            with pytest.raises(Killed):
                student.run("if os.fork() == 0:\n    os.kill(-1, signal.SIGKILL)\n    os._exit(0)\ntime.sleep(30)")
        with box(fence) as student:
            assert student.run("print('next')").strip() == "next"


FOREIGN = """
import ctypes, mmap, os
code = bytes.fromhex({code!r})
page = mmap.mmap(-1, len(code), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
enter = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
pid = os.fork()
if pid == 0:
    os._exit(7 if enter() == os.getpid() else 8)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
CONVENTIONS = {
    "32 bit": "53b814000000cd805bc3",  # push rbx; mov eax, 20 (getpid there); int 0x80; pop rbx; ret
    "x32": "b827000040 0f05c3".replace(" ", ""),  # mov eax, 39 + the x32 bit; syscall; ret
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="other machines have no such conventions")
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_foreign_convention(convention: str) -> None:
    """A system call by another convention than the machine's ends the process; without the filter it does not."""
    program = FOREIGN.format(code=CONVENTIONS[convention])
    told = {}
    for without in ((), (Rule.SYSTEM_CALLS,)):
        with fence_without(*without) as fence, box(fence) as student:
            told[without] = int(student.run(program))
    assert told[()] == -signal.SIGSYS
    assert told[(Rule.SYSTEM_CALLS,)] in (7, 8)  # 8: this kernel has no such convention
    control = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(control.stdout) == told[(Rule.SYSTEM_CALLS,)]
