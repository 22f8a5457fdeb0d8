"""Hidden tests of the question `patches`: one misconception each."""

import numpy as np
import pytest

from autograder.checks import assert_equal, assert_raises


def cut(image: np.ndarray, p: int) -> np.ndarray:
    """What is asked for, by slicing patch after patch."""
    height, width, _ = image.shape
    rows = [image[y : y + p, x : x + p].flatten() for y in range(0, height, p) for x in range(0, width, p)]
    return np.array(rows, dtype=image.dtype)


@pytest.mark.question(
    "patches", points=0.5, hint="Is your image a square? Here it is wider than high, or higher than wide."
)
def test_patches_oblong(student, rng):
    """Images that are no squares are cut in reading order too."""
    for shape, p in (((4, 10, 1), 2), ((9, 3, 1), 3), ((2, 8, 1), 2), ((3, 4, 1), 1)):
        image = rng.normal(size=shape)
        assert_equal(student.call("patches", image, p), cut(image, p))


@pytest.mark.question(
    "patches", points=0.5, hint="The channels of one pixel stand side by side. Is the number type kept?"
)
def test_patches_colour(student, rng):
    """The channels of a pixel stay together, and the number type of the image is kept."""
    for kind, channels in ((np.uint8, 3), (np.float32, 4)):
        image = rng.integers(0, 200, size=(6, 4, channels)).astype(kind)
        assert_equal(student.call("patches", image, 2), cut(image, 2))


@pytest.mark.question(
    "patches", points=0.5, hint="What if p divides the height and not the width? May p be the whole image?"
)
def test_patches_unfit(student, rng):
    """ValueError if p does not divide either side; a whole image may be one patch."""
    square = rng.normal(size=(4, 4, 2))
    assert_equal(student.call("patches", square, 4), cut(square, 4))
    for shape, p in (((4, 5, 1), 2), ((5, 4, 1), 2), ((6, 6, 3), 4)):
        assert_raises(ValueError, student.call, "patches", np.zeros(shape), p)
