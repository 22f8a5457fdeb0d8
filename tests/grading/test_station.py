"""Grading on a card, with the CPU in its place: who runs where, what is tried again, whose fault it is."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from autograder.errors import FenceError, InfrastructureError
from autograder.grading.workshop import Workshop
from autograder.results import Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
ALL = ("test_double", "test_count", "test_visible", "test_halve", "test_trained", "test_trained_again")
FULL = "if os.environ['CUDA_VISIBLE_DEVICES'] == 'full':\n        raise torch.OutOfMemoryError('no room')"

CUDA_THAT_FAILS = """
def fail():
    raise RuntimeError('CUDA error: device-side assert triggered')

class Event:
    def __init__(self, **options): pass
    def record(self): pass
    def synchronize(self): pass
    def elapsed_time(self, other): return 0.0

def start():
    torch.cuda.is_initialized, torch.cuda.synchronize, torch.cuda.Event = lambda: True, fail, Event
    torch.cuda.max_memory_allocated = torch.cuda.reset_peak_memory_stats = lambda: 0
    torch.cuda._lazy_call = torch.cuda.manual_seed = lambda *given, **options: None
"""


def test_right_answers_pass(cards: Any) -> None:
    """A notebook that leaves CUDA alone is forked for its tests; only those of a set-up share a process."""
    grading = cards.grade()
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed"), grading.evidence.details
    assert (grading.report.device, grading.report.snapshots, grading.report.isolation) == ("cpu", False, "full")


def test_notebook_that_starts_cuda(cards: Any) -> None:
    """A notebook that starts CUDA is run by workers, which serve the tests themselves: same verdicts, and told."""
    grading = cards.grade(first=f"import os\nimport torch\nprint('hello')\n{cards.starts}")
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed"), grading.evidence.details
    assert not grading.report.snapshots
    printed = [output for cell in grading.evidence.executed["cards.ipynb"]["cells"] for output in cell["outputs"]]
    assert [output["text"] for output in printed] == ["hello\n"]


def test_wrong_answer_in_a_worker(cards: Any) -> None:
    """A wrong answer loses its own tests, in workers as in snapshots."""
    for first in ("", cards.starts):
        grading = cards.grade(first=f"import os\nimport torch\n{first}", other="def halve(x):\n    return x")
        assert [test for test, verdict in cards.verdicts(grading).items() if verdict != "passed"] == ["test_halve"]


def test_tests_of_a_worker_put_names_back(cards: Any) -> None:
    """What a test sets in a worker is gone for the next one, what a test's function adds is not called twice."""
    looks = "def visible():\n    return 'stand-in' if callable(double) else 'changed'"
    source = f"SEEN = []\ndef count():\n    SEEN.append(1)\n    return len(SEEN)\n{looks}"
    grading = cards.grade(first=f"import os\nimport torch\n{cards.starts}", count=source)
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed"), grading.evidence.details


def test_full_card_in_a_worker_passes_alone(card_course: Any, new_card: Any, material_for: Any, new_bench: Any) -> None:
    """The same in a worker, on a card that has no room for workers that start ahead."""
    card = new_card(free=4 * 2**30)
    with Workshop(material_for(card_course), seed=5, card=card) as workshop:
        workshop.warm_up()
        bench = new_bench(workshop, card)
        card.full[0] = 2  # the notebook's first run, and the first worker
        plain = f"def double(x):\n    {FULL}\n    return 2 * x"
        grading = bench.grade(first=f"import os\nimport torch\n{bench.starts}", plain=plain)
        assert card.full[0] < 0
        assert bench.verdicts(grading)["test_double"] == "passed", grading.evidence.details


def test_full_card_beside_others_passes_alone(cards: Any) -> None:
    """A student for whom the card was full once loses nothing."""
    cards.card.full[0] = 1
    grading = cards.grade(plain=f"def double(x):\n    {FULL}\n    return 2 * x")
    assert cards.card.full[0] < 0
    assert cards.verdicts(grading)["test_double"] == "passed", grading.evidence.details


def test_full_card_in_a_cell_passes_alone(cards: Any) -> None:
    """The same for a cell: the notebook runs again."""
    cards.card.full[0] = 1
    grading = cards.grade(plain=f"if True:\n    {FULL}\ndef double(x):\n    return 2 * x")
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed"), grading.evidence.details
    assert grading.evidence.errors == ()


def test_too_much_memory_is_the_students_fault(cards: Any) -> None:
    """Out of memory alone on the card fails the test, and the student reads the limit."""
    grading = cards.grade(plain="def double(x):\n    raise torch.OutOfMemoryError('CUDA out of memory.')")
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed") | {"test_double": "failed"}
    assert cards.messages(grading)["test_double"] == (
        "Your code used too much of the card's memory here (the limit is 1 GiB)."
    )


def test_fault_of_cuda_is_the_students_where_cuda_starts_elsewhere(cards: Any) -> None:
    """An error of CUDA's counts after a second try, and after CUDA has started in another process."""
    source = "def double(x):\n    raise RuntimeError('CUDA error: device-side assert triggered')"
    grading = cards.grade(plain=source)
    assert cards.verdicts(grading)["test_double"] == "failed"
    assert "made CUDA fail" in str(cards.messages(grading)["test_double"])


def test_fault_in_a_worker_costs_one_test(cards: Any) -> None:
    """After a fault CUDA is of no use to the process: the tests that are left are served by a fresh worker."""
    visible = "def visible():\n    return fail() if torch.cuda.is_initialized() else os.environ['CUDA_VISIBLE_DEVICES']"
    grading = cards.grade(
        first=f"import os\nimport torch\n{cards.starts}",
        plain=f"{CUDA_THAT_FAILS}\ndef double(x):\n    start()\n    fail()",
        count=f"def count():\n    return 1\n{visible}",
    )
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed") | {"test_double": "failed"}
    assert "made CUDA fail" in str(cards.messages(grading)["test_double"])


def test_tensors_go_to_the_card_where_the_author_prefers_it(card_course: Any, new_card: Any, material_for: Any) -> None:
    """Who prefers the CPU has promised no student a tensor from elsewhere, whatever the command says."""
    material = material_for(card_course)
    for prefer in ("cuda", "cpu"):
        device = material.assignment.device.model_copy(update={"prefer": prefer})
        wished = replace(material, assignment=replace(material.assignment, device=device))
        with Workshop(wished, card=new_card()) as workshop:
            assert workshop._desk is not None
            assert workshop._desk.card.inputs is (prefer == "cuda")


def test_fault_of_the_card_costs_nobody_a_point(cards: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CUDA starts nowhere any more, it is the card: tried again, then undecided."""
    source = "def double(x):\n    raise RuntimeError('CUDA error: unspecified launch failure')"
    station = type(cards.workshop._crew.station)

    def broken(self: Any) -> None:
        raise InfrastructureError("CUDA does not start in the fence: unknown error")

    monkeypatch.setattr(station, "prove", broken)
    monkeypatch.setattr(station, "prove_once", lambda self: None)
    grading = cards.grade(plain=source)
    assert grading.report.outcome is Outcome.UNDECIDED
    assert "CUDA does not start" in str(grading.report.reason)
    monkeypatch.undo()
    assert cards.verdicts(cards.grade()) == dict.fromkeys(ALL, "passed")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os as o\ndef double(x):\n    o._exit(3)", "ended its own process"),
        ("def double(x):\n    while True:\n        pass", "too much time"),
        ("def double(x):\n    return bytearray(1 << 40)", "too much memory"),
        ("def double(x):\n    import ctypes\n    ctypes.string_at(0)", "SIGSEGV"),
    ],
)
def test_worker_that_ends_costs_one_test(cards: Any, source: str, words: str) -> None:
    """A test that takes its worker with it costs itself; the other tests of the question run in another worker."""
    grading = cards.grade(first=f"import os\nimport torch\n{cards.starts}", plain=source)
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed") | {"test_double": "failed"}, grading.evidence.details
    assert words in str(cards.messages(grading)["test_double"])


def test_worker_that_sleeps(cards: Any) -> None:
    """A test that sleeps in a worker meets the wall clock, and its worker is ended from outside."""
    source = "import time\ndef halve(x):\n    time.sleep(600)"
    grading = cards.grade(first=f"import os\nimport torch\n{cards.starts}", other=source, impatient=True)
    assert cards.verdicts(grading)["test_halve"] == "failed"
    assert "gave no answer" in str(cards.messages(grading)["test_halve"])


def test_set_up_that_ends_its_process(cards: Any) -> None:
    """Where a set-up takes its process with it, its tests fail and no others."""
    source = "class Model:\n    def train(self):\n        os._exit(1)"
    grading = cards.grade(model=source)
    lost = {"test_trained": "failed", "test_trained_again": "failed"}
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed") | lost


def test_memory_of_the_machine_is_counted_by_what_can_be_written(cards: Any) -> None:
    """On a card addresses are free, as CUDA reserves very many, and memory that can be written is not."""
    source = (
        "import resource, mmap\n"
        "AREA = mmap.mmap(-1, 1 << 45, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=0)\n"
        "def visible():\n"
        "    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY\n"
        "    try:\n"
        "        bytearray(1 << 36)\n"
        "    except MemoryError:\n"
        "        return 'stand-in'"
    )
    grading = cards.grade(count=f"SEEN = []\ndef count():\n    return 1\n{source}")
    assert cards.verdicts(grading)["test_visible"] == "passed", grading.evidence.details


def test_cap_from_outside(cards: Any) -> None:
    """Whoever holds more of the card than anybody may, says its driver, is ended, alone once more, and fails."""
    cards.card.told[0] = 2**40
    source = f"import time\ndef halve(x):\n    {cards.starts}\n    time.sleep(20)"
    grading = cards.grade(other=source)
    assert cards.verdicts(grading) == dict.fromkeys(ALL, "passed") | {"test_halve": "failed"}, grading.evidence.details
    assert "card's memory" in str(cards.messages(grading)["test_halve"])
    assert grading.evidence.card_peak == 2**40


def test_cuda_that_does_not_start(card_course: Any, new_card: Any, material_for: Any) -> None:
    """Where CUDA does not start in the fence, nothing is graded, and the message says what to do."""
    with (
        pytest.raises(FenceError, match=r"CUDA does not start in the fence: .*--device cpu"),
        Workshop(material_for(card_course), seed=5, card=new_card(torch="meta")) as workshop,
    ):
        workshop.warm_up()


def test_what_the_fence_shows_for_a_card(cards: Any) -> None:
    """Students on a card see its node and what CUDA reads of the system, and can change none of it."""
    source = (
        "def visible():\n"
        "    assert os.path.exists('/dev/full') and os.listdir('/sys/bus') and os.listdir('/sys/module')\n"
        "    assert not os.path.exists('/sys/kernel') and not os.path.exists('/sys/fs')\n"
        "    for place in ('/sys/bus', '/sys/devices', '/dev'):\n"
        "        assert os.statvfs(place).f_flag & os.ST_RDONLY, place\n"
        "    return os.environ['CUDA_VISIBLE_DEVICES']"
    )
    grading = cards.grade(count=f"SEEN = []\ndef count():\n    return 1\n{source}")
    assert cards.verdicts(grading)["test_visible"] == "passed", grading.evidence.details
