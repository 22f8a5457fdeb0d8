"""Set-ups that several tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograder.grading.prepared import PREPARED, prepared
from autograder.results import Verdict


def test_prepared_is_a_fixture() -> None:
    """A set-up keeps its name and doc, and is known as one."""

    @prepared
    def trained(student: Any) -> Any:
        """Trains."""

    assert trained._get_wrapped_function().__doc__ == "Trains."
    assert getattr(trained._get_wrapped_function(), PREPARED)


FATAL = """
class Bad(Counter):
    def up(self, ask=None):
        if ask:
            {}
        return super().up()
Counter = Bad
"""


@pytest.mark.parametrize("body", ["os._exit(1)", "time.sleep(600)", "while True: pass"])
def test_fatal_test_on_a_set_up(workshop: Any, grade: Callable[..., Any], body: str) -> None:
    """A test that ends or blocks its snapshot of a set-up loses itself alone."""
    run = grade(workshop, FATAL.format(body), tests="test_up", wall=1.5)
    lost = {test for test, verdict in run.verdicts.items() if verdict.verdict is Verdict.FAILED}
    assert lost == {"test_up_by_callback"}


def test_set_up_that_never_ends(workshop: Any, grade: Callable[..., Any]) -> None:
    """A set-up that blocks is ended, runs once more, and then costs its own tests only."""
    run = grade(workshop, "def Counter(): time.sleep(600)", wall=1.0)
    lost = {test for test, verdict in run.verdicts.items() if verdict.verdict is Verdict.FAILED}
    assert lost == {"test_up", "test_up_again", "test_up_without_student", "test_up_by_callback"}
