"""What one more submission costs is the slope between two classes, and no two of a class are alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.course import load_course
from benchmarks import submissions
from benchmarks.training import ROOT, write_class


@pytest.mark.parametrize("name", load_course(ROOT).assignments)
def test_class_hands_in_different_right_answers(tmp_path: Path, name: str) -> None:
    """Each notebook is the reference, with a remark in its first answer."""
    texts = [path.read_text() for path in write_class(tmp_path / "class", 3, name)]
    assert len(set(texts)) == 3
    for number, text in enumerate(texts):
        sources = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
        assert [f"# student {number}" in source for source in sources].count(True) == 1
        assert not any("raise NotImplementedError" in source for source in sources)


def test_start_up_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds of start-up and half a second for each submission are half a second."""
    monkeypatch.setattr(submissions, "_cpu_of_class", lambda name, students: 10 + students / 2)
    assert submissions.cpu_of_one_more("any", 4) == 0.5


@pytest.mark.parametrize(("seconds", "status", "said"), [(1.5, 0, "at most 2 s, met"), (2.5, 1, "NOT MET")])
def test_contract_decides_the_status(monkeypatch: pytest.MonkeyPatch, seconds: float, status: int, said: str) -> None:
    """The slowest assignment decides."""
    costs = {"quick": 0.5, "slow": seconds}
    monkeypatch.setattr(submissions, "cpu_of_one_more", lambda name, more: costs[name])
    done = CliRunner().invoke(submissions.main, ["--only", "quick", "--only", "slow"])
    assert done.exit_code == status
    assert said in done.output
    assert f"slow: {seconds:.2f} s of CPU" in done.output


def test_real_class_has_a_cost() -> None:
    """A small class is really graded and costs something."""
    assert submissions.cpu_of_one_more("backprop-by-hand", 1) > 0
