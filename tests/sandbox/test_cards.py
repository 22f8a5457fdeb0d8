"""Cards seen from outside, with a program in the place of nvidia-smi that tells what a test wants."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox import cards
from autograder.sandbox.cards import Card, find_cards, has_started, holders

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="cards are looked for on Linux")
MIB = 2**20
Tell = Callable[..., None]


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Puts an nvidia-smi first in the path which prints `gpus` or `apps`, after a while and with a status."""

    def make(gpus: str = "", apps: str = "", status: int = 0, sleeps: float = 0) -> None:
        program = tmp_path / "nvidia-smi"
        (tmp_path / "gpus").write_text(gpus)
        (tmp_path / "apps").write_text(apps)
        wait = f"exec sleep {sleeps}\n" if sleeps else ""
        program.write_text(
            f"#!/bin/sh\n{wait}cd {tmp_path}\ncase $1 in\n"
            "--query-gpu=index,uuid,name,memory.total,memory.free) cat gpus;;\n"
            f"--query-compute-apps=gpu_uuid,pid,used_memory) cat apps;;\n*) exit 9;;\nesac\nexit {status}\n"
        )
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(cards, "torch_knows_cuda", lambda: True)
    return make


def test_cards_are_told_by_the_driver(tell: Tell) -> None:
    """Number, name and memory of each card, with the nodes that the fence has to show."""
    tell("0, GPU-aa, Large card, 81920, 80000\n1, GPU-bb, Small, 16384, 100\n")
    found, why = find_cards()
    assert why == ""
    assert [(card.index, card.uuid, card.name, card.total, card.free) for card in found] == [
        (0, "GPU-aa", "Large card", 81920 * MIB, 80000 * MIB),
        (1, "GPU-bb", "Small", 16384 * MIB, 100 * MIB),
    ]
    assert all({f"/dev/nvidia{card.index}", "/dev/nvidia-uvm"} <= set(card.nodes) for card in found)


@pytest.mark.parametrize(
    "answer",
    ["", "No devices were found\n", "0, GPU-aa, Name, [N/A], [N/A]\n", "0, GPU-aa\n", "a, b, c, d, e\n", "\xff\n"],
)
def test_answer_without_a_card(tell: Tell, answer: str) -> None:
    """Whatever else the program prints is no card, and no fault."""
    tell(answer)
    assert find_cards()[0] == []


def test_program_that_fails(tell: Tell) -> None:
    """A driver that does not answer is no card."""
    tell("0, GPU-aa, Name, 1000, 1000\n", status=9)
    assert find_cards()[0] == []


def test_program_that_hangs(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that never answers is no card after a while."""
    monkeypatch.setattr(cards, "_ASK_SECONDS", 0.3)
    tell(sleeps=600)
    assert find_cards()[0] == []


def test_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without nvidia-smi there is no card, and a reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cards, "_PLACES", str(tmp_path))
    found, why = find_cards()
    assert (found, bool(why)) == ([], True)


def test_torch_without_cuda(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card is of no use to a torch that was built without CUDA, and the reason says so."""
    monkeypatch.setattr(cards, "torch_knows_cuda", lambda: False)
    tell("0, GPU-aa, Name, 1000, 1000\n")
    assert find_cards() == ([], "the torch that is installed here was built without CUDA")


def test_torch_is_not_imported() -> None:
    """Looking for cards, and whether torch can use them, imports no torch."""
    code = "import sys; from autograder.sandbox import cards; cards.find_cards(); cards.torch_knows_cuda()"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'torch' not in sys.modules"], check=True)


def test_memory_of_processes(tell: Tell) -> None:
    """What the driver tells of processes on this card, in bytes; other cards and odd rows count for nothing."""
    tell(apps="GPU-aa, 41, 512\nGPU-aa, 41, 1\nGPU-bb, 42, 512\nGPU-aa, 43, [N/A]\nGPU-aa\n")
    assert Card("Name", 1000, 1000, uuid="GPU-aa").used() == {41: 513 * MIB}


def test_missing_node_is_named() -> None:
    """A node that is not there is named, with the command that makes it."""
    card = Card("Name", 1, 1, index=3, nodes=("/dev/null", "/dev/nvidia-uvm-that-is-not-there"))
    told = str(card.missing())
    assert "/dev/nvidia-uvm-that-is-not-there is missing" in told
    assert "-c=3" in told
    assert Card("Name", 1, 1, nodes=("/dev/null",)).missing() is None


def test_process_that_cannot_be_looked_into_counts_as_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary user may not see what a hidden process has open: then it is not forked. It is nobody's holder."""

    def refuse(folder: Path) -> Iterator[str]:
        raise PermissionError(folder)

    monkeypatch.setattr(cards, "_targets", refuse)
    card = Card("Name", 1, 1, nodes=("/dev/zero",), started="/dev/full")
    assert has_started(os.getpid(), card)
    assert holders([os.getpid()], card) == set()


def test_process_that_has_started_cuda_is_seen() -> None:
    """Who holds the node that CUDA alone opens has started it; who holds another one has not, and is on the card."""
    card = Card("Name", 1, 1, nodes=("/dev/zero", "/dev/full"), started="/dev/full")
    for node, started in (("/dev/full", True), ("/dev/zero", False)):
        code = f"import time; node = open({node!r}); print('ready', flush=True); time.sleep(600)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert has_started(process.pid, card) is started
            assert holders([process.pid, os.getpid()], card) == {process.pid}
            process.kill()
    assert holders([process.pid], card) == set()
