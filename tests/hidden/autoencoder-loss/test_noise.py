"""Hidden tests of the question `noise`."""

import pytest
import torch
from helpers import lent, tensor

from autograder.checks import (
    assert_close,
    assert_count,
    assert_dtype,
    assert_normal,
    assert_shape,
    assert_type,
    assert_unchanged,
    assert_within,
)


def draws(student, x, sigma, seed, device="cpu"):
    """Two draws from one generator."""
    answer = student.call("noise_twice", x, sigma, student.keep("make_generator", seed, device))
    assert_type(answer, tuple)
    assert_count(len(answer), 2)
    for noisy in answer:
        assert_type(noisy, torch.Tensor)
        assert_shape(noisy, x.shape)
    return answer


@pytest.mark.question("noise", points=0.5, hint="Is sigma a standard deviation or a variance, and of which law?")
@pytest.mark.parametrize("sigma", [0.05, 2.0])
def test_noise_is_normal(student, device, sigma, rng):
    """What is added is normal with the deviation sigma, wherever the generator lives."""
    x = tensor(rng, 100, 80) if sigma > 1 else torch.full((100, 80), 0.5, dtype=torch.float64)
    for place in {"cpu", device}:
        first, second = draws(student, x, sigma, 3, place)
        assert_normal(first - x, mean=0, deviation=sigma)
        assert_normal(torch.cat([first - x, second - x]), mean=0, deviation=sigma)


@pytest.mark.question("noise", points=0.5, hint="Is there anything that you do to pixels below 0 or above 1?")
def test_noise_is_not_clipped(student):
    """Black and white pixels leave the interval from 0 to 1, half of them each."""
    x = torch.cat([torch.zeros(1000), torch.ones(1000)]).reshape(40, 50)
    noisy, _ = draws(student, x, 0.2, 5)
    assert_within(float((noisy[:20] < 0).float().mean()), 0.4, 0.6)
    assert_within(float((noisy[20:] > 1).float().mean()), 0.4, 0.6)


@pytest.mark.question("noise", points=0.5, hint="Does every pixel of every image get a number of its own?")
def test_noise_differs_everywhere(student):
    """No two rows and no two columns get the same noise, in two or three dimensions and in both dtypes."""
    for shape, dtype in [((30, 20), torch.float64), ((5, 6, 7), torch.float32)]:
        noisy, second = draws(student, torch.zeros(shape, dtype=dtype), 1.0, 11)
        assert_dtype(noisy, str(dtype).removeprefix("torch."))
        assert_within(float((noisy.diff(dim=0).abs() > 1e-9).float().mean()), 0.99, 1)
        assert_within(float((noisy.diff(dim=1).abs() > 1e-9).float().mean()), 0.99, 1)
        assert_within(float(((noisy - second).abs() > 1e-9).float().mean()), 0.99, 1)


@pytest.mark.question("noise", points=0.5, hint="Whose random numbers do you use, and who sets the seed?")
def test_noise_comes_from_the_generator(student):
    """The same start gives the same noise, another start other noise, whatever was drawn elsewhere."""
    x = torch.zeros(4, 6)
    first, second = draws(student, x, 1.0, 21)
    again, second_again = draws(student, x, 1.0, 21)
    other, _ = draws(student, x, 1.0, 22)
    assert_close(again, first, rtol=0, atol=0)
    assert_close(second_again, second, rtol=0, atol=0)
    assert_within(float((first - second).abs().max()), 1e-6, None)
    assert_within(float((first - other).abs().max()), 1e-6, None)


@pytest.mark.question("noise", points=0.5, hint="Do you make a new tensor, or write into the one that you were given?")
def test_noise_leaves_x_alone(student, rng):
    """The images are the same to the last bit afterwards."""
    x = tensor(rng, 5, 4, dtype=torch.float32)
    given = lent(student, x)
    noisy = student.call("add_noise", given, 0.5, student.keep("make_generator", 31))
    assert_shape(noisy, x.shape)
    assert_within(float((noisy - x).abs().max()), 1e-6, None)
    assert_unchanged(given.value(), x, "the tensor x")
