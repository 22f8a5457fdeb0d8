"""`verify`'s cases: a variant changes what it says, in every notebook, and its answers run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from autograder.errors import CourseError
from autograder.grading.verify import Sort, read_cases, verify
from autograder.notebook import student_notebook, to_bytes

FILES = {
    "course.yml": "course: pair\ntitle: Pair\ntimezone: UTC\nassignments: [pair]\n",
    "assignments/pair/assignment.yml": """
        assignment: pair
        title: Two notebooks
        limits: {notebook_seconds: 20, test_seconds: 5}
        notebooks: [first.ipynb, second.ipynb]
        questions:
          - {id: one, title: One, kind: code, points: 1, notebook: first.ipynb}
          - {id: two, title: Two, kind: code, points: 1, notebook: second.ipynb}
        """,
    "solutions/pair/first.py": """
        # %% question="one"
        def one():
            ### BEGIN SOLUTION
            return 1
            ### END SOLUTION
        """,
    "solutions/pair/second.py": """
        # %% question="two"
        def two():
            ### BEGIN SOLUTION
            return 2
            ### END SOLUTION
        """,
    "tests/hidden/pair/test_pair.py": """
        import pytest
        from autograder.checks import assert_count


        @pytest.mark.question("one", points=1)
        def test_one(student):
            assert_count(student.call("one"), 1)


        @pytest.mark.question("two", points=1)
        def test_two(student):
            assert_count(student.call("two"), 2)
        """,
}
ONE_OFF = '# %% question="one"\ndef one():\n    return 3\n'


@pytest.fixture
def pair(tmp_path: Path, load: Callable[..., Any]) -> Callable[..., Any]:
    """The material of an assignment of two notebooks with these variants."""

    def make(**variants: str) -> Any:
        for name, text in {
            **FILES,
            **{f"solutions/pair/{at.replace('__', '/')}.py": variants[at] for at in variants},
        }.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip())
        material = load(tmp_path, "pair")
        for name, master, release in zip(
            material.assignment.notebooks, material.masters, material.releases, strict=True
        ):
            (material.assignment.folder / name).write_bytes(to_bytes(student_notebook(master, release)))
        return material

    return make


def test_question_that_no_master_has(pair: Callable[..., Any]) -> None:
    """Else the master itself would be proven a right style."""
    with pytest.raises(CourseError, match="the master has no such question") as caught:
        list(read_cases(pair(right__styles='# %% question="onee"\ndef one():\n    return 1\n')))
    (problem,) = caught.value.problems
    assert (Path(problem.file).name, problem.line, problem.key) == ("styles.py", 2, "onee")


def test_variant_of_two_notebooks(pair: Callable[..., Any]) -> None:
    """Each notebook gets its own answers."""
    both = f'# loses: test_one, test_two\n{ONE_OFF}\n# %% question="two"\ndef two():\n    return 4\n'
    cases = {case.name: case for case in read_cases(pair(wrong__both=both, wrong__one=f"# loses: test_one\n{ONE_OFF}"))}
    first, second = (text.decode() for _, text in cases["both"].notebooks)
    assert "return 3" in first
    assert "return 4" in second
    first, second = (text.decode() for _, text in cases["one"].notebooks)
    assert "return 3" in first
    assert "return 2" in second


def each_in_turn(work: Callable[[Any], Any], items: Iterable[Any], stop: Callable[[], None]) -> Iterable[Any]:
    """An engine that nothing can stop."""
    return map(work, items)


@pytest.mark.parametrize(
    ("broken", "error"),
    [("def two(:\n    return 4", "SyntaxError"), ("two = three", "NameError: name 'three' is not defined")],
)
def test_answer_that_does_not_run_proves_nothing(
    pair: Callable[..., Any], tmp_path: Path, broken: str, error: str
) -> None:
    """It loses what it names, and would pass for a proof that the test catches a mistake."""
    material = pair(
        wrong__off=f"# loses: test_one\n{ONE_OFF}", wrong__broken=f'# loses: test_two\n# %% question="two"\n{broken}\n'
    )
    cases = [case for case in read_cases(material) if case.sort is Sort.WRONG]
    verification = verify(material, cases, tmp_path / "cases", each_in_turn)
    (problem,) = verification.problems
    assert (Path(problem.file).name, problem.key) == ("broken.py", "two")
    assert f"its cell does not run ({error}" in problem.message
