"""Public test of the question `glove`."""

import numpy as np
import pytest

from autograder.checks import assert_equal


@pytest.mark.question("glove", points=0.5, hint="One float32 array for each word; the word itself is not a value.")
def test_glove_small_file(student):
    """Three lines give three words, each with a float32 vector of four numbers."""
    path = student.file("small.txt", b"milk 0.5 -1.25 2 0.1\nhoney 1e-3 0 -3.5 4\nit's 7 8 9 -10\n")
    vectors = student.call("load_glove", path)
    expected = {
        "milk": np.array([0.5, -1.25, 2, 0.1], dtype=np.float32),
        "honey": np.array([1e-3, 0, -3.5, 4], dtype=np.float32),
        "it's": np.array([7, 8, 9, -10], dtype=np.float32),
    }
    assert_equal(vectors, expected, exact=True)
