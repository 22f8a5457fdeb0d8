"""The three tests as a course of ours has them; plain/checks.py asks the same of a function in the same process."""

import pytest
import torch

from autograder.checks import assert_close


@pytest.mark.question("relu", points=1, hint="What becomes of a negative number, and of zero?")
def test_relu(student, reference, rng):
    """The rectifier keeps what is positive and only that."""
    x = torch.from_numpy(rng.normal(size=(4, 8)))
    assert_close(student.call("relu", x), reference.relu(x))


@pytest.mark.question("softmax", points=2, hint="Over which dimension do you add up, and how large is exp(1000)?")
def test_softmax(student, reference, rng):
    """Rows are probabilities, also when the numbers are large."""
    x = torch.from_numpy(rng.normal(size=(4, 8)))
    assert_close(student.call("softmax_rows", x), reference.softmax_rows(x))
    assert_close(student.call("softmax_rows", x * 1000), reference.softmax_rows(x * 1000))


@pytest.mark.question("step", points=2, hint="Which way does the loss fall?")
def test_step(student, reference, rng):
    """One step goes down the gradient of the mean squared error."""
    x, y, weights = (torch.from_numpy(rng.normal(size=size)) for size in ((16, 3), (16,), (3,)))
    assert_close(student.call("regression_step", weights, x, y, 0.1), reference.regression_step(weights, x, y, 0.1))
