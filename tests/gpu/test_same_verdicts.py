"""Every known answer of every assignment gets the same verdicts on a card as on the CPU."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from autograder.course import load_assignment, load_course
from autograder.dispatch.engine import LocalEngine
from autograder.grading.material import load_material
from autograder.grading.verify import Case, Sort, read_cases
from autograder.grading.workshop import Submitted, Workshop
from autograder.sandbox.cards import Card

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 2 * 2**30
JOBS = 2


@pytest.mark.parametrize("name", load_course(ROOT).assignments)
def test_same_verdicts(name: str, card: Card, tmp_path: Path) -> None:
    """The reference, every right answer and every wrong one: the same tests are lost, and those that it says."""
    material = load_material(load_assignment(load_course(ROOT), name))
    if "torch" not in material.preload:
        pytest.skip(f"{name} does not use torch")
    device = material.assignment.device.model_copy(update={"memory": MEMORY})
    on_card = replace(material, assignment=replace(material.assignment, device=device))
    cases = [case for case in read_cases(material) if case.sort in (Sort.REFERENCE, Sort.RIGHT, Sort.WRONG)]
    lost: dict[str, dict[str, frozenset[str]]] = {}
    for place, workshop in {
        "card": Workshop(on_card, jobs=JOBS, seed=1, card=card),
        "cpu": Workshop(material, jobs=JOBS, seed=1),
    }.items():
        with workshop:
            workshop.warm_up()
            lost[place] = grade(workshop, cases, tmp_path / place)
    assert lost["card"] == lost["cpu"]
    assert lost["card"] == {f"{case.sort} {case.name}": case.loses for case in cases}


def grade(workshop: Workshop, cases: list[Case], folder: Path) -> dict[str, frozenset[str]]:
    """Case → the tests that were not passed."""
    folder.mkdir()

    def work(case: Case) -> tuple[str, frozenset[str]]:
        files = {}
        for name, content in case.notebooks:
            files[name] = folder / f"{case.sort}-{case.name}-{name}"
            files[name].write_bytes(content)
        digest = sha256(b"".join(content for _, content in case.notebooks)).hexdigest()
        report = workshop.grade(Submitted(case.name, files), digest).grading.report
        tests = [test for question in report.questions for test in question.tests]
        assert tests, report.reason
        return f"{case.sort} {case.name}", frozenset(test.id for test in tests if test.verdict != "passed")

    return dict(LocalEngine(JOBS).run(work, cases))
