"""Public test of the question `sentence`."""

import numpy as np
import pytest

from autograder.checks import assert_close

VECTORS = {
    "love": np.array([1, 0, 2], dtype=np.float32),
    "chocolate": np.array([3, 4, 0], dtype=np.float32),
    "milk": np.array([2, 5, 4], dtype=np.float32),
}


@pytest.mark.question(
    "sentence", points=1, hint="Add the vectors of the words and divide by their number; the shape stays (d,)."
)
def test_sentence_is_the_mean_of_its_words(student):
    """The embedding is the mean of the words' vectors, in whatever order they stand."""
    assert_close(
        student.call("sentence_embedding", "love chocolate milk", VECTORS), np.array([2.0, 3.0, 2.0], dtype=np.float32)
    )
    assert_close(
        student.call("sentence_embedding", "chocolate milk", VECTORS), np.array([2.5, 4.5, 2.0], dtype=np.float32)
    )
    assert_close(
        student.call("sentence_embedding", "milk chocolate", VECTORS), np.array([2.5, 4.5, 2.0], dtype=np.float32)
    )
