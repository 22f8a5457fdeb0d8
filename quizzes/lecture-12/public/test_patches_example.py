"""Public test of the question `patches`: the picture of the prompt."""

import numpy as np
import pytest

from autograder.checks import assert_equal


@pytest.mark.question(
    "patches", points=0.5, hint="Compare your rows with the picture: which pixels has the first patch?"
)
def test_patches_picture(student):
    """Sixteen numbered pixels give the four patches of the picture."""
    image = np.arange(16).reshape(4, 4, 1)
    expected = np.array([[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]])
    assert_equal(student.call("patches", image, 2), expected)
