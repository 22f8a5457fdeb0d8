"""The layout of a heap that will be forked: arenas side by side, and no holes in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.heap import PLAIN_MEBIBYTES, mebibytes_for

ROOT = Path(__file__).resolve().parents[2]
MEBIBYTE = 2**20

USED = """
import json, os
from autograder.sandbox.heap import Heap
heap = Heap.reserve(16) if {reserved} else None
held = []
for number in range(12):  # as imports do: objects, and libraries that are mapped in between
    held.append([bytes(200) for _ in range(4000)])
    held.append(__import__("mmap").mmap(-1, 3 * 2**19))
addresses = [id(block) for blocks in held[::2] for block in blocks]
print(json.dumps(max(addresses) - min(addresses)))
"""
HOLES = """
import json
from autograder.sandbox.heap import Heap
heap = Heap.reserve(4)
held = [bytes(length) for length in range(40, 400, 16) for _ in range(3000)]
del held[::50]  # a hole here and there
if {settled}:
    heap.settle()
fresh = [bytes(length) for length in range(40, 400, 16) for _ in range(20)]
print(json.dumps(len(set(id(block) // 4096 for block in fresh))))
"""


def run(program: str) -> Any:
    """What a Python of its own prints: the layout of this one is none of our business."""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_reserved_arenas_lie_side_by_side() -> None:
    """What is allocated while libraries are mapped stays within the reserve; without one it is spread."""
    assert run(USED.format(reserved=True)) <= 18 * MEBIBYTE < run(USED.format(reserved=False))


def test_settled_heap_has_no_holes() -> None:
    """New objects lie on few pages; in a heap with holes they lie on twice as many and more."""
    assert run(HOLES.format(settled=True)) < run(HOLES.format(settled=False)) / 2


@pytest.mark.parametrize(("modules", "more"), [((), False), (("numpy",), False), (("numpy", "torch"), True)])
def test_torch_gets_a_larger_reserve(modules: tuple[str, ...], more: bool) -> None:
    """What torch imports takes most of it."""
    assert (mebibytes_for(modules) > PLAIN_MEBIBYTES) == more
