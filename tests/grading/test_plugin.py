"""The pytest plugin: fixtures, and whose fault each outcome is."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

from autograder.grading.plugin import Observation, verdict_of
from autograder.grading.seeds import derive
from autograder.results import Verdict

RUN = """
import json, sys
import pytest
from autograder.grading.plugin import GradingPlugin
from autograder.grading.warming import EchoHost
plugin = GradingPlugin(EchoHost())
pytest.main(["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "test_it.py"], plugins=[plugin])
seen = {}
for o in plugin.observations:
    seen.setdefault(o.test, []).append([o.verdict.value, o.error, o.detail])
print("\\n" + json.dumps(seen))
"""
TESTS = '''
import numpy as np, pytest
from autograder.errors import StudentError
from autograder.grading import prepared

def test_passes(student): assert student.call("echo", 1) == 1
def test_asserts(student):
    x = 1
    assert x == 2, "canary"
def test_student_error():
    raise StudentError("KeyError", "text", traceback="their line")
def test_fails(): pytest.fail("by hand")
def test_own_error(): [][0]
def test_skips(): pytest.skip("why")
def test_imports(): pytest.importorskip("no_such_module")
def test_xfails(): pytest.xfail("why")
@pytest.mark.xfail(strict=True)
def test_strict(): pass
@pytest.mark.xfail
def test_weak(): pass
@pytest.mark.parametrize("n", [1, 2])
def test_cases(n): assert n == 1
def test_unknown_fixture(nothing): pass
def test_fixtures(student, reference, rng, device, limits):
    assert isinstance(rng, np.random.Generator) and device == "cpu"
numbers = []
def test_rng(rng): numbers.append(rng.random())
def test_rng_again(rng): assert numbers and numbers[0] != rng.random()
@pytest.fixture
def broken_after():
    yield 1
    raise RuntimeError("late")
def test_teardown(broken_after): pass
@prepared
def ready(student, rng, reference):
    """A doc."""
    return student.call("echo", 5), rng.random()
def test_prepared(ready): assert ready[0] == 5
def test_prepared_is_shared(ready, student): assert ready[0] == 5
'''


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """What the plugin observed of a file of tests."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "test_it.py").write_text(textwrap.dedent(TESTS))
    done = subprocess.run([sys.executable, "-B", "-c", RUN], cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, list[list[str]]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("test_passes", "passed"),
        ("test_asserts", "failed"),
        ("test_student_error", "failed"),
        ("test_fails", "failed"),
        ("test_own_error", "undecided"),
        ("test_skips", "undecided"),
        ("test_imports", "undecided"),
        ("test_xfails", "undecided"),
        ("test_strict", "undecided"),
        ("test_weak", "undecided"),
        ("test_cases", "failed"),
        ("test_unknown_fixture", "undecided"),
        ("test_fixtures", "passed"),
        ("test_rng_again", "passed"),
        ("test_teardown", "undecided"),
        ("test_prepared", "passed"),
        ("test_prepared_is_shared", "passed"),
    ],
)
def test_verdict_by_kind_of_outcome(seen: dict[str, list[list[str]]], test: str, verdict: str) -> None:
    """Assertions and student errors fail; every other exception, skip and expected failure is undecided."""
    observations = [Observation(test, Verdict(kind), error, detail) for kind, error, detail in seen[test]]
    assert verdict_of(observations).verdict == verdict, observations


def test_details_for_staff(seen: dict[str, list[list[str]]]) -> None:
    """Staff see the place in the test, the message and the student's own traceback."""
    failed = next(entry for entry in seen["test_student_error"] if entry[0] == "failed")
    assert failed[1] == "KeyError"
    assert failed[2].startswith("test_it.py:")
    assert "their line" in failed[2]
    assert "canary" in next(entry for entry in seen["test_asserts"] if entry[0] == "failed")[2]


def test_verdict_of_nothing() -> None:
    """A test that did not run is undecided; a failure outweighs what is undecided."""
    passed, failed, unclear = (Observation("t", verdict) for verdict in Verdict)
    assert verdict_of([]).verdict is Verdict.UNDECIDED
    assert verdict_of([passed, Observation("t", Verdict.UNDECIDED), passed]).verdict is Verdict.UNDECIDED
    assert verdict_of([unclear, failed, passed]).verdict is Verdict.FAILED


def test_derived_seeds() -> None:
    """A test's seed depends on the assignment's seed and on its name, fits into 62 bits, and stays the same."""
    assert derive(5, "test_a") == derive(5, "test_a")
    assert len({derive(5, "test_a"), derive(6, "test_a"), derive(5, "test_b"), derive(56, "")}) == 4
    assert all(0 <= derive(n, "x") < 2**62 for n in range(100))
