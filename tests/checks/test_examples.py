"""The examples of docs/checks.md, run as they stand: right answers pass, known mistakes lose what they name."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder import checks
from autograder.checks import find_loose_comparisons
from autograder.grading.hostile import KINDS
from autograder.grading.localhost import LocalHost, LocalLink
from autograder.grading.plugin import GradingPlugin, verdict_of
from autograder.results import Verdict
from autograder.sandbox.snapshot import reseed

torch = pytest.importorskip("torch")

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## ([a-z-]+)\n\n```python\n(.*?)^```$", GUIDE, flags=re.M | re.S))
TESTS = {name: re.findall(r"^def (test_\w+)", source, flags=re.M) for name, source in EXAMPLES.items()}


def _answers() -> Any:
    spec = importlib.util.spec_from_file_location("answers", Path(__file__).with_name("answers.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ANSWERS = _answers()


def names_of(source: str) -> dict[str, Any]:
    """What a notebook defines."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "<notebook>", "exec"), names)
    return names


def verdicts(folder: Path, assignment: str, source: str) -> dict[str, Verdict]:
    """The verdict of each test of an example on a notebook, by our own plugin in this process."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_example.py").write_text(EXAMPLES[assignment])
    host = LocalHost(names_of(source), folder)
    host.reference = SimpleNamespace(**names_of(ANSWERS.RIGHT[assignment]))
    plugin = GradingPlugin(host)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:autograder", "--import-mode=importlib", "-c", "pytest.ini"]
    sys.modules.pop("test_example", None)  # pytest would take the module of the example before
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*options, "--rootdir=.", "test_example.py"], plugins=[plugin])
    return {
        test: verdict_of([seen for seen in plugin.observations if seen.test == test]).verdict
        for test in TESTS[assignment]
    }


@pytest.fixture(autouse=True)
def _own_seeds() -> Iterator[None]:
    """What the examples draw is theirs."""
    reseed(0)
    yield
    reseed(0)


def test_all_assignments_have_an_example() -> None:
    """Six examples, each with tests, and answers to each."""
    assert len(EXAMPLES) == 6
    assert EXAMPLES.keys() == ANSWERS.RIGHT.keys()
    assert all(TESTS.values())


@pytest.mark.parametrize("assignment", EXAMPLES)
def test_right_answer_passes(assignment: str, tmp_path: Path) -> None:
    """The right answer passes every test of its example, and the lint finds nothing loose in it."""
    assert find_loose_comparisons(EXAMPLES[assignment]) == []
    assert set(verdicts(tmp_path, assignment, ANSWERS.RIGHT[assignment]).values()) == {Verdict.PASSED}


@pytest.mark.parametrize("mistake", ANSWERS.WRONG, ids=lambda mistake: mistake.name)
def test_mistake_loses_what_it_names(mistake: Any, tmp_path: Path) -> None:
    """A mistake fails exactly the tests that it names; one with a question mark may fail or pass by chance."""
    right = ANSWERS.RIGHT[mistake.assignment]
    assert mistake.old in right
    found = verdicts(tmp_path, mistake.assignment, right.replace(mistake.old, mistake.new))
    lost = {test for test, verdict in found.items() if verdict is Verdict.FAILED}
    assert Verdict.UNDECIDED not in found.values()
    certain = {test for test in mistake.loses if not test.endswith("?")}
    assert certain <= lost <= {test.rstrip("?") for test in mistake.loses}


def test_every_test_is_lost_by_a_mistake() -> None:
    """No test of the examples is there for nothing."""
    lost = {(mistake.assignment, test) for mistake in ANSWERS.WRONG for test in mistake.loses}
    assert {(name, test) for name, tests in TESTS.items() for test in tests} <= lost


def test_snippets_run_as_they_stand(tmp_path: Path) -> None:
    """The lines of the guide that are no whole test are right, too."""
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE, flags=re.M | re.S)
    snippets = [block for block in blocks if block not in EXAMPLES.values()]
    source = """
import torch

attention = torch.nn.functional.scaled_dot_product_attention

def network(tokens):
    return torch.cumsum(torch.nn.functional.one_hot(tokens, 50), dim=1)
"""
    student = LocalLink(names_of(source), tmp_path).student
    q, k, v = torch.randn(3, 1, 5, 4, generator=torch.Generator().manual_seed(0))
    tokens = torch.randint(50, (2, 6), generator=torch.Generator().manual_seed(0))
    for snippet in snippets:
        names = {name: getattr(checks, name) for name in checks.__all__}
        own = {"student": student, "reference": SimpleNamespace(**names_of(source)), "device": "cpu", "q": q, "k": k}
        exec(
            snippet,
            {**names, **own, "v": v, "tokens": tokens, "network": student.get("network"), "partial": functools.partial},
        )
    assert len(snippets) == 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("hang", "raises")])
@pytest.mark.parametrize("assignment", EXAMPLES)
def test_hostile_answers_fail(assignment: str, kind: str, tmp_path: Path) -> None:
    """Every function and class replaced by one that gives a hostile value: all tests fail, none is undecided."""
    own = [name for name, value in names_of(ANSWERS.RIGHT[assignment]).items() if callable(value)]
    names = [name for name in own if re.search(rf"^(def|class) {name}\b", ANSWERS.RIGHT[assignment], flags=re.M)]
    hostile = f"""
class Hostile:
    def __init__(self, *args, **kw):
        pass
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return hostile
def hostile(*args, **kw):
    return {KINDS[kind]}
"""
    replaced = "".join(f"{name} = {'Hostile' if name[0].isupper() else 'hostile'}\n" for name in names)
    found = verdicts(tmp_path, assignment, ANSWERS.RIGHT[assignment] + hostile + replaced)
    assert set(found.values()) == {Verdict.FAILED}, found
