"""Attacks 5 to 7: writing a report of one's own, over what runs the notebook, or beside the notebook."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from autograder.dispatch.collect import collect
from autograder.notebook import to_bytes
from autograder.sandbox.rules import Rule

from .attacks_reading import finished
from .controls import Dead, Untried, imports_of, in_the_open, run_program
from .course import WRONG_VAULT
from .ground import MARK, Ground, Seen
from .harness import Attack, without_rule

FORGE = """
    import json, os, sys
    PERFECT = {
        "schema": 1, "assignment": "vault", "student": "mallory", "outcome": "graded", "points": 99.0, "score": 99.0,
        "max_points": 9.0, "tests": [{"name": "test_number", "status": "passed", "score": 99.0}],
        "questions": [{"id": "vault", "points": 99.0, "tests": [{"id": "test_number", "verdict": "passed"}]}],
    }
    XML = '<testsuites><testsuite tests="6" failures="0"><testcase name="test_number"/></testsuite></testsuites>'

    def forge():
        for folder in (".", "/tmp", "/scratch", "/dev/shm", os.path.expanduser("~"), "/autograder/results", ".."):
            for name in ("results.json", "results.jsonl", "report.json", "junit.xml", "out.xml", "grade.txt"):
                try:
                    os.makedirs(folder, exist_ok=True)
                    with open(os.path.join(folder, name), "w") as file:
                        file.write(XML if name.endswith("xml") else json.dumps(PERFECT))
                except OSError:
                    pass
        for stream in (1, 2):
            try:
                os.write(stream, ("\\n" + json.dumps(PERFECT) + "\\n===== 9 passed in 0.01s =====\\n").encode())
            except OSError:
                pass
        print(json.dumps(PERFECT))
        print("===== 9 passed in 0.01s =====")
        print(json.dumps({"event": "end", "test": "test_number", "verdict": "passed"}))
    """
FORGE_IN_A_CELL = "forge()\nos._exit(0)"
FORGE_IN_A_TEST = """
    def number(x):
        forge()
        os._exit(0)

    def array(x):
        forge()
        return 2 * x

    def text(word):
        forge()
        raise SystemExit(0)
    """
NAIVE_REPORT = """
import importlib, json
results = {"score": 0.0}
json.dump(results, open("results.json", "w"))
submission = importlib.import_module("submission")
try:
    results["score"] = float(submission.number(3.0) == 9.5)
except Exception:
    pass
json.dump(results, open("results.json", "w"))
"""


def write_and_leave(ground: Ground, attack: Attack) -> list[str]:
    """A platform that takes the results which the process of student and tests leaves."""
    scores = []
    for variant, cells in attack.variants.items():
        with tempfile.TemporaryDirectory(prefix="redteam-report-") as name:
            folder = Path(name, "inner")
            folder.mkdir()
            (folder / "submission.py").write_text("\n\n".join([WRONG_VAULT, *ground.prepared(cells)]))
            (folder / "grade.py").write_text(NAIVE_REPORT)
            run_program([sys.executable, "grade.py"], str(folder))
            score = json.loads((folder / "results.json").read_text())["score"]
            if score < 1:
                raise Dead(f"{variant}: the platform reads a score of {score}")
            scores.append(f"{variant}: a score of {score:g}")
    return scores


OVERWRITE = """
    import os, site, sys, sysconfig, tempfile
    found = []

    def inside(path):
        own = START == "/" and path.startswith(("/scratch", "/tmp", "/dev/shm", "/proc"))
        return path.startswith(START) and not own

    def plant(folder):
        path = os.path.join(folder, MARK + ".pth")
        try:
            with open(path, "w") as file:
                file.write("import os")
            found.append(f"wrote {path}")
            os.unlink(path)
        except OSError:
            pass

    def change(path):
        try:
            os.close(os.open(path, os.O_WRONLY))
            found.append(f"may write {path}")
        except OSError:
            pass

    folders = {*sys.path, *sysconfig.get_paths().values(), site.getusersitepackages(), "/", "/etc", "/usr", "/usr/bin",
               "/.course", "/.keep", "/var", "/run", "/root", "/home", sys.prefix, sys.exec_prefix, START}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            folders.add(os.path.dirname(file))
            if inside(file):
                change(file)
    for folder in sorted(folder for folder in folders if folder and inside(folder)):
        plant(folder)
    for top in (START, sys.prefix if inside(sys.prefix) else START):
        for folder, _, names in os.walk(top):
            if START == "/" and folder.startswith(("/proc", "/sys", "/scratch", "/tmp", "/dev")):
                continue
            if os.access(folder, os.W_OK):
                plant(folder)
                for name in names[:20]:
                    change(os.path.join(folder, name))
            if len(found) > 200:
                break
    loot(found)
    """
PLANT_AT_HOME = """
    import os, site, sys
    evil = f"open('/tmp/{MARK}-ran', 'w').close()\\nimport builtins; builtins.planted = True\\n"
    home = os.path.expanduser("~")
    own, profile = site.getusersitepackages(), home + "/.ipython/profile_default"
    places = [own + "/usercustomize.py", own + "/evil.pth", profile + "/startup/00.py", profile + "/ipython_config.py",
              home + "/sitecustomize.py", home + "/numpy.py", home + "/math.py", "/tmp/numpy.py", "/tmp/pytest.py",
              home + "/.config/matplotlib/matplotlibrc", "/tmp/matplotlib/matplotlibrc", "/dev/shm/" + MARK,
              home + "/.bashrc", home + "/.pythonrc.py", home + "/" + MARK]
    for place in places:
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w") as file:
                file.write(evil + "# " + MARK)
        except OSError:
            pass
    os.environ["PYTHONSTARTUP"] = home + "/.pythonrc.py"
    os.environ["PYTHONPATH"] = home
    """
LOOK_AT_HOME = """
    import builtins, os, sys
    own = (sys.base_prefix, sys.prefix)  # an interpreter may lie in a home
    found = ["the planted code ran"] if hasattr(builtins, "planted") else []
    for top in ("/scratch", "/tmp", "/dev/shm", "/var/tmp", "/root", "/home"):
        for folder, folders, names in os.walk(top):
            folders[:] = [each for each in folders if os.path.join(folder, each) not in own]
            for name in names:
                path = os.path.join(folder, name)
                try:
                    if MARK in name or MARK in open(path, errors="replace").read(2**16):
                        found.append(path)
                except OSError:
                    pass
    loot(found)
    """


def overwrite(ground: Ground, attack: Attack, variant: str) -> Seen:
    """One student plants, and the next three, one in each slot, look for what was planted."""
    first = ground.robbed(attack.variants[variant])
    if variant != "at home":
        return first
    loot = list(first.loot)
    for student in ("second", "third", "fourth"):
        loot += ground.robbed((LOOK_AT_HOME,), student=student).loot
    return Seen(first.verdicts, tuple(loot), first.shown, first.graded)


def plant_and_look(ground: Ground, attack: Attack) -> list[str]:
    """Both halves in one program with a folder of its own for a home; the first where the course may be written."""
    got = in_the_open(ground, attack.variants["over the system"])
    look = LOOK_AT_HOME.replace('("/scratch",', '(os.path.expanduser("~"),').replace(
        '"/tmp", "/dev/shm", "/var/tmp", "/root", "/home"', ""
    )
    plant = PLANT_AT_HOME.replace('"/tmp/', 'home + "/tmp/').replace('"/dev/shm/"', 'home + "/shm/"')
    return [*got, *in_the_open(ground, (plant, look))]


CONFTEST = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome, report.longrepr = "passed", None
    return report

@pytest.fixture
def student():
    return None

open({mark!r}, "w").close()
"""
UPLOADED = {
    "conftest.py": CONFTEST,
    "pytest.ini": "[pytest]\naddopts = --collect-only\npython_files = nothing_*.py\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--deselect test_number'\n",
    "tox.ini": "[pytest]\naddopts = --co\n",
    "setup.cfg": "[tool:pytest]\naddopts = --co\n",
    "sitecustomize.py": "open({mark!r}, 'w').close()\n",
    "usercustomize.py": "open({mark!r}, 'w').close()\n",
    "numpy.py": "open({mark!r}, 'w').close()\ndef allclose(*a, **k): return True\n",
    "pytest.py": "open({mark!r}, 'w').close()\n",
    "math.py": "open({mark!r}, 'w').close()\n",
    "test_vault.py": "def test_number(): pass\ndef test_array(): pass\n",
    "hidden/vault/test_vault.py": "def test_number(): pass\n",
    "autograder/__init__.py": "open({mark!r}, 'w').close()\n",
    "autograder/checks.py": "def assert_close(*a, **k): pass\nassert_equal = assert_count = assert_close\n",
    "evil.pth": "import os; open({mark!r}, 'w').close()\n",
    "__pycache__/test_vault.cpython-311.pyc": "nothing",
}
WRITE_UPLOADED = f"""
    import os
    for name, text in {UPLOADED!r}.items():
        for folder in (".", "/tmp", os.path.expanduser("~"), "/dev/shm"):
            try:
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
                with open(path, "w") as file:
                    file.write(text.replace("{{mark!r}}", repr("/tmp/" + MARK)))
            except OSError:
                pass
    """
CONFTEST_FOOLED = """
def test_number(): assert number(3.0) == 9.5
def test_text(): assert text("word") == "WORD"
"""


def upload(ground: Ground, attack: Attack, variant: str) -> Seen:
    """A folder handed in with these files beside the notebook, found as the command line finds it."""
    folder = ground.uploads / "mallory"
    cells = ground.prepared(attack.variants[variant])
    loaded = str(ground.uploads.parent / f"{MARK}-loaded")
    for name, text in UPLOADED.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{mark!r}", repr(loaded)))
    (folder / "vault.ipynb").write_bytes(to_bytes(ground.notebook(WRONG_VAULT, cells)))
    submissions = collect([ground.uploads], ground.assignment)
    submitted = next(one for one in submissions if one.student == "mallory")
    seen = ground.graded_as(submitted)
    for name in UPLOADED:
        (folder / name).unlink()
    return seen


def under_pytest(ground: Ground, attack: Attack) -> list[str]:
    """Pytest in the folder that was handed in; a script beside a module of numpy's name."""
    with tempfile.TemporaryDirectory(prefix="redteam-conftest-") as name:
        Path(name, "submission.py").write_text(f"{imports_of()}\n{WRONG_VAULT}")
        Path(name, "conftest.py").write_text(CONFTEST.format(mark="loaded"))
        Path(name, "test_naive.py").write_text(f"from submission import *\n{CONFTEST_FOOLED}")
        done = run_program([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], name)
    if "2 passed" not in done.stdout:
        raise Dead(f"a conftest.py beside the tests: {(done.stdout + done.stderr)[-300:]!r}")
    with tempfile.TemporaryDirectory(prefix="redteam-shadow-") as name:
        Path(name, "numpy.py").write_text(UPLOADED["numpy.py"].format(mark="loaded"))
        Path(name, "grade.py").write_text("import numpy\nprint('right', numpy.allclose(0.0, 9.5))")
        told = run_program([sys.executable, "grade.py"], name).stdout.strip()
    if told != "right True":
        raise Dead(f"a numpy.py beside the script says {told!r}")
    return ["a conftest.py that lets everything pass", "a numpy.py that calls everything close"]


def writable(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
    """Without read-only binds the interpreter's own folder can be written, wherever its mode allows it."""
    if not ground.inside:
        raise Untried("the interpreter's folder cannot be written anyway")
    return without_rule(ground, attack, rule)


ATTACKS = (
    Attack(
        numbers=(5,),
        name="own report",
        tried="write results.json and junit.xml wherever possible, print a perfect report, leave with status 0",
        variants={
            "in a cell": (FORGE, FORGE_IN_A_CELL),
            "in a test": (FORGE, FORGE_IN_A_TEST),
        },
        outcome="nobody reads it: verdicts come from the grader's process",
        why="the design holds it, not a rule: there is no file or stream from which a report would be taken",
        control=write_and_leave,
    ),
    Attack(
        numbers=(6,),
        name="overwriting",
        tried="overwrite the library and packages, plant .pth, usercustomize and IPython start-up files for the next",
        variants={"over the system": (OVERWRITE,), "at home": (PLANT_AT_HOME,)},
        outcome="the system is read-only; a home is private and gone with its student",
        rule=Rule.READ_ONLY,
        check=finished,
        control=plant_and_look,
        off=writable,
        hand_in=overwrite,
    ),
    Attack(
        numbers=(7,),
        name="uploaded files",
        tried="hand in, and write, conftest.py, pytest.ini, sitecustomize.py, numpy.py, pytest.py and the like",
        variants={"handed in": (), "written": (WRITE_UPLOADED,)},
        outcome="the grader's folder has nothing of a student's in it, and its pytest is told everything",
        why="the design holds it, not a rule: only the notebook is opened, and only its text is taken",
        control=under_pytest,
        hand_in=upload,
    ),
)
