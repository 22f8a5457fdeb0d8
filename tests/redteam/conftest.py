"""The one ground on which all attacks take place."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from .ground import Ground


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    """The course under attack, with everything warm."""
    if sys.platform != "linux":
        pytest.skip("the fence needs Linux")
    with Ground() as ground:
        yield ground
