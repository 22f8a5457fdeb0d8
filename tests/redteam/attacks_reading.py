"""Attacks 1 to 4: finding what is secret, on disk, in other processes, in packages and in memory."""

from __future__ import annotations

from autograder.sandbox.rules import Rule

from .controls import Dead, fooled_tests, in_the_open
from .ground import BYSTANDER, ENVIRONMENT, Ground, Seen
from .harness import Attack

WALK = """
    import os, re
    LIKELY = re.compile(r"^test_|^conftest|^master|solution|^course|^roster|^lastfailed|[.](ipynb|ya?ml|csv|db)$")
    SKIP = {"/proc", "/sys", "/usr/share/zoneinfo"}

    def secrets_in(path):
        try:
            if os.path.getsize(path) < 2**17:
                with open(path, "rb") as file:
                    return [f"{path} {hit.decode()}" for hit in re.findall(CANARY.encode(), file.read())]
        except OSError:
            pass
        return []

    found = []
    for folder, folders, names in os.walk(START):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in SKIP]
        for name in names:
            if LIKELY.search(name):
                found += secrets_in(os.path.join(folder, name))
    loot(found)
    """
AROUND = """
    import glob, re
    HOME = START.rstrip("/")
    guesses = ["/.keep/**", "/.course/**", "/root/*", "/home/**", "/run/**", "/var/**", "/etc/**", "/tmp/**", "/work/*",
               "/opt/**", "/srv/**", "/mnt/**", "/.autograder/**", "/tests/**", "/solutions/**", "/*/*/tests/hidden/**",
               "/proc/self/root/.keep/**", "/proc/self/cwd/../../*/*.yml", "/proc/*/root/work/*/tests/**"]
    found = []
    for guess in guesses:
        for path in glob.iglob(HOME + guess, recursive=True, include_hidden=True):
            found += secrets_in(path)
            if len(found) > 50:
                break
    loot(found)
    """
PROCESSES = """
    import os, re
    own = os.getpid()
    found = []

    def read(pid, name):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                if name == "mem":
                    start = next(line for line in open(f"/proc/{pid}/maps") if " rw-p " in line).split("-")[0]
                    file.seek(int(start, 16))
                return file.read(2**20)
        except (OSError, StopIteration, ValueError):
            return b""

    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline", "maps", "mem", "mountinfo", "status"):
            data = read(pid, name)
            found += [f"{name} of a process: {hit.decode()}" for hit in re.findall(CANARY.encode(), data)]
            if pid != str(own) and data and name in ("environ", "maps", "mem") and START == "/":
                found.append(f"{name} of process {pid}")
        for name in ("fd", "root", "cwd", "task"):
            try:
                listed = os.listdir(f"/proc/{pid}/{name}")
            except OSError:
                continue
            if pid != str(own) and name != "task" and START == "/":
                found.append(f"{name} of process {pid}: {listed[:3]}")
    found += [f"variable {name}: {value}" for name, value in os.environ.items() if re.search(CANARY, value)]
    loot(found)
    """
IN_A_TEST = """
    import os, re
    def peek(pid):
        found = []
        for name in ("environ", "maps", "mem", "fd", "root", "cwd"):
            try:
                look = os.listdir if name in ("fd", "root", "cwd") else lambda path: open(path).close()
                look(f"/proc/{pid}/{name}")
                found.append(f"{name} of process {pid}")
            except OSError:
                pass
        return found

    def number(x):
        others = [pid for pid in filter(str.isdigit, os.listdir("/proc")) if int(pid) != os.getpid()]
        raise Loot([thing for pid in others for thing in peek(pid)])
    """
PACKAGES = """
    import importlib, importlib.metadata, os, re, sys
    found = []
    for name in ("autograder.results", "autograder.grading.grader", "autograder.sandbox.runner", "autograder.checks",
                 "solutions.vault.master", "master", "test_vault", "tests.hidden.vault.test_vault", "conftest"):
        try:
            module = importlib.import_module(name)
            found.append(f"import {name}: {module.__file__}")
        except Exception:
            pass
    for distribution in importlib.metadata.distributions():
        name = str(distribution.metadata["Name"])
        if "autograder" in name:
            files = [str(file) for file in distribution.files or ()]
            found.append(f"distribution {name} with {len(files)} files: {files[:2]}")
    for folder in sys.path:
        for name in os.listdir(folder or ".") if os.path.isdir(folder or ".") else ():
            if re.search("autograder", name) and (os.path.isdir(os.path.join(folder, name)) and
                    os.listdir(os.path.join(folder, name)) or os.path.isfile(os.path.join(folder, name)) and
                    os.path.getsize(os.path.join(folder, name))):
                found.append(f"{folder}/{name}")
    found += [f"module {name}" for name, module in list(sys.modules.items())
              if "/autograder/" in (getattr(module, "__file__", None) or "")]
    loot(found)
    """
HUNT = """
    import ctypes, gc, inspect, re, sys, tracemalloc
    tracemalloc.start()

    def texts(thing, depth=0):
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, dict) and depth < 3:
            for key, value in list(thing.items()):
                yield from texts(key, 3)
                yield from texts(value, depth + 1)
        elif isinstance(thing, (list, tuple, set)) and depth < 3:
            for part in list(thing):
                yield from texts(part, depth + 1)

    def in_memory():
        try:
            lines = open("/proc/self/maps").read().splitlines()
        except OSError:
            return
        for line in lines:
            place, rights = line.split()[:2]
            start, end = [int(one, 16) for one in place.split("-")]
            if rights.startswith("rw") and "[v" not in line:
                while start < end:
                    size = min(end - start, 2**24)
                    yield ctypes.string_at(start, size).decode("latin-1")
                    start += size

    def hunt(deep=True):
        places = []
        frame = sys._getframe()
        while frame is not None:
            places += [frame.f_locals, frame.f_globals, list(frame.f_code.co_consts)]
            frame = frame.f_back
        places += [info.frame.f_locals for info in inspect.stack()]
        places += [frame.f_locals for frame in sys._current_frames().values()]
        places += [thing for thing in gc.get_objects() if isinstance(thing, (dict, list, tuple))]
        traced = tracemalloc.take_snapshot().statistics("lineno")[:50]
        places += [str(line) for each in traced for line in each.traceback]
        hits = {hit for place in places for text in texts(place, 1) for hit in re.findall(CANARY, text)}
        if deep:
            hits |= {hit for text in in_memory() for hit in re.findall(CANARY, text)}
        return hits

    loot(hunt())
    """
HUNT_IN_TESTS = """
    def number(x):
        raise Loot(hunt())

    def text(word):
        raise Loot(hunt(deep=False))

    def count(values):
        raise Loot(hunt(deep=False))
    """
IN_THE_TESTS = """
def test_finds_what_its_caller_holds():
    secret = "{canary}"
    with pytest.raises(Exception, match="LOOT.*{canary}"):
        number(1.0)
    with pytest.raises(Exception, match="LOOT.*{canary}"):
        text("a")
"""


def beside_others(ground: Ground, attack: Attack) -> list[str]:
    """The programs where other processes are in sight, with a secret in the environment."""
    secret = {"REDTEAM_SECRET": ground.canaries[ENVIRONMENT]}
    got = in_the_open(ground, attack.variants["in a cell"], environment=secret)
    for place in (BYSTANDER, ENVIRONMENT):
        if not any(ground.canaries[place] in thing for thing in got):
            raise Dead(f"it does not find {place}")
    return got


def in_one_process(ground: Ground, attack: Attack) -> list[str]:
    """The hunt where the tests run in the same process."""
    tests = IN_THE_TESTS.format(canary=ground.canaries["test_number"])
    programs = {"": (attack.variants["in cell and test"], tests)}
    return [f"fooled {name}" for name in fooled_tests(ground, programs)]


def looked(ground: Ground, attack: Attack, seen: Seen) -> None:
    """The hunt in the tests came to its end: each says that it has found nothing that was not its own."""
    for test in ("test_number", "test_text", "test_count"):
        assert "LOOT: [" in seen.details[test], f"{test} did not look: {seen.details[test][:300]}"


def finished(ground: Ground, attack: Attack, seen: Seen) -> None:
    """No cell of the attack has failed, nor its function in a test: it has looked everywhere."""
    assert seen.graded is not None
    errors = [f"{error.name}: {error.message}" for error in seen.graded.grading.evidence.errors]
    assert not errors, f"it did not finish: {errors}"
    told = seen.details["test_number"]
    assert "LOOT: []" in told or "expected" in told, f"it did not finish: {told[:300]}"


ATTACKS = (
    Attack(
        numbers=(1,),
        name="walk",
        tried="walk the whole file system, guess paths; look for tests, solutions, notebooks, configuration, caches",
        variants={"files": (WALK, AROUND)},
        outcome="only the declared system is there, and nothing in it is the course's",
        rule=Rule.COVERS,
        check=finished,
    ),
    Attack(
        numbers=(2,),
        name="other processes",
        tried="read environ, cmdline, maps, mem, fd, root and cwd of every process in proc, in a cell and in a test",
        variants={"in a cell": (PROCESSES,), "in a test": (IN_A_TEST,)},
        outcome="the only processes are its own, and those close themselves; no variable and argument of ours",
        rule=Rule.PROCESSES,
        check=finished,
        control=beside_others,
    ),
    Attack(
        numbers=(3,),
        name="packages",
        tried="import the grader, the solution and the tests; list distributions and their files",
        variants={"packages": (PACKAGES,)},
        outcome="they are not installed there, and no module of ours is left",
        rule=Rule.COVERS,
        check=finished,
    ),
    Attack(
        numbers=(4,),
        name="memory",
        tried="hunt for secrets with gc, frames, inspect, tracemalloc and by reading all writable memory",
        variants={"in cell and test": (HUNT, HUNT_IN_TESTS)},
        outcome="there are the runner's frames and the student's own objects",
        why="the design holds it, not a rule: what no process of the student's ever held cannot be found there",
        check=looked,
        control=in_one_process,
    ),
)
