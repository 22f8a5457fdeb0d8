"""The process of the cells and the snapshots that it forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks import assert_raises
from autograder.errors import StudentError
from autograder.grading.student import NestedRequest
from autograder.sandbox.channel import ChannelClosed

NOTEBOOK = """
import os, random
import numpy as np
state = []

class Counter:
    step = 1
    def __init__(self, start=0):
        self.count = start
    def __call__(self, x):
        return x + self.step
    def up(self):
        self.count += self.step
        return self.count
    def me(self):
        return self

def remember(x):
    state.append(x)
    return list(state)

def append(items, x):
    items.append(x)
    return items

def total(items):
    return sum(item.count for item in items)

def helper(x):
    return -x

def uses_helper(x):
    return helper(x)

def apply(f, *args, **kwargs):
    return f(*args, **kwargs)

def draw():
    return random.random(), np.random.random()
"""


@pytest.fixture
def notebook(box: Any) -> Any:
    """A student whose notebook has run."""
    assert box.run(NOTEBOOK)[1] is None
    return box


def test_snapshots_are_fresh(notebook: Any) -> None:
    """What one test does to the notebook, no other sees, and neither does the notebook."""
    first, second = notebook.snapshot(), notebook.snapshot()
    assert first.call("remember", 1) == [1]
    assert first.call("remember", 2) == [1, 2]
    assert second.call("remember", 3) == [3]
    assert notebook.snapshot().get("state") == []


def test_snapshot_after_any_cell(notebook: Any) -> None:
    """A snapshot shows the notebook as it stood when it was forked."""
    before = notebook.snapshot()
    notebook.run("state.append('later')")
    assert (before.get("state"), notebook.snapshot().get("state")) == ([], ["later"])


def test_keep_value(notebook: Any) -> None:
    """A kept result can be fetched, and shows what a later call did to it."""
    student = notebook.snapshot()
    items = student.keep("append", [1], 2)
    assert student.call("append", items, 3) == [1, 2, 3]
    assert items.value() == [1, 2, 3]
    assert items.get("__class__").get("__name__") == "list"


def test_new_call_get(notebook: Any) -> None:
    """Objects live in the student's process; methods, attributes and calls reach them."""
    student = notebook.snapshot()
    counter = student.new("Counter", start=5)
    assert [counter.call("up"), counter.call("up"), counter.get("count")] == [6, 7, 7]
    assert counter.call("__call__", 1) == 2
    assert student.call("total", [counter, counter, student.new("Counter")]) == 14
    same = counter.keep("me")
    same.call("up")
    assert counter.get("count") == 8
    assert repr(counter.call("me")) == "<Remote Counter>"


def test_set_replaces_a_name(notebook: Any) -> None:
    """A name can be replaced by a value or by a function of the test, in this snapshot alone."""
    student = notebook.snapshot()
    student.set("helper", student.callback(lambda x: x * 10))
    assert student.call("uses_helper", 2) == 20
    student.set("state", [9])
    assert student.get("state") == [9]
    assert notebook.snapshot().call("uses_helper", 2) == -2


def test_file(notebook: Any) -> None:
    """A file of the test lies in the working folder."""
    student = notebook.snapshot()
    path = student.file("deep/bad.txt", b"\x00text")
    assert path.startswith("/scratch/work/")
    student.set("name", path)
    notebook.run("found = open('deep/bad.txt', 'rb').read()")
    assert notebook.snapshot().get("found") == b"\x00text"


def test_callback_arguments_and_errors(notebook: Any) -> None:
    """A callback gets plain arguments and gives plain results; its exception reaches the student's code."""
    student = notebook.snapshot()
    seen: list[Any] = []

    def model(*args: Any, **kwargs: Any) -> Any:
        seen.append((args, kwargs))
        return np.arange(2)

    assert student.call("apply", student.callback(model), "prompt", temperature=0.5).tolist() == [0, 1]
    assert seen == [(("prompt",), {"temperature": 0.5})]
    assert_raises(ValueError, student.call, "apply", student.callback(lambda: int("no number")))
    assert_raises(KeyError, student.call, "apply", student.callback(lambda: {}["no key"]))


def test_callback_that_asks_back(notebook: Any) -> None:
    """A callback that uses the student is the test's fault, not the student's."""
    student = notebook.snapshot()
    with pytest.raises(NestedRequest):
        student.call("apply", student.callback(lambda: student.get("state")))


def test_exception_is_described(notebook: Any) -> None:
    """A student's exception says its class, bases, message and the student's own lines."""
    with pytest.raises(StudentError) as caught:
        notebook.snapshot().call("append", 1, 2)
    assert (caught.value.type, caught.value.is_a("Exception")) == ("AttributeError", True)
    assert "items.append(x)" in caught.value.traceback
    for missing in ("call", "get"):
        with pytest.raises(StudentError, match="defines no 'nothing'"):
            getattr(notebook.snapshot(), missing)("nothing")


@pytest.mark.parametrize(
    "body",
    ["raise SystemExit", "raise KeyboardInterrupt", "return [[]] * 2_000_000", "return chr(0xd800)", "return Odd()"],
)
def test_snapshot_survives_odd_results(box: Any, body: str) -> None:
    """A result that cannot be sent and an exit are errors of that call, and the next call works."""
    box.run(f"class Odd:\n    __class__ = int\ndef f():\n    {body}\ndef g():\n    return 1")
    student = box.snapshot()
    with pytest.raises(StudentError) as caught:
        student.call("f")
    assert caught.value.type not in ("Crashed", "ProtocolFault")
    assert student.call("g") == 1


def test_seed_depends_on_the_test_alone(notebook: Any) -> None:
    """Random numbers are those of the snapshot's seed, whatever the notebook drew before."""
    first = notebook.snapshot().call("draw")
    notebook.run("draw(); draw()")
    assert [float(x) for x in notebook.snapshot().call("draw")] == [float(x) for x in first]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("os._exit(0)", "Crashed"),
        ("os.kill(os.getpid(), 9)", "Crashed"),
        ("os.kill(os.getppid(), 9); os._exit(1)", "Crashed"),
        ("import ctypes; ctypes.string_at(0)", "Crashed"),
        ("os.abort()", "Crashed"),
        ("os.closerange(3, 100)", "Crashed"),
        ("while True: pass", "Crashed"),  # of its CPU limit
        ("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass", "Crashed"),
        ("import time; time.sleep(600)", "Timeout"),
        ("b = bytearray(2**30)", "MemoryLimit"),
        ("items = []\n    while True: items.append('x' * 10**6 + str(len(items)))", "MemoryLimit"),
    ],
)
def test_fatal_call(new_box: Callable[..., Any], body: str, kind: str) -> None:
    """A call that ends, blocks or fills its process is an error of that call."""
    box = new_box(memory=256 * 2**20)
    box.run(f"import os\ndef f():\n    {body}")
    seconds = 20.0 if kind == "MemoryLimit" else 1.0  # a busy machine takes its time to fill memory
    student = box.snapshot(seconds=seconds, wall=2.0 if kind == "Timeout" else 80.0)
    with pytest.raises(StudentError) as caught:
        student.call("f")
    assert caught.value.type == kind


FORGE = """
import os, struct
from threading import Thread

def pipe():
    import gc
    return next(o for o in gc.get_objects() if type(o).__name__ == "Snapshot").channel

def send(data):
    os.write(pipe().writer, struct.pack("<I", len(data)) + data)
"""
OK_FIVE = "b't' + struct.pack('<I', 3) + b's' + struct.pack('<I', 2) + b'ok' + {number} + b'i' + struct.pack('<q', 5)"


@pytest.mark.parametrize(
    "attack",
    [
        "send(" + OK_FIVE.format(number="b'i' + struct.pack('<q', 1)") + ")",
        "send(b'Z')",
        "send(b'')",
        "os.write(pipe().writer, b'\\xff' * 4)",
        "send(b't' + struct.pack('<I', 1) + b's' + struct.pack('<I', 5) + b'hello')",
        "pipe().send(('error', 1, 2, 3, 4, 5))",
        "pipe().send(('callback', 0, (), {}))",
        "pipe().send(('callback', -1, (), {}))",
        "pipe().send(('callback', 'x', 1, 2))",
        "pipe().send((1, 2))",
    ],
)
def test_forged_answer(box: Any, attack: str) -> None:
    """An answer that was not asked for breaks the connection, and stays broken."""
    box.run(FORGE + f"\ndef f():\n    {attack}\n    return 5")
    student = box.snapshot()
    for _ in range(2):
        with pytest.raises(StudentError) as caught:
            student.call("f")
        assert caught.value.type == "ProtocolFault"


def test_answer_ahead_of_the_question(box: Any) -> None:
    """Answers written before the request came carry no right number."""
    box.run(FORGE + "\ndef f():\n    for n in range(100): pipe().send(('ok', n, 5))\n    return 5")
    student = box.snapshot()
    with pytest.raises(StudentError) as caught:
        student.call("f")
    assert caught.value.type == "ProtocolFault"


def test_malformed_error(box: Any) -> None:
    """An error described by other things than texts is a broken connection."""
    box.run("import gc\nsnap = lambda: next(o for o in gc.get_objects() if type(o).__name__ == 'Snapshot')")
    box.run("def f():\n    snap().describe = lambda error: (1, 2, 3, 4)\n    raise ValueError")
    with pytest.raises(StudentError) as caught:
        box.snapshot().call("f")
    assert caught.value.type == "ProtocolFault"


def test_handlers_of_a_fork_run_where_there_are_threads(box: Any) -> None:
    """A process with threads is forked with every handler, its own included; one without, as the kernel does it."""
    box.run("import os, threading, time\nseen = []\nos.register_at_fork(after_in_child=lambda: seen.append(1))")
    assert box.snapshot().get("seen") == []
    box.run("threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")
    assert box.snapshot().get("seen") == [1]


def test_hello_that_never_comes(box: Any) -> None:
    """A snapshot that is not greeted with its first word is broken, one that says nothing is late."""
    box.run("import os, threading, time\nos.register_at_fork(after_in_child=lambda: time.sleep(600))")
    box.run("threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")  # else no handler runs
    with pytest.raises(StudentError) as caught:
        box.snapshot(wall=1.0)
    assert caught.value.type == "Timeout"
    assert not box.links[-1].lived


THREADS = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(abs, range(-9, 0))))
"""
PROGRAM = """
import subprocess, sys
print(subprocess.check_output([sys.executable, "-c", "print(6 * 7)"], text=True))
"""
POOL = """
import multiprocessing
def double(x):
    return 2 * x
with multiprocessing.Pool(2) as pool:
    print(pool.map(double, [1, 2]))
"""
FILES = """
from pathlib import Path
Path("out").mkdir()
Path("out/a").write_text("x")
print(Path("out/a").read_text())
"""


@pytest.mark.parametrize(("source", "printed"), [(THREADS, "45"), (PROGRAM, "42"), (POOL, "[2, 4]"), (FILES, "x")])
def test_honest_cells(box: Any, source: str, printed: str) -> None:
    """Threads, programs, pools and files work in cells, after a cell that failed, and snapshots can be forked after."""
    assert box.run("1 / 0")[1]["name"] == "ZeroDivisionError"
    assert box.text(source) == printed
    box.run("def triple(x): return 3 * x")
    assert box.snapshot().call("triple", 4) == 12


LEFT_BEHIND = {
    "pool": "import multiprocessing\npool = multiprocessing.Pool(2)",
    "program": "os.system('sleep 600 &')",
    "fork": "if os.fork() == 0:\n    time.sleep(600)",
    "fork that goes on": "os.fork()",
}


@pytest.mark.parametrize("source", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_processes_left_behind(box: Any, source: str) -> None:
    """A pool or a program that a cell leaves behind hides neither a snapshot's end nor the notebook's."""
    assert box.run("import os, time\n" + source)[1] is None
    box.run("def f(): os._exit(1)")
    with pytest.raises(StudentError) as caught:
        box.snapshot(wall=20.0).call("f")
    assert caught.value.type == "Crashed"
    with pytest.raises(ChannelClosed):
        box.run("os._exit(1)")


def test_many_threads(new_box: Callable[..., Any]) -> None:
    """Sixty threads fit into a gigabyte of address space."""
    box = new_box(memory=2**30)
    source = "import time\nfrom concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(60) as pool:\n"
    work = "    print(sum(pool.map(lambda n: len(bytearray(10**5)) and time.sleep(0.01) or n, range(120))))"
    assert box.text(source + work) == str(sum(range(120)))


def test_order_of_sets(box: Any) -> None:
    """Texts have the hash that they have in every other batch."""
    program = [sys.executable, "-c", "print(hash('abc'))"]
    expected = subprocess.check_output(program, env={"PYTHONHASHSEED": "0"}, text=True)
    assert box.text("print(hash('abc'))") == expected.strip()


def test_exits_are_told(box: Any) -> None:
    """The runner says how each snapshot ended and what it used."""
    box.run("import os\ndef f(): os._exit(7)")
    with pytest.raises(StudentError):
        box.snapshot().call("f")
    message = box.tree.runner.receive(time.monotonic() + 60)
    assert message[:2] == ("exit", 0)
    assert os.WEXITSTATUS(message[2]) == 7
    assert type(message[3]) is float


def test_kill_ends_a_snapshot(box: Any) -> None:
    """A snapshot that is late can be ended alone."""
    box.run("import time\ndef f(): time.sleep(600)\ndef g(): return 1")
    student = box.snapshot(wall=0.5)
    with pytest.raises(StudentError):
        student.call("f")
    box.tree.runner.send(("kill", 0))
    message = box.tree.runner.receive(time.monotonic() + 60)
    assert os.WTERMSIG(message[2]) == signal.SIGKILL
    assert box.snapshot().call("g") == 1


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("import os; os._exit(3)", 3 << 8),
        ("import os; os.kill(os.getpid(), 9)", 9),
        ("import os; os.abort()", signal.SIGABRT),
        ("while True: pass", signal.SIGXCPU),
    ],
)
def test_fatal_cell(new_box: Callable[..., Any], source: str, status: int) -> None:
    """A cell that ends its process closes the pipe, and pid 1 says how it ended."""
    box = new_box(notebook_seconds=1)
    with pytest.raises(ChannelClosed):
        box.run(source)
    assert box.tree.runner_gone(30)
    assert box.tree.runner_status is not None
    assert box.tree.runner_status & ~0x80 == status
