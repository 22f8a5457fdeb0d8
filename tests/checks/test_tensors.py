"""Tensors stand for arrays, with the tolerance of their dtype."""

import numpy as np
import pytest

from autograder.checks import assert_close, assert_count, assert_dtype, assert_equal, assert_shape

torch = pytest.importorskip("torch")


def test_tensor_stands_for_array_and_number():
    """A tensor of the same shape is taken for an array, a 0-d tensor for a number."""
    assert_close(torch.ones(2, 3), np.ones((2, 3)))
    assert_close(np.ones((2, 3)), torch.ones(2, 3, dtype=torch.float64))
    assert_close(torch.tensor(0.5), 0.5)
    assert_count(torch.tensor(7), 7)
    assert_equal([torch.tensor([1, 2])], [np.array([1, 2])])


def test_exact_tells_tensor_from_array():
    """With exact=True the expected tensor's type and dtype are asked for."""
    assert_close(torch.ones(2), torch.ones(2), exact=True)
    for other in (np.ones(2, dtype=np.float32), torch.ones(2, dtype=torch.float64)):
        with pytest.raises(AssertionError):
            assert_close(other, torch.ones(2), exact=True)


@pytest.mark.parametrize(
    ("dtype", "step"), [(torch.float64, 1e-5), (torch.float32, 1e-3), (torch.float16, 0.03), (torch.bfloat16, 0.2)]
)
def test_tolerance_follows_the_dtype(dtype, step):
    """A result of the dtype's own precision passes, a tenth of the step too; the step fails."""
    expected = torch.linspace(1, 2, 7, dtype=torch.float64)
    assert_close(expected.to(dtype), expected.to(dtype))
    assert_close((expected * (1 + step / 20)).to(dtype), expected.to(dtype))
    with pytest.raises(AssertionError):
        assert_close((expected * (1 + step)).to(dtype), expected.to(dtype))


def test_parameters_conjugates_and_gradients_are_plain_numbers():
    """What the reference returns may be a Parameter or need a gradient."""
    assert_close(torch.ones(2), torch.nn.Parameter(torch.ones(2)))
    assert_close(torch.ones(2, requires_grad=True), torch.ones(2))
    assert_close(torch.tensor([1j]).conj(), np.array([-1j]))


def test_sparse_and_meta_tensors_are_refused():
    """A tensor without plain numbers fails instead of breaking."""
    for odd in (torch.ones(2, 2).to_sparse(), torch.ones(2, 2, device="meta")):
        with pytest.raises(AssertionError, match="unsupported"):
            assert_close(odd, torch.ones(2, 2))


def test_dtype_and_shape_of_tensors():
    """bfloat16 is seen as itself although numpy has none."""
    assert_dtype(torch.ones(2, dtype=torch.bfloat16), "bfloat16")
    assert_dtype(torch.ones(2, dtype=torch.bfloat16), "floating")
    assert_shape(torch.ones(2, 3), (2, None))
