"""Attacks 16 to 22, 25 and 36: taking more than one's share, never ending, and staying behind.

The programs stand in `programs/bombs.py`; every bomb has a bound of its own, well above what a student may have
and well below what hurts a machine, so that it can be set off outside the fence.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.sandbox.proc import status_of
from autograder.sandbox.rules import Rule

from .boxes import box, fence_without
from .controls import Dead, in_the_open
from .course import WRONG_VAULT
from .ground import LIMITS, MARK, VAULT, Ground, Seen
from .harness import Attack

SOURCE = (Path(__file__).parent / "programs" / "bombs.py").read_text()
MIB = 2**20
TOTAL = frozenset({*VAULT, "test_total"})
"""Lost where the attack sits in the function `total`, which is right otherwise."""
OUTPUT_CAP = 8 * MIB
DAEMON = "redteam-daemon"


def bomb(call: str, enough: int) -> tuple[str, ...]:
    """Cells that set a bomb off and call it loot if it got `enough`."""
    return SOURCE, f"got = {call}\nloot([f'{{got:,}}'] if got >= {enough} else [])"


def in_total(body: str, *before: str) -> tuple[str, ...]:
    """Cells that put something into the function `total`."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return (*before, f"import os, signal, sys, time\ndef total(values):\n{lines}    return sum(values)")


def told(sentence: str) -> Callable[[Ground, Attack, Seen], None]:
    """A check: the student is told this of the test that failed."""

    def check(ground: Ground, attack: Attack, seen: Seen) -> None:
        message = seen.messages.get("test_total", "nothing")
        assert sentence in message, f"the student is told {message!r}"

    return check


def fatal(*sentences: str) -> Callable[[Ground, Attack, Seen], None]:
    """A check: one of these is what the report says of the cell that ended its process."""

    def check(ground: Ground, attack: Attack, seen: Seen) -> None:
        assert seen.graded is not None
        errors = [f"{error.name}: {error.message}" for error in seen.graded.grading.evidence.errors]
        assert any(sentence in error for sentence in sentences for error in errors), f"the report says {errors}"

    return check


def without(*rules: Rule) -> Callable[[Ground, Attack, Rule], list[str]]:
    """The attack under a fence that lacks several rules, since each of them holds it alone."""

    def off(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
        got = []
        with fence_without(*rules) as fence:
            for cells in attack.variants.values():
                with box(fence, replace(LIMITS, **attack.limits)) as student:  # type: ignore[arg-type]
                    got += [student.run(cell) for cell in ground.prepared(cells)][-1:]
        found = [text.split("LOOT:", 1)[1].strip() for text in got if "LOOT:" in text]
        return [f"{thing} (without {', '.join(rules)})" for thing in found]

    return off


def signals(ground: Ground, attack: Attack) -> list[str]:
    """A control: what ends a plain program that does the same."""
    ends = []
    for variant, cells in attack.variants.items():
        program = "\n".join([*cells, "total([1])"])
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, cwd="/tmp")
        if done.returncode >= 0:
            raise Dead(f"{variant} ended with status {done.returncode}")
        ends.append(f"{variant} ended by signal {-done.returncode}")
    return ends


def students_memory(ground: Ground) -> int:
    """Bytes that all students' control groups hold; 0 where there are none. The host's own figure is everybody's."""
    crew = ground.workshop._crew
    assert crew is not None
    pens = crew.fence._pens
    folders = [folder for pen in pens._pens.values() for folder in pen.folders] if pens is not None else []
    files = [folder / name for folder in folders for name in ("memory.usage_in_bytes", "memory.current")]
    return sum(int(file.read_text()) for file in files if file.exists())


def own_memory() -> int:
    """Bytes that this process, the controller, holds."""
    return int(status_of(os.getpid())["VmRSS"].split()[0]) * 1024


def steady(ground: Ground, attack: Attack, variant: str) -> Seen:
    """Hand it in; the memory that the student took is free again afterwards, and the controller took none."""
    before, own = students_memory(ground), own_memory()
    seen = ground.robbed(attack.variants[variant], limits=attack.limits, wall=attack.wall)
    deadline = time.monotonic() + 20
    while (left := students_memory(ground) - before) > 100 * MIB and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left <= 100 * MIB, f"students that are gone still hold {left // MIB} MiB"
    assert own_memory() - own <= 100 * MIB, f"the controller took {(own_memory() - own) // MIB} MiB"
    return seen


# ------------------------------------------------------------------------------------------------ one at a time


def still_there(name: str) -> list[int]:
    """Living processes of the host that have this name."""
    known = {int(entry.name): status_of(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return [pid for pid, status in known.items() if status.get("Name") == name and "Z" not in status["State"]]


def end_daemons() -> list[str]:
    """End the daemons of these attacks, which are ours; what they were."""
    found = still_there(DAEMON)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
    return [f"process {pid} lives on" for pid in found]


def daemon_openly(ground: Ground, attack: Attack) -> list[str]:
    """A daemon of a plain program, after the program's end."""
    subprocess.run([sys.executable, "-c", f"{SOURCE}\ndaemon({DAEMON!r})"], check=True, timeout=60)
    return end_daemons()


def daemon_without(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
    """A daemon of a student without a pid namespace, after the student's end."""
    with fence_without(rule) as fence:
        with box(fence) as student:
            student.run(SOURCE)
            student.run(f"daemon({DAEMON!r})")
        return end_daemons()


def no_daemon(ground: Ground, attack: Attack, seen: Seen) -> None:
    """A check: the daemon goes with its student, which takes a moment."""
    deadline = time.monotonic() + 20
    while still_there(DAEMON) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not still_there(DAEMON), "a daemon lives on"


def cut(ground: Ground, attack: Attack, seen: Seen) -> None:
    """A check: what was printed is cut, and says so."""
    assert len(seen.printed) <= OUTPUT_CAP, f"{len(seen.printed)} characters were kept"
    assert "output cut here" in seen.printed


def uncut(ground: Ground, attack: Attack) -> list[str]:
    """A control: what a plain pipe gets of the same programs, less often repeated."""
    got = []
    for variant, cells in attack.variants.items():
        chosen = [cell for cell in cells if "runner" not in cell]
        program = f"START = ''\nfor cell in {chosen!r}: exec(compile(cell, 'cell', 'exec'))"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120, cwd="/")
        size = len(done.stdout) + len(done.stderr)
        if size > OUTPUT_CAP:
            got.append(f"{variant}: {size // MIB} MiB")
        elif chosen:
            raise Dead(f"{variant}: {size} bytes")
    return got


DRIP = """
import gc, os, time
snapshot_class = next(o for o in gc.get_objects() if isinstance(o, type) and o.__name__ == "Snapshot")
def slowly(self, number, reply, seconds={seconds}):
    class Slow(type(self.channel)):
        pass
    real = os.write
    def one_byte(descriptor, data):
        time.sleep(seconds)
        return real(descriptor, bytes(data)[:1])
    namespace = type(self.channel).send.__globals__["os"]
    namespace.write, before = one_byte, namespace.write
    try:
        self.channel.send(reply)
    finally:
        namespace.write = before
snapshot_class.reply = slowly
"""


def dripping(seconds: float) -> tuple[str, ...]:
    """Cells that make every answer of `words` and the rest arrive byte by byte."""
    return (DRIP.format(seconds=seconds),)


def fast_drip(ground: Ground, attack: Attack) -> list[str]:
    """A control: the same drip, fast enough, is an answer like any other."""
    seen = ground.robbed(dripping(0.0))
    assert seen.verdicts is not None
    if seen.verdicts["test_words"] != "passed":
        raise Dead("an answer byte by byte does not arrive at all")
    return ["answers byte by byte arrive when they are in time"]


HUGE = {
    "array": "__import__('numpy').broadcast_to(1.0, (10**9, 10))",
    "items": "[0] * 10**7",
    "depth": "__import__('functools').reduce(lambda inner, _: [inner], range(10**5), 0)",
    "itself": "(lambda one: (one.append(one), one)[1])([])",
    "text": "'x' * (200 * 2**20)",
    "wide": "dict.fromkeys(range(600_000))",
}


def measured(ground: Ground, attack: Attack) -> list[str]:
    """A control: the values exist, and are as large as they claim."""
    program = "import sys\nsys.setrecursionlimit(10**6)\n" + "\n".join(
        f"value = {text}; print({name!r}, getattr(value, 'nbytes', None) or len(value))" for name, text in HUGE.items()
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    return [line for line in done.stdout.splitlines() if line.split()[0] in HUGE]


ILLEGAL = {"x86_64": "0f0b", "aarch64": "00000000"}.get(os.uname().machine, "00000000")
CRASHES = {
    "segfault": "import ctypes; ctypes.string_at(0)",
    "stack": "import ctypes\nsys.setrecursionlimit(10**9)\n"
    "call = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: call())\ncall()",
    "abort": "os.abort()",
    "illegal": "import ctypes, mmap\n"
    "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
    f"page.write(bytes.fromhex({ILLEGAL!r}))\n"
    "ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()",
    "bus": "import mmap, tempfile\nfile = tempfile.TemporaryFile()\nfile.truncate(4096)\n"
    "page = mmap.mmap(file.fileno(), 4096)\nfile.truncate(0)\npage[0]",
    "own signal": "os.kill(os.getpid(), signal.SIGFPE)",
}

# ------------------------------------------------------------------------------------------------ two students


PIN = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
BURN = f"""
{PIN}
for _ in range(4):
    if os.fork() == 0:
        while True:
            pass
import time
time.sleep(6)
"""
WORK = f"""
{PIN}
def words(text):
    import time
    start = time.process_time()
    while time.process_time() - start < 1.0:
        pass
    return text.split()
"""


def burning(ground: Ground, attack: Attack, variant: str) -> Seen:
    """An honest submission whose test takes half of its CPU time, while another student burns its processor."""
    burner = threading.Thread(target=ground.graded, args=("mallory", ground.notebook(WRONG_VAULT, [BURN])))
    burner.start()
    time.sleep(1.0)
    try:
        return ground.graded("honest", ground.notebook(WRONG_VAULT, [WORK]))
    finally:
        burner.join()


def burning_openly(ground: Ground, attack: Attack) -> list[str]:
    """A control: where the clock on the wall counts, the same work takes longer than its limit."""
    burners = [subprocess.Popen([sys.executable, "-c", f"{PIN}while True: pass"]) for _ in range(4)]
    try:
        started = time.monotonic()
        subprocess.run([sys.executable, "-c", WORK + "words('a')"], check=True, timeout=120)
        wall = time.monotonic() - started
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
    return [f"1 s of work took {wall:.1f} s"] if wall > LIMITS.test_seconds else []


FOLDERS = "[*places(os.path.expanduser('~'), tempfile.gettempdir()), *(SYSTEM_PLACES if START == '/' else ())]"


def persisting(ground: Ground, attack: Attack, variant: str) -> Seen:
    """One student leaves files everywhere; what another finds of them is loot. Both use each slot."""
    left = ground.robbed((SOURCE, f"print('LEFT', len(leave({FOLDERS}, {MARK!r})))"))
    assert int(left.printed.split("LEFT")[1].split()[0]) >= 10, "nothing could be left at all"
    found: list[str] = []
    for _ in range(3):
        seen = ground.robbed((SOURCE, f"loot(find({FOLDERS}, {MARK!r}))"))
        found += seen.loot
    return replace(seen, loot=tuple(found))


def persisting_openly(ground: Ground, attack: Attack) -> list[str]:
    """A control: the same two programs, one after the other, with one home."""
    with tempfile.TemporaryDirectory(prefix="redteam-home-") as home:
        environment = {"HOME": home, "TMPDIR": home, "PATH": "/usr/bin:/bin"}
        for call in ("leave", "find"):
            program = f"{SOURCE}\nimport json\nSTART = ''\nprint(json.dumps({call}({FOLDERS}, {MARK!r})))"
            command = [sys.executable, "-c", program]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
        found: list[str] = json.loads(done.stdout)
        return found


KEY = 0x5EED0000 | os.getpid() & 0xFFFF
SEGMENT = f"""
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
def leave():
    number = libc.shmget({KEY}, 4096, 0o1666)
    ctypes.memmove(libc.shmat(number, None, 0), {MARK!r}.encode(), {len(MARK)})
def find():
    number = libc.shmget({KEY}, 4096, 0)
    if number < 0:
        return []
    found = ctypes.string_at(libc.shmat(number, None, 0), {len(MARK)}).decode()
    libc.shmctl(number, 0, None)
    return [found]
"""


def segment(ground: Ground, attack: Attack, variant: str) -> Seen:
    """One student leaves a System V segment, another looks for it."""
    ground.robbed((SEGMENT, "leave()"))
    return ground.robbed((SEGMENT, "loot(find())"))


def segment_openly(ground: Ground, attack: Attack) -> list[str]:
    """A control: two programs, one after the other."""
    subprocess.run([sys.executable, "-c", SEGMENT + "leave()"], check=True, timeout=60)
    done = subprocess.run(
        [sys.executable, "-c", SEGMENT + "print(*find())"], capture_output=True, text=True, timeout=60
    )
    return done.stdout.split()


def segment_without(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
    """Two students of one slot, one after the other."""
    found: list[str] = []
    with fence_without(rule) as fence:
        for call in ("leave()", "print(*find())"):
            with box(fence) as student:
                student.run(SEGMENT)
                found = student.run(call).split()
    return found


STAY = "processes(300, stay=START == '/')"
GO = "processes(300, stay=False)"
SMALL = {"memory": 128 * MIB}
SHORT = {"notebook_seconds": 1, "test_seconds": 1, "prepare_seconds": 1}
SWALLOWED = """held = []
try:
    while True: held.append(b'x' * 2**20)
except MemoryError:
    held.clear()
raise MemoryError"""
TIMES = "5000 if START == '/' else 50"
DRIPPING = """import gc
channel = next(o for o in gc.get_objects() if type(o).__name__ == "Snapshot").channel
for _ in range(600):
    os.write(channel.writer, bytes(1))
    time.sleep(1)"""
SERIAL = """import subprocess, time
for _ in range(50): subprocess.run(["python3", "-c", "sum(range(10**6))"])
own = time.process_time()"""
BOMB = "while True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
ALL_SCRATCH = "['.', '/tmp', '/dev/shm', '/var/tmp'] if START == '/' else ['.']"

ATTACKS = (
    Attack(
        numbers=(16,),
        name="many-processes",
        tried="start 300 processes, or 300 threads, where 64 are allowed",
        variants={
            "processes": bomb(GO, 300),
            "threads": bomb("threads(300)", 300),
        },
        outcome="no more than 64 can be had",
        rule=Rule.COUNT,
        hand_in=steady,
        off=without(Rule.COUNT, Rule.CGROUP),
    ),
    Attack(
        numbers=(16,),
        name="sleepers",
        tried="leave 300 sleeping processes behind in the notebook",
        variants={"cell": bomb(STAY, 300)},
        fails=frozenset({*VAULT, "test_total", "test_words"}),
        outcome="64 of them, so that its own tests find no process any more, and fail with that reason",
        rule=Rule.COUNT,
        hand_in=steady,
        off=without(Rule.COUNT, Rule.CGROUP),
        check=told("could not begin"),
    ),
    Attack(
        numbers=(16,),
        name="fork-bomb",
        tried="fork without end, in a test",
        variants={"forever": in_total(BOMB)},
        outcome="that test fails at its wall clock, the others are graded, and the bomb ends with its student",
        why="held by the number of processes, tried in many-processes, and by the wall clock outside",
        fails=TOTAL,
        wall=3.0,
        hand_in=steady,
        control=lambda ground, attack: in_the_open(ground, bomb(GO, 300)),
    ),
    Attack(
        numbers=(16,),
        name="short-lived-processes",
        tried="start 100,000 programs one after the other, whose time nobody limits",
        variants={"true": in_total("import subprocess\nfor _ in range(10**5): subprocess.run(['/bin/true'])")},
        outcome="the test's CPU time or its wall clock ends that",
        why="the wall clock outside, which is no rule of the fence",
        fails=TOTAL,
        wall=3.0,
        control=lambda ground, attack: in_the_open(
            ground, (SERIAL, "loot([f'50 programs took {own:.2f} s of its own'])")
        ),
    ),
    Attack(
        numbers=(17,),
        name="memory-of-one",
        tried="take 768 MiB where 128 MiB are allowed: one block, a growing list, mapped pages",
        variants={
            "block": bomb(f"one_block({768 * MIB})", 768 * MIB),
            "list": bomb(f"many_blocks({768 * MIB})", 768 * MIB),
            "mapped": bomb(f"mapped({768 * MIB})", 768 * MIB),
        },
        limits=SMALL,
        outcome="MemoryError, and the notebook goes on",
        rule=Rule.MEMORY,
        hand_in=steady,
    ),
    Attack(
        numbers=(17,),
        name="memory-in-a-test",
        tried="take more memory than is allowed in a tested function",
        variants={
            "block": in_total("b'x' * 2**34"),
            "list": in_total("held = []\nwhile True: held.append('x' * 10**6 + str(len(held)))"),
            "numpy": in_total("import numpy; numpy.ones(2**31)"),
            "swallowed": in_total(SWALLOWED),
        },
        fails=TOTAL,
        limits=SMALL,
        outcome="the verdict says memory",
        why="the rule of the attack before this one; here it is about what the student is told",
        hand_in=steady,
        check=told("used too much memory here (the limit is 0.125 GiB)"),
        control=lambda ground, attack: in_the_open(ground, bomb(f"many_blocks({768 * MIB})", 768 * MIB)),
    ),
    Attack(
        numbers=(17,),
        name="memory-of-many",
        tried="take 1,600 MiB in ten processes, each of which stays below its own limit",
        variants={"cell": bomb(f"shared_out({1600 * MIB}, 10)", 1600 * MIB)},
        outcome="the control group is full and the student's own processes are ended",
        rule=Rule.CGROUP,
        hand_in=steady,
    ),
    Attack(
        numbers=(17,),
        name="memory-files",
        tried="take 1,600 MiB in memory files, which no limit of a process counts",
        variants={"cell": bomb(f"memory_files({1600 * MIB})", 1600 * MIB)},
        outcome="counted by the control group; refused by the filter where there is none",
        rule=Rule.CGROUP,
        hand_in=steady,
        off=without(Rule.CGROUP, Rule.SYSTEM_CALLS),
    ),
    Attack(
        numbers=(17,),
        name="scratch",
        tried="fill the temporary folders and shared memory, with bytes and with empty files",
        variants={
            "bytes": bomb(f"temporary_files({ALL_SCRATCH}, {160 * MIB})", 160 * MIB),
            "files": bomb("names('.', 5000)", 5000),
        },
        outcome="64 MiB and 2,000 files in all of them together",
        rule=Rule.SCRATCH,
        hand_in=steady,
    ),
    Attack(
        numbers=(17,),
        name="descriptors",
        tried="open 400 pipes, each a quarter of a megabyte of the kernel's memory",
        variants={"pipes": bomb("pipes(400)", 400)},
        outcome="256 descriptors, so 128 pipes",
        rule=Rule.DESCRIPTORS,
        hand_in=steady,
    ),
    Attack(
        numbers=(18,),
        name="endless-cell",
        tried="loop for ever with the signal ignored and the limit raised as far as it goes",
        variants={"spin": bomb("spin(6)", 6)},
        limits=SHORT,
        outcome="the kernel ends it at the hard limit, and the report says CPU time",
        rule=Rule.CPU,
        check=fatal("Timeout: more than 1 s of CPU time were used"),
    ),
    Attack(
        numbers=(18,),
        name="endless-test",
        tried="loop for ever in a tested function, deaf to the signal",
        variants={
            "spin": in_total("while True: pass"),
            "deaf": in_total("signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"),
            "caught": in_total("signal.signal(signal.SIGXCPU, lambda *_: None)\nwhile True: pass"),
        },
        fails=TOTAL,
        limits=SHORT,
        outcome="the verdict says CPU time",
        why="a test's own limit is set by the process that serves it; endless-cell tries the rule behind it",
        check=told("used too much time here (the limit is 1 s of CPU time)"),
        control=lambda ground, attack: in_the_open(ground, bomb("spin(3)", 3)),
    ),
    Attack(
        numbers=(18,),
        name="daemon",
        tried="leave the parents, the session and the terminal, and live on",
        variants={"cell": (SOURCE, f"daemon({DAEMON!r})"), "test": in_total(f"daemon({DAEMON!r})", SOURCE)},
        outcome="it ends with its pid namespace",
        rule=Rule.PROCESSES,
        check=no_daemon,
        control=daemon_openly,
        off=daemon_without,
    ),
    Attack(
        numbers=(18, 20),
        name="silence",
        tried="never answer: sleep, stop oneself, wait for a child that sleeps, answer one byte a second",
        variants={
            "sleep": in_total("time.sleep(600)"),
            "stop": in_total("os.kill(os.getpid(), signal.SIGSTOP)"),
            "wait": in_total("if os.fork() == 0: time.sleep(600)\nos.wait()"),
            "drip": in_total(DRIPPING),
        },
        fails=TOTAL,
        wall=2.0,
        outcome="the verdict says that no answer came",
        why="the clock is outside the fence and its deadline absolute: there is no rule to switch off",
        check=told("gave no answer within 2 s here"),
        control=fast_drip,
    ),
    Attack(
        numbers=(19,),
        name="output",
        tried="print 12 MiB in short lines, 128 in one line each, 5 GB without a line's end, 100,000 warnings",
        variants={
            "lines": (SOURCE, f"print_much({6 * MIB}, 80)"),
            "one line": (SOURCE, f"print_much({64 * MIB}, {64 * MIB})"),
            "endless line": (f"import sys\nfor _ in range({TIMES}): sys.stdout.write('x' * 2**20)",),
            "warnings": (SOURCE, "warn_often(100000)"),
        },
        outcome="cut, with a mark that says so; the controller's memory stays as it was",
        why="counted where it is printed and once more where it is read; neither is a rule of the fence",
        hand_in=steady,
        check=cut,
        control=uncut,
    ),
    Attack(
        numbers=(19,),
        name="output-past-the-streams",
        tried="write to the descriptors themselves, and without end into the runner's own pipe",
        variants={
            "descriptors": (
                f"import os\nfor _ in range({TIMES}):\n    os.write(1, b'x' * 2**20)\n    os.write(2, b'x' * 2**20)",
            ),
            "pipe": (
                "import gc, os\nrunner = next(o for o in gc.get_objects() if type(o).__name__ == 'Runner')\n"
                "while True: os.write(runner.channel.writer, b'x' * 2**20)",
            ),
        },
        outcome="the first lead nowhere, the second breaks the protocol at the first length that is too large",
        why="a reader's cap on the length of a message; no rule of the fence",
        hand_in=steady,
        control=uncut,
    ),
    Attack(
        numbers=(21,),
        name="huge-results",
        tried="return 80 GB, ten million items, a list 100,000 deep, a list in itself, a text of 200 MiB",
        variants={
            name: in_total(f"return {text}", "import sys\nsys.setrecursionlimit(10**6)") for name, text in HUGE.items()
        },
        fails=TOTAL,
        outcome="refused in the student's process, and the verdict says what can be read",
        why="the caps of the messages, on both ends; no rule of the fence",
        hand_in=steady,
        check=told("cannot be read (the limits are 128 MiB"),
        control=measured,
    ),
    Attack(
        numbers=(22,),
        name="crashes",
        tried="end by a segmentation fault, the end of the stack, an abort, an illegal instruction, a bus error",
        variants={name: in_total(body) for name, body in CRASHES.items()},
        fails=TOTAL,
        outcome="that test fails, and says by which signal",
        why="every test has a process of its own; no rule of the fence",
        check=told("the process crashed (signal"),
        control=signals,
    ),
    Attack(
        numbers=(25,),
        name="busy-processor",
        tried="burn, four times over, the very processor on which somebody else's test runs",
        variants={"burn": ()},
        outcome="the other one's limit is CPU time, and it passes",
        why="a matter of which clock counts; no rule of the fence",
        hand_in=burning,
        control=burning_openly,
    ),
    Attack(
        numbers=(36,),
        name="persist",
        tried="leave files in every cache, profile and shared folder for the next run, and the next student",
        variants={"files": ()},
        outcome="nothing of it is there for the next",
        why="without a mount of its own a student has no place to write at all, so no fence can be built without",
        hand_in=persisting,
        control=persisting_openly,
    ),
    Attack(
        numbers=(36,),
        name="persist-in-memory",
        tried="leave a System V segment for the next student",
        variants={"segment": ()},
        outcome="it goes with the student's own IPC namespace",
        rule=Rule.IPC,
        hand_in=segment,
        control=segment_openly,
        off=segment_without,
    ),
)
