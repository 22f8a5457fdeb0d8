"""Public test of the question `skipgram`: the example of the prompt."""

import pytest

from autograder.checks import assert_equal


@pytest.mark.question("skipgram", points=0.5, hint="This is the example: centres from left to right.")
def test_skipgram_example(student):
    """Three tokens with a window of one word give four pairs."""
    pairs = student.call("skipgram_pairs", ["a", "b", "c"], 1)
    assert_equal(pairs, [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")])
