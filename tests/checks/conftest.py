"""A student for tests of checks: a notebook's names in this process, every value crossing as it does in the fence."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.localhost import LocalLink
from autograder.grading.student import Student


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[[str], Student]:
    """Makes the student whose notebook is this source."""

    def make(source: str) -> Student:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(textwrap.dedent(source), "<notebook>", "exec"), names)
        return LocalLink(names, tmp_path).student

    return make
