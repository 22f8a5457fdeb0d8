"""What the grader does once before it forks, so that every fork inherits warm caches and specialised bytecode.

A test like many is run a few times through pytest, with a student that echoes: what it imports, compiles and looks up
on the way is then in the memory that all forks share. Nothing of the course's own tests is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from autograder.grading.student import Student
from autograder.grading.usage import Usage
from autograder.sandbox.codec import encode
from autograder.sandbox.decoding import decode

FOLDER = "warming"
TEST = "test_warming"
TIMES = 12
"""CPython specialises bytecode after about eight runs."""

_SOURCE = '''\
import numpy as np
import pytest

from autograder.checks import assert_close, assert_count, assert_dtype, assert_equal, assert_shape


@pytest.mark.question("warming", points=1, hint="none")
def test_warming(student, reference, rng, device, limits):
    """An echo is what was said."""
    values = rng.normal(size=(2, 3))
    assert_close(student.call("echo", values), values)
    assert_close(student.call("echo", 0.5), 0.5)
    assert_count(student.call("echo", 3), 3)
    assert_equal(student.call("echo", ["a", 1]), ["a", 1])
    assert_shape(student.call("echo", np.float32(values)), (2, 3))
    assert_dtype(student.call("echo", values), "floating")
'''


class EchoHost:
    """A host whose student gives back what it is called with."""

    seed = 0
    device = "cpu"

    def __init__(self) -> None:
        self.limits = SimpleNamespace()
        self.reference: Any = SimpleNamespace()

    def request(self, operation: str, *arguments: Any) -> Any:
        """The first argument of the call, as it comes through the codec."""
        message = decode(encode((operation, 1, *arguments)))
        return message[3][0]

    def usage(self) -> Usage:
        """Nothing."""
        return Usage(0.0, 0)

    @contextmanager
    def test(self, test: str, prepared: str | None) -> Iterator[Student]:
        """The echo."""
        yield Student(self)

    @contextmanager
    def prepare(self, prepared: str) -> Iterator[Student]:
        """The echo."""
        yield Student(self)


def write_warming_test(folder: Path) -> None:
    """Put the warming test beside the course's."""
    (folder / FOLDER).mkdir()
    (folder / FOLDER / f"{TEST}.py").write_text(_SOURCE)
