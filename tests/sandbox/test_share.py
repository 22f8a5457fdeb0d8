"""A student's share of a card, with a torch that has no CUDA: what can be seen of it without a card."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from autograder.sandbox.share import Share

torch = pytest.importorskip("torch")


def share(device: str = "cpu") -> Share:
    """A share of a card that is the CPU, or torch's device without contents."""
    return Share(device, "0", 2**30, 2**32)


def test_share_crosses_as_plain_data() -> None:
    """What the controller gives is what the student's process gets."""
    assert Share(**share().to_json()) == share()


def test_opening_a_share_starts_nothing() -> None:
    """The process sees the card from then on; its cap waits until CUDA starts, and CUDA does not."""
    code = (
        "import os, torch\n"
        "from autograder.sandbox.share import Share\n"
        "Share('cuda', 'GPU-aa', 2**30, 2**32).open(7)\n"
        "assert os.environ['CUDA_VISIBLE_DEVICES'] == 'GPU-aa'\n"
        "assert not torch.cuda.is_initialized()\n"
        "calls = []\n"
        "torch.cuda.set_per_process_memory_fraction = lambda *given: calls.append(given)\n"
        "for call, _ in torch.cuda._queued_calls:\n"
        "    if '<lambda>' in call.__qualname__ and 'Share' in call.__qualname__:\n"
        "        call()\n"
        "assert calls == [(0.25, 0)], calls\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_tensors_go_to_the_card() -> None:
    """Tensors in lists, tuples and dictionaries go to the device, all else stays as it is."""
    tensor = torch.ones(2)
    placed = share("meta").put(([tensor], {"a": (tensor, 1)}, "text", None))
    assert placed[0][0].device.type == placed[1]["a"][0].device.type == "meta"
    assert (placed[1]["a"][1], placed[2], placed[3]) == (1, "text", None)
    assert (type(placed), type(placed[0]), type(placed[1]["a"])) == (tuple, list, tuple)
    assert tensor.device.type == "cpu"


def test_tensors_stay_where_the_author_prefers_the_cpu() -> None:
    """A share that takes no inputs leaves what a test sends alone."""
    tensor = torch.ones(2)
    assert Share("meta", "0", 2**30, 2**32, inputs=False).put(([tensor],))[0][0] is tensor


def test_what_is_the_students_is_left_alone() -> None:
    """An object of the student's that a test hands in is the same object, with what is in it."""
    own: list[Any] = [torch.ones(2)]
    assert share("meta").put((own,), {id(own)})[0] is own
    assert own[0].device.type == "cpu"


def test_nothing_is_claimed_without_cuda() -> None:
    """A process that has not started CUDA has nothing to tell, and is not slowed down by being asked."""
    one = share()
    with one.timed():
        pass
    one.forget()
    assert one.claim() is None
