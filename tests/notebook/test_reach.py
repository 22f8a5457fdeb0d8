"""Public tests are run below the answer: what they use has to stand above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.notebook import Release, read_master, student_notebook

from .conftest import MASTER, QUESTIONS

HEAD = "import pytest\n\n\n"
MARK = '@pytest.mark.question("cosine", points=1)\n'
LATE = "\n\n# %% locked=true\nimport math as m\n\ndef one_pass(u):\n    return cosine(u, u)\n\n\nlimit = 1\n"
Write = Callable[[str, str], Path]


def problems(write: Write, release: Release, tests: str, *, above: str = "") -> list[str]:
    """What is said of a master that ends with `LATE` and has these public tests."""
    text = MASTER.replace("# %%\nimport random", f"# %%\nimport random\n{above}") + LATE
    master = read_master(write("master.py", text), QUESTIONS)
    try:
        student_notebook(master, replace(release, public_tests={"test_angles.py": HEAD + tests}))
    except CourseError as error:
        return [str(problem).removeprefix(str(master.path)) for problem in error.problems]
    return []


@pytest.mark.parametrize("use", ['call("one_pass", 1)', 'keep("one_pass", 1)', 'get("limit")', 'new("one_pass.inner")'])
def test_what_a_test_uses_stands_above_its_check(write: Write, release: Release, use: str) -> None:
    """A helper below the check cell is refused, with its place and what to do; above it, it is fine."""
    tests = f"{MARK}def test_one(student):\n    assert student.{use}\n"
    (said,) = problems(write, release, tests)
    name = use.split('"')[1].split(".", maxsplit=1)[0]
    line = MASTER.count("\n") + 5
    assert said == (
        f":{line}: [cell 11] the public tests of 'cosine' use {name!r}, but it is defined only below their check cell"
        " → move this cell above the last answer of 'cosine'"
    )
    assert problems(write, release, tests, above=f"{name} = 1\n") == []
    assert problems(write, release, tests, above=f"from elsewhere import it as {name}\n") == []


def test_helpers_and_fixtures_are_followed(write: Write, release: Release) -> None:
    """What a test uses through a function or a fixture counts, too."""
    tests = (
        'def deep(student):\n    return student.call("one_pass", 1)\n\n\n'
        "def helper(student):\n    return deep(student)\n\n\n"
        "@pytest.fixture\ndef limit(student):\n    return student.get('limit')\n\n\n"
        f"{MARK}def test_one(student, limit):\n    assert helper(student) == limit\n"
    )
    assert len(problems(write, release, tests)) == 2


@pytest.mark.parametrize(
    "body",
    [
        'student.set("one_pass", 1)',
        'student.call("nowhere", 1)',
        'student.call("cosine", 1)',
        "student.call(name, 1)",
        'other.call("one_pass")',
    ],
)
def test_everything_else_is_left_alone(write: Write, release: Release, body: str) -> None:
    """What is set, unknown, above, or not written out is no reason to refuse a master."""
    assert problems(write, release, f"{MARK}def test_one(student, other, name):\n    {body}\n") == []


def test_helpers_of_other_tests_do_not_count(write: Write, release: Release) -> None:
    """A helper that is packed, too, but that no test of the question uses may ask for anything."""
    unused = 'def helper(student):\n    return student.call("one_pass", 1)\n\n\n'
    later = '@pytest.mark.question("guess", points=1)\ndef test_two(student):\n    assert student.get("guess")\n'
    one = f'{MARK}def test_one(student):\n    assert student.call("cosine", 1)\n\n\n'
    assert problems(write, release, unused + one + later) == []
