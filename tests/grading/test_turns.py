"""Which tests run together on a card."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.job import PlannedTest
from autograder.grading.turns import largest_turn, next_turn

TESTS = (
    PlannedTest("a", 0, None, "first"),
    PlannedTest("b", 0, "up", "first"),
    PlannedTest("c", 0, None, "second"),
    PlannedTest("d", 0, "up", "second"),
    PlannedTest("e", 1, None, "third"),
)
PLANNED = st.builds(
    PlannedTest,
    st.uuids().map(str),
    st.integers(0, 2),
    st.sampled_from([None, "x", "y"]),
    st.sampled_from(["q", "r", "s"]),
)


def names(tests: object) -> str:
    return "".join(test.id for test in tests)  # type: ignore[attr-defined]


def test_notebook_that_can_be_forked() -> None:
    """All tests without a set-up are snapshots of one run; each set-up has a process of its own."""
    first = next_turn(TESTS, started=False)
    assert (names(first.tests), first.worker) == ("ace", False)
    second = next_turn([test for test in TESTS if test not in first.tests], started=False)
    assert (names(second.tests), second.worker) == ("bd", True)


def test_notebook_that_starts_cuda() -> None:
    """Each question has a worker of its own, and each set-up."""
    left, turns = list(TESTS), []
    while left:
        turn = next_turn(left, started=True)
        assert turn.worker
        turns.append(names(turn.tests))
        left = [test for test in left if test not in turn.tests]
    assert turns == ["a", "bd", "c", "e"]


@given(st.lists(PLANNED, min_size=1, max_size=12, unique_by=lambda test: test.id), st.booleans())
def test_every_test_has_its_turn(tests: list[PlannedTest], started: bool) -> None:
    """Turn after turn, every test runs once; a worker's tests fit into its pairs and belong together."""
    left, seen = list(tests), []
    while left:
        turn = next_turn(left, started=started)
        seen += [test.id for test in turn.tests]
        if turn.worker:
            assert len({(test.notebook, test.prepared, test.prepared or test.question) for test in turn.tests}) == 1
            assert len(turn.tests) + (turn.tests[0].prepared is not None) <= largest_turn(tests)
        else:
            assert not any(test.prepared for test in turn.tests)
        left = [test for test in left if test not in turn.tests]
    assert sorted(seen) == sorted(test.id for test in tests)
