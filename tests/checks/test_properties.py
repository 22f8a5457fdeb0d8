"""Assertions about one value."""

import math

import numpy as np
import pytest

from autograder.checks import assert_dtype, assert_finite, assert_probabilities, assert_shape, assert_within

torch = pytest.importorskip("torch")


def test_shape_with_a_free_length():
    """None stands for any length, and a number has the shape ()."""
    assert_shape(np.ones((2, 5)), (2, None))
    assert_shape(1.0, ())
    for wrong in (np.ones(2), np.ones((3, 5)), np.ones((2, 5, 1)), [[1.0]]):
        with pytest.raises(AssertionError):
            assert_shape(wrong, (2, None))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(1, "integer"), (1.0, "floating"), (True, "boolean"), (1j, "complex"), (np.ones(2, np.float32), "float32")],
)
def test_dtype_by_family_and_by_name(value, dtype):
    """Families fit Python numbers too; exact names only arrays."""
    assert_dtype(value, dtype)


@pytest.mark.parametrize(("value", "dtype"), [(True, "integer"), (1.0, "float"), (1.0, "float64"), ("1", "integer")])
def test_dtype_refuses(value, dtype):
    """A bool is no integer, and a Python float has no width."""
    with pytest.raises(AssertionError):
        assert_dtype(value, dtype)


def test_finite_looks_into_containers():
    """One NaN or infinity anywhere fails; what is no number fails too."""
    assert_finite([1, 2.0, {"a": np.ones(3)}])
    for wrong in (math.nan, [1.0, math.inf], {"a": np.array([1, np.nan])}, "1", None, [None]):
        with pytest.raises(AssertionError):
            assert_finite(wrong)


def test_within_needs_every_number_and_at_least_one():
    """NaN, an empty array and a number outside fail."""
    assert_within(np.array([0.0, 1.0]), 0, 1)
    assert_within(5, 0, None)
    for wrong in (math.nan, math.inf, 1.5, np.empty(0), True, "1", 10**400, np.array([0.5, -0.1])):
        with pytest.raises(AssertionError):
            assert_within(wrong, 0, 1)
    with pytest.raises(ValueError, match="no number lies between"):
        assert_within(1, 2, 1)


def test_probabilities_sum_to_one_along_the_axis():
    """Arrays, lists and the values of a dict can be distributions."""
    assert_probabilities(np.full((3, 4), 0.25))
    assert_probabilities(np.full((4, 3), 0.25), axis=0)
    assert_probabilities([0.5, 0.5])
    assert_probabilities({"a": 1.0, "b": 0})


def test_probabilities_are_not_let_off_as_halves():
    """Who rounds a wrong sum gets no more room for it; `atol` is the author's."""
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        with pytest.raises(AssertionError, match="sum"):
            assert_probabilities(torch.tensor([0.52, 0.52], dtype=dtype))
    assert_probabilities(torch.tensor([0.52, 0.52], dtype=torch.bfloat16), atol=0.05)


@pytest.mark.parametrize(
    "wrong",
    [[0.5, 0.4], [1.5, -0.5], [], np.empty((0, 3)), np.empty((3, 0)), np.array(1.0), [math.nan, 1.0], ["a"], None, 1.0],
)
def test_probabilities_refuses(wrong):
    """Wrong sums, numbers outside [0, 1], nothing at all and single numbers fail."""
    with pytest.raises(AssertionError):
        assert_probabilities(wrong)
