"""Students on a real card: CUDA in the fence, where it starts, what bounds it, and attack 37."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PASSED = {"test_one": "passed", "test_one_again": "passed", "test_two": "passed"}


def test_tests_run_on_the_card(bench: Any) -> None:
    """Tensors of a test are on the card in the student's code, and the report tells what was used there."""
    grading = bench.grade()
    assert bench.verdicts(grading) == PASSED, grading.evidence.details
    assert (grading.report.device, grading.report.snapshots) == ("cuda", True)
    assert set(grading.evidence.card) == set(PASSED)
    assert all(size > 0 for size, _ in grading.evidence.card.values())


def test_asking_for_cuda_starts_nothing(bench: Any) -> None:
    """A notebook that asks whether there is a card gets a yes, and is still forked for its tests."""
    grading = bench.grade(first="import torch\nDEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'\nprint(DEVICE)")
    assert bench.verdicts(grading) == PASSED, grading.evidence.details
    assert grading.report.snapshots
    outputs = [output for cell in grading.evidence.executed["card.ipynb"]["cells"] for output in cell["outputs"]]
    assert [output["text"] for output in outputs] == ["cuda\n"]


def test_notebook_that_uses_the_card(bench: Any) -> None:
    """A notebook that uses the card in its cells is served by workers, and the report says so."""
    grading = bench.grade(first="import torch\nX = torch.ones(3, device='cuda')\nX.sum().item()")
    assert bench.verdicts(grading) == PASSED, grading.evidence.details
    assert not grading.report.snapshots


def test_notebook_that_trains(bench: Any) -> None:
    """A backward pass in a cell and another one on the card in a test: both work."""
    first = "import torch\nW = torch.ones(2, requires_grad=True)\n(W * W).sum().backward()"
    two = (
        "def two(x):\n    w = torch.ones(5, device=x.device, requires_grad=True)\n"
        "    (w * x).sum().backward()\n    return w.grad.sum()"
    )
    grading = bench.grade(first=first, two=two)
    assert bench.verdicts(grading) == PASSED, grading.evidence.details


def test_cap_on_memory(bench: Any, clean: Callable[[], None]) -> None:
    """More than the declared memory is refused, alone on the card too, and the student reads the limit."""
    grading = bench.grade(
        two="def two(x):\n    y = torch.ones(3 * 2**30, dtype=torch.uint8, device=x.device)\n    return y"
    )
    assert bench.verdicts(grading) == PASSED | {"test_two": "failed"}
    assert "the limit is 2 GiB" in str(bench.messages(grading)["test_two"])


def test_all_memory_behind_the_cap(bench: Any, clean: Callable[[], None]) -> None:
    """Attack 37: memory is taken by calls that know of no cap; the process is ended, and the next student is graded."""
    two = (
        "def two(x):\n    import ctypes, glob, os, time\n    x.sum().item()\n    cuda = ctypes.CDLL('libcuda.so.1')\n"
        "    size, place = 2**30, ctypes.c_uint64()\n"
        "    while cuda.cuMemAlloc_v2(ctypes.byref(place), ctypes.c_size_t(size)) == 0:\n        pass\n"
        "    time.sleep(20)\n    return x.sum()"
    )
    grading = bench.grade(two=two)
    if grading.evidence.card_peak is not None:  # else the driver tells nothing here, and nobody can be ended for it
        assert bench.verdicts(grading)["test_two"] == "failed"
        assert "card's memory" in str(bench.messages(grading)["test_two"])
    assert bench.verdicts(bench.grade()) == PASSED


def test_endless_kernel(bench: Any, clean: Callable[[], None]) -> None:
    """Attack 37: a kernel that never ends costs its test, and the next student is graded."""
    two = "def two(x):\n    torch.cuda._sleep(2**62)\n    torch.cuda.synchronize()\n    return x.sum()"
    grading = bench.grade(two=two)
    assert bench.verdicts(grading) == PASSED | {"test_two": "failed"}
    told = str(bench.messages(grading)["test_two"])
    assert "too much time" in told or "gave no answer" in told
    assert bench.verdicts(bench.grade()) == PASSED


def test_fault_in_a_worker(bench: Any) -> None:
    """A fault inside a kernel costs its own test alone, where a process was to serve others after it."""
    one = "def one(x):\n    y = x[torch.full((3,), 10**6, device=x.device)] if len(x) == 4 else x @ x\n    return y"
    grading = bench.grade(first="import torch\nX = torch.ones(3, device='cuda')\nX.sum().item()", one=one)
    assert bench.verdicts(grading) == PASSED | {"test_one": "failed"}
    assert "made CUDA fail" in str(bench.messages(grading)["test_one"])


def test_index_outside_of_an_array(bench: Any) -> None:
    """A fault inside a kernel is the student's, and costs its own test alone."""
    grading = bench.grade(two="def two(x):\n    y = x[torch.full((3,), 10**6, device=x.device)]\n    return y.sum()")
    assert bench.verdicts(grading) == PASSED | {"test_two": "failed"}
    assert "made CUDA fail" in str(bench.messages(grading)["test_two"])
