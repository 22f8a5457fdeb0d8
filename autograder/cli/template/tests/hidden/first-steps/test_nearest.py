"""Hidden tests of the question `nearest`."""

import numpy as np
import pytest

from autograder.checks import assert_count


@pytest.mark.question("nearest", points=1, hint="Try it with points in the plane whose entries are negative.")
def test_nearest_of_many(student, rng):
    """Among forty random points, one is put close to the point in question."""
    points = rng.normal(size=(40, 3))
    point = rng.normal(size=3)
    points[17] = point + 1e-3
    assert_count(student.call("nearest", point, points), 17)


@pytest.mark.question("nearest", points=1, hint="What does the text say about points that are equally near?")
def test_nearest_first_of_equals(student):
    """Of equally near points the first one counts."""
    points = np.array([[3.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert_count(student.call("nearest", np.array([0.0, 0.0]), points), 1)
