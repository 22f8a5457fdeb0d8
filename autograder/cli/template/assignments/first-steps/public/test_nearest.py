"""Public test of the question `nearest`: it is packed into the student notebook."""

import numpy as np
import pytest

from autograder.checks import assert_count


@pytest.mark.question("nearest", points=1, hint="Subtract the point from every row; which difference is shortest?")
def test_nearest_of_three(student):
    """Of three points on a line, the one at 4 is nearest to 5."""
    points = np.array([[1.0], [4.0], [9.0]])
    assert_count(student.call("nearest", np.array([5.0]), points), 1)
