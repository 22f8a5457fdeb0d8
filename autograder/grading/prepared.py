"""Set-ups that several tests share: run once, in a snapshot of their own, from which each test gets a fresh one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest

PREPARED = "__autograder_prepared__"


def prepared(function: Callable[..., Any]) -> Any:
    """Make `def trained(student): …` a module-scoped fixture that runs in a snapshot of the notebook.

    In a test that names it, `student` is a fresh snapshot of *that* process, and the Remotes it returned are valid
    there. It may ask for `student`, `reference`, `rng`, `device`, `limits` and any fixture of module or session scope.
    """
    names = tuple(inspect.signature(function).parameters)

    def fixture(request: pytest.FixtureRequest) -> Any:
        with request.config.stash[HOST].run(f"{request.path.name}::{function.__name__}") as own:
            return function(**{name: own[name] if name in own else request.getfixturevalue(name) for name in names})

    functools.update_wrapper(fixture, function, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    del fixture.__wrapped__  # type: ignore[attr-defined]  # pytest would look at the inner signature
    setattr(fixture, PREPARED, True)
    return pytest.fixture(scope="module", name=function.__name__)(fixture)


HOST: pytest.StashKey[Any] = pytest.StashKey()
