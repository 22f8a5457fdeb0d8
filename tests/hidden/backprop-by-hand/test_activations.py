"""Hidden tests of the question `activations`."""

import numpy as np
import pytest
import torch
from helpers import lent

from autograder.checks import assert_close, assert_dtype, assert_shape

TRUTH = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "softplus": torch.nn.functional.softplus,
}


def slope_of(function, x):
    """The derivative of a torch function at every element of x."""
    leaf = torch.tensor(x, requires_grad=True)
    function(leaf).sum().backward()
    return leaf.grad.numpy()


@pytest.mark.question(
    "activations", points=0.5, hint="Compare with the four formulas at a dozen numbers of both signs."
)
def test_activations_values(student, rng):
    """All four agree with the formulas on arrays of several shapes."""
    for shape in [(7,), (3, 4), (2, 1, 3)]:
        x = rng.uniform(-4, 4, size=shape)
        for name, function in TRUTH.items():
            assert_close(student.call(name, x), function(torch.tensor(x)).numpy(), rtol=1e-6)


@pytest.mark.question("activations", points=0.5, hint="Is x the pre-activation in your derivatives, or the output?")
def test_activations_slopes(student, rng):
    """The slopes are those at the pre-activation."""
    x = rng.uniform(-4, 4, size=(5, 3))
    for name, function in TRUTH.items():
        assert_close(student.call(f"{name}_derivative", x), slope_of(function, x), rtol=1e-6)


@pytest.mark.question("activations", points=0.5, hint="Which exponent is positive and large in your formula?")
def test_activations_far_out(student):
    """Everything is finite and right at ±1000, and softplus keeps its small values."""
    x = np.array([-1000.0, -40.0, 40.0, 1000.0])
    assert_close(student.call("sigmoid", x), np.array([0.0, 0.0, 1.0, 1.0]), rtol=0, atol=1e-12)
    assert_close(student.call("softplus", x), np.array([0.0, 0.0, 40.0, 1000.0]), rtol=0, atol=1e-12)
    assert_close(student.call("sigmoid_derivative", x), np.zeros(4), rtol=0, atol=1e-12)
    assert_close(student.call("softplus_derivative", x), np.array([0.0, 0.0, 1.0, 1.0]), rtol=0, atol=1e-12)
    assert_close(student.call("softplus", -40.0), 4.248354255291589e-18, rtol=1e-6, atol=0)


@pytest.mark.question("activations", points=0.5, hint="What are the two slopes exactly at 0?")
def test_activations_slopes_at_zero(student, rng):
    """The slope of relu at 0 is 0, that of leaky_relu is `slope`."""
    x = np.array([0.0, -1.0, 1.0])
    slope = float(rng.uniform(0.05, 0.5))
    assert_close(student.call("relu_derivative", x), np.array([0.0, 0.0, 1.0]))
    assert_close(student.call("leaky_relu_derivative", x, slope), np.array([slope, slope, 1.0]))


@pytest.mark.question(
    "activations", points=0.5, hint="Call each function with an array of integers and with one number."
)
def test_activations_of_integers_and_numbers(student, rng):
    """Integers give floats, a number gives a number."""
    whole = rng.integers(-3, 4, size=6)
    for name, function in TRUTH.items():
        result = student.call(name, whole)
        assert_dtype(result, "floating")
        assert_close(result, function(torch.tensor(whole, dtype=torch.float64)).numpy(), rtol=1e-6)
        number = student.call(f"{name}_derivative", 2)
        assert_shape(number, ())
        assert_close(number, float(slope_of(function, np.array(2.0))), rtol=1e-6)


@pytest.mark.question("activations", points=0.5, hint="Do you write into the array that you were given?")
def test_activations_leave_their_argument_alone(student, rng):
    """The array that is given is unchanged afterwards."""
    x = rng.uniform(-4, 4, size=(4, 2))
    for name in TRUTH:
        for part in ("", "_derivative"):
            given = lent(student, x)
            assert_shape(student.call(name + part, given), x.shape)
            assert_close(given.value(), x, rtol=0, atol=0)
