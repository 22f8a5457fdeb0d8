"""The lint where it counts: `verify` runs it over an assignment's tests, and every test of ours passes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder.checks import find_loose_comparisons
from autograder.grading.verify import check_comparisons, verify

ROOT = Path(autograder.__file__).parents[1]
TEMPLATE = ROOT / "autograder/cli/template"
FILES = sorted(
    file
    for base in (ROOT, TEMPLATE)
    for pattern in ("tests/hidden/*/**/*.py", "assignments/*/public/**/*.py")
    for file in base.glob(pattern)
)
STRICT = """
import pytest
from autograder.checks import assert_count

@pytest.mark.question("calls", points=10)
def test_first(student):
    assert_count(student.call("first"), 1)
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_course_is_strict(file: Path) -> None:
    """No test that we hand out or hide compares loosely."""
    assert [str(problem) for problem in find_loose_comparisons(file)] == []


def test_verify_names_loose_tests(own_course: Path, load: Callable[..., Any]) -> None:
    """File, line, rule and remedy of each loose comparison, helper modules included; with a reason it is accepted."""
    hidden = own_course / "tests/hidden/odd"
    (hidden / "test_odd.py").write_text(STRICT)
    (hidden / "helping.py").write_text("def same(a, b):\n    return all(x == y for x, y in zip(a, b))\n")
    material = load(own_course, "odd")
    (problem,) = check_comparisons(material)
    assert (problem.file, problem.line, problem.key) == (hidden / "helping.py", 2, "zip")
    assert "strict=True" in problem.remedy
    found = verify(material, (), own_course, lambda grade, cases: ())
    assert problem in found.problems  # and nothing is run
    text = (hidden / "helping.py").read_text().rstrip()
    (hidden / "helping.py").write_text(f"{text}  # loose: the longer one is cut off\n")
    assert check_comparisons(material) == []
