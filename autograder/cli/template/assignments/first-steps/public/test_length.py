"""Public test of the question `length`: it is packed into the student notebook."""

import numpy as np
import pytest

from autograder.checks import assert_close


@pytest.mark.question("length", points=1, hint="Add up the squares, then take the square root.")
def test_length_of_3_4(student):
    """The vector (3, 4) has length 5."""
    assert_close(student.call("length", np.array([3.0, 4.0])), 5.0)
