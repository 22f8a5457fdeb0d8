"""Attack 14: the pipes themselves."""

from __future__ import annotations

from .attacks_runner import OWN_END, told_right
from .course import HIDDEN_VAULT, TILL
from .ground import Ground, Seen
from .harness import Attack

FRAMES = """
    import fcntl, os, struct, sys

    def u32(number): return struct.pack("<I", number)

    def body(value):
        if value is True: return b"T"
        if value is None: return b"N"
        if isinstance(value, dict):
            return b"m" + u32(len(value)) + b"".join(body(key) + body(item) for key, item in value.items())
        if isinstance(value, int): return b"i" + struct.pack("<q", value)
        if isinstance(value, float): return b"d" + struct.pack("<d", value)
        if isinstance(value, str): return b"s" + u32(len(value.encode())) + value.encode()
        return (b"t" if isinstance(value, tuple) else b"l") + u32(len(value)) + b"".join(map(body, value))

    def frame(*message): return u32(len(body(message))) + body(message)

    def writers():
        found = []
        for descriptor in range(3, 256):
            try:
                if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                    found.append(descriptor)
            except OSError:
                pass
        return found

    def asked():
        caller = sys._getframe()
        while caller is not None:
            if caller.f_code.co_name == "answer" and "number" in caller.f_locals:
                return caller.f_locals["number"]
            caller = caller.f_back

    def say(data):
        for descriptor in writers():
            os.write(descriptor, data)
    """
TRICKS = """
    def number(x):  # the longest frame that there could be
        say(b"\\xff\\xff\\xff\\xff" + bytes(100))
        return 0.0

    def array(x):  # half a frame
        say(frame("ok", asked(), [1.0, 2.0])[:-3])
        os._exit(0)

    def text(word):  # not a frame
        say(b"HTTP/1.1 200 OK\\r\\n\\r\\n" * 10)
        return "?"

    def listing(n):  # an answer to a question that was not asked
        say(frame("ok", 0, [k * k for k in range(n)]))
        return [k * k for k in range(n)]

    answered = []

    def count(values):  # right, but twice: the next question is answered in advance
        right = sum(value % 2 for value in values)
        say(frame("ok", asked(), right) * 2)
        return right

    def tensor(x):  # the parts of a frame in another order
        whole = frame("ok", asked(), 3.0)
        say((whole[4:] + whole[:4]) * 100)
        return x
    """
EMPTY_FRAMES = """
    def number(x):
        say(u32(0) * 1000)
        return 0.0

    def array(x):
        say(frame("ok"))
        return 0

    def text(word):
        say(frame("ok", asked(), "?", "more"))
        return "?"

    def listing(n):
        say(frame("ok", float(asked()), [k * k for k in range(n)]))
        return []

    def count(values):
        say(frame("ok", True, 2) + frame(1, 2))
        return -1

    def tensor(x):
        say(frame("error", asked(), "AssertionError", "passed", ()))
        return x
    """
PRINTED = """
    import os, sys

    def number(x):
        for stream in (1, 2):
            os.write(stream, b"RESULT test_number passed\\n")
        print("RESULT test_number passed", flush=True)
        return 0.0

    print("RESULT test_number passed", flush=True)
    """
IN_ADVANCE = """
    for descriptor in writers()[1:]:  # the first one is the way to the controller
        os.write(descriptor, frame("hello") + frame("ok", 0, 0.5) + frame("ok", 1, 0.5) + frame("ok", -1, True))
    """
TO_THE_CONTROLLER = """
    claims = frame("exit", 0, 0, 0.0) + frame("hello") + frame("end", "test_number", "passed")
    os.write(writers()[0], claims + frame("done", 99, [], None, 0.0) + claims)
    """
ERRORS = """
    odd = {"name": 7, "message": [1, "x" * 60000], "cell": "0", "line": True, "source": {}, "traceback": 1.5}
    os.write(writers()[0], frame("done", 99, [], odd, 0.0))
    """
MALFORMED = """
    os.write(writers()[0], frame("done", 99, [], [], 0.0) + frame("done"))
    """
IN_BETWEEN = """
    import time
    held = []
    for descriptor in range(3, 200):
        try:
            held.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD, 200))
        except OSError:
            pass
    if os.fork() == 0:  # lives on, with every pipe
        os.setsid()
        while True:
            for descriptor in held:
                try:
                    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                        continue
                    os.set_blocking(descriptor, False)
                    asked = os.read(descriptor, 2**16)
                    for writer in held:
                        if fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                            os.write(writer, frame("ok", 0, 0.5))
                except OSError:
                    pass
            time.sleep(0.001)
    """
NAIVE_LINES = """
import subprocess, sys
code = "import submission; print('RESULT test_number', 'passed' if submission.number(3.0) == 9.5 else 'failed')"
told = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True).stdout
first = next(line for line in told.splitlines() if line.startswith("RESULT test_number"))
print("RIGHT" if first.endswith("passed") else "WRONG", flush=True)
"""


def reading_lines(ground: Ground, attack: Attack) -> list[str]:
    """A grader in another process, to which verdicts come as lines on standard output."""
    return told_right(ground, (PRINTED,), NAIVE_LINES, "a printed verdict was read")


def broken(ground: Ground, attack: Attack, seen: Seen) -> None:
    """Every trick is told as a broken connection, but for the process that ended itself."""
    if "broke the connection" in seen.messages["test_text"]:
        for test in {*HIDDEN_VAULT, "test_public"} - {"test_array"}:
            assert "broke the connection" in seen.messages[test], f"{test}: {seen.details[test][:300]}"


ATTACKS = (
    Attack(
        numbers=(14,),
        name="forged frames",
        tried="find the pipes; forge, halve, double, reorder frames; length 2^32-1; answer what was not asked",
        variants={
            "tricks": (FRAMES, TRICKS),
            "odd frames": (FRAMES, EMPTY_FRAMES),
            "printed": (PRINTED,),
            "to the controller": (FRAMES, TO_THE_CONTROLLER, ERRORS, MALFORMED),
        },
        outcome="each answer must repeat its question's random number: the connection is broken and the test failed",
        why=OWN_END,
        wall=10,
        check=broken,
        control=reading_lines,
    ),
    Attack(
        numbers=(14,),
        name="answers in advance",
        tried="write answers into every pipe before the tests begin; keep all pipes and stand in between",
        variants={
            "in advance": (FRAMES, IN_ADVANCE),
            "in between": (FRAMES, IN_BETWEEN),
        },
        outcome="a stale answer is a broken protocol, and costs tests whose answers were right",
        why=OWN_END,
        spoils=TILL,
        wall=10,
        control=reading_lines,
    ),
)
