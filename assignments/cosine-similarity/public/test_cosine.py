"""Public tests of the question `cosine`."""

import math

import pytest

from autograder.checks import assert_close, assert_raises


@pytest.mark.question(
    "cosine", points=1, hint="Divide the dot product by both lengths; a length has a square root in it."
)
def test_cosine_of_the_lecture_movies(student):
    """Avatar has cosine 33/(3√122) with Ironman and 9/(3√41) with Rainman."""
    assert_close(student.call("cosine_similarity", [1, 2, 2], [3, 7, 8]), 33 / (3 * math.sqrt(122)))
    assert_close(student.call("cosine_similarity", [1.0, 2.0, 2.0], [1.0, -2.0, 6.0]), 9 / (3 * math.sqrt(41)))


@pytest.mark.question(
    "cosine", points=0.5, hint="Compare the numbers of elements first: zip and broadcasting do not complain."
)
def test_cosine_refuses_unequal_lengths(student):
    """Vectors of different lengths raise ValueError, also when one of them has a single element."""
    assert_close(student.call("cosine_similarity", [0.6, 0.8], [1.0, 0.0]), 0.6)
    assert_raises(ValueError, student.call, "cosine_similarity", [1.0, 2.0, 2.0], [1.0, 2.0])
    assert_raises(ValueError, student.call, "cosine_similarity", [1.0, 2.0, 2.0], [2.0])
