"""Hidden tests of the question `skipgram`: one misconception each."""

import pytest

from autograder.checks import assert_equal


def pairs_of(tokens: list[str], window: int) -> list[tuple[str, str]]:
    """What is asked for, by looking at every two places."""
    places = range(len(tokens))
    return [(tokens[i], tokens[j]) for i in places for j in places if 0 < abs(i - j) <= window]


@pytest.mark.question(
    "skipgram",
    points=0.5,
    hint="What does a slice that starts at a negative index give, and is the last context in it?",
)
def test_skipgram_ends(student, rng):
    """Windows of several sizes are cut off at the ends of the sentence, also where they reach beyond both."""
    tokens = [f"w{number}" for number in rng.permutation(9)]
    for window in (2, 3, 8, 20):
        assert_equal(student.call("skipgram_pairs", tokens, window), pairs_of(tokens, window))


@pytest.mark.question("skipgram", points=0.5, hint="A word may be its own neighbour: compare places, not words.")
def test_skipgram_repeated(student):
    """A word that stands there twice is two centres, and equal words within the window are a pair."""
    tokens = ["the", "more", "the", "the", "merrier", "the"]
    for window in (1, 2, 3):
        assert_equal(student.call("skipgram_pairs", tokens, window), pairs_of(tokens, window))


@pytest.mark.question("skipgram", points=0.5, hint="What are the pairs of a sentence with no word, or with one?")
def test_skipgram_tiny(student):
    """No token and one token give an empty list, two tokens give two pairs."""
    assert_equal(student.call("skipgram_pairs", [], 2), [])
    assert_equal(student.call("skipgram_pairs", ["alone"], 2), [])
    assert_equal(student.call("skipgram_pairs", ["x", "y"], 2), pairs_of(["x", "y"], 2))
