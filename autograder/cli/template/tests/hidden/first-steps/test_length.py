"""Hidden test of the question `length`. A student sees its name, its points and, if it fails, its hint."""

import pytest

from autograder.checks import assert_close


@pytest.mark.question("length", points=1, hint="A vector may have any number of entries, negative ones included.")
def test_length_in_any_dimension(student, reference, rng):
    """Vectors of one, two and twenty entries have the length that the reference gives."""
    for size in (1, 2, 20):
        vector = rng.normal(size=size)
        assert_close(student.call("length", vector), reference.length(vector))
