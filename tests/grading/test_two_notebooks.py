"""An assignment of two notebooks: each runs in a process of its own, and a test meets the notebook of its question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType

import nbformat
import pytest

from autograder.course import load_assignment, load_course
from autograder.grading.material import load_material
from autograder.grading.submission import MAX_FATAL_CELLS
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import submission_notebook, to_bytes
from autograder.results import Outcome, Report, Verdict

FILES = {
    "course.yml": "course: pair\ntitle: Pair\ntimezone: UTC\nassignments: [pair]\n",
    "assignments/pair/assignment.yml": """\
        assignment: pair
        title: Two notebooks
        limits: {notebook_seconds: 20, test_seconds: 5, prepare_seconds: 5}
        notebooks: [first.ipynb, second.ipynb]
        questions:
          - {id: one, title: One, kind: code, points: 2, notebook: first.ipynb}
          - {id: two, title: Two, kind: code, points: 3, notebook: second.ipynb}
        """,
    "solutions/pair/first.py": """\
        # %% question="one"
        def answer():
            ### BEGIN SOLUTION
            return 1
            ### END SOLUTION
        """,
    "solutions/pair/second.py": """\
        # %% question="two"
        def answer():
            ### BEGIN SOLUTION
            return 2
            ### END SOLUTION

        # %% locked=true
        class Counter:
            def __init__(self):
                self.count = 0

            def up(self):
                self.count += answer()
                return self.count
        """,
    "tests/hidden/pair/test_pair.py": """\
        import pytest
        from autograder.checks import assert_equal
        from autograder.grading import prepared


        @prepared
        def counter(student):
            kept = student.new("Counter")
            kept.call("up")
            return kept


        @pytest.mark.question("one", points=2)
        def test_one(student):
            assert_equal(student.call("answer"), 1)


        @pytest.mark.question("two", points=1)
        def test_two(student):
            assert_equal(student.call("answer"), 2)


        @pytest.mark.question("two", points=1)
        def test_two_prepared(counter, student):
            assert_equal(counter.call("up"), 4)


        @pytest.mark.question("two", points=1)
        def test_two_prepared_again(counter, student):
            assert_equal(counter.call("up"), 4)
        """,
}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """The pair's processes, warm."""
    root = tmp_path_factory.mktemp("pair")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    material = load_material(load_assignment(load_course(root), "pair"))
    with Workshop(material, seed=3) as workshop:
        yield workshop


def hand_in(
    workshop: Workshop, folder: Path, left_out: str = "", added: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Report:
    """The report on the reference's notebooks, without one of them where it is named, or with more cells."""
    material = workshop.material
    files = {}
    for name, master, release in zip(material.assignment.notebooks, material.masters, material.releases, strict=True):
        if name != left_out:
            files[name] = folder / name
            notebook = submission_notebook(master, release)
            notebook["cells"] += [nbformat.v4.new_code_cell(source) for source in added.get(name, ())]
            files[name].write_bytes(to_bytes(notebook))
    return workshop.grade(Submitted("ada", files), "0" * 64).grading.report


def test_each_test_meets_the_notebook_of_its_question(workshop: Workshop, tmp_path: Path) -> None:
    """Both notebooks define the same name; prepared set-ups and their tests belong to the second."""
    report = hand_in(workshop, tmp_path)
    assert report.outcome is Outcome.GRADED, report.reason
    verdicts = {test.id: test.verdict for question in report.questions for test in question.tests}
    assert verdicts == dict.fromkeys(
        ("test_one", "test_two", "test_two_prepared", "test_two_prepared_again"), Verdict.PASSED
    )
    assert report.points == report.max_points == 5


def test_fatal_cells_of_one_notebook_cost_the_other_nothing(workshop: Workshop, tmp_path: Path) -> None:
    """Where too many cells of one end its process, the tests of the other are run all the same."""
    deadly = ["import os; os._exit(1)"] * (MAX_FATAL_CELLS + 3)
    report = hand_in(workshop, tmp_path, added={"first.ipynb": deadly})
    verdicts = {test.id: (test.verdict, test.message) for question in report.questions for test in question.tests}
    verdict, told = verdicts.pop("test_one")
    assert verdict is Verdict.FAILED
    assert "nothing was left to test" in str(told)
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.PASSED}
    assert report.points == 3


def test_missing_notebook_is_handed_back(workshop: Workshop, tmp_path: Path) -> None:
    """A submission without the second notebook is rejected by name."""
    report = hand_in(workshop, tmp_path, left_out="second.ipynb")
    assert report.outcome is Outcome.REJECTED
    assert "second.ipynb" in (report.reason or "")
