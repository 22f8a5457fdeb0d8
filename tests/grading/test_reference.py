"""The reference solution's names, out of the masters' cells."""

from __future__ import annotations

import typing

import pytest

from autograder.errors import CourseError
from autograder.grading.reference import load_reference


def test_names_of_all_cells() -> None:
    """Later cells see the names of earlier ones; everything is an attribute."""
    reference = load_reference([("m.py", 3, "import math\nx = 2"), ("m.py", 9, "def f(): return math.sqrt(x * 8)")])
    assert (reference.x, reference.f()) == (2, 4.0)


def test_cells_are_compiled_as_written() -> None:
    """Annotations stay objects, as in a notebook, and dataclasses and type hints find their module."""
    reference = load_reference(
        [("m.py", 1, "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\n    y: 'float' = 2\n")]
    )
    assert repr(reference.P()) == "P(x=1, y=2)"
    assert reference.P.__annotations__["x"] is int
    assert typing.get_type_hints(reference.P) == {"x": int, "y": float}


def test_magics_are_left_out() -> None:
    """Magics and shell lines are left out; text and formulas whose lines start alike are not."""
    reference = load_reference([("m.py", 1, "%matplotlib inline\n!ls\nx = 1")])
    assert reference.x == 1
    reference = load_reference([("m.py", 1, 'text = """\n%s\n!x\n"""\nrest = (7\n% 4)')])
    assert (reference.text, reference.rest) == ("\n%s\n!x\n", 3)


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [("x = 1\ny = 1 / 0", 12, "ZeroDivisionError"), ("x = 1\nif", 12, "SyntaxError"), ("f()", 11, "NameError")],
)
def test_cell_that_fails(source: str, line: int, told: str) -> None:
    """A cell that fails is the author's fault, with the master's file and line."""
    with pytest.raises(CourseError) as caught:
        load_reference([("master.py", 1, "z = 1"), ("master.py", 11, source)])
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == ("master.py", line)
    assert told in problem.message
