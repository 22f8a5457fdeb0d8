"""Hidden tests of the questions `mse` and `sparsity`."""

import pytest
import torch
from helpers import tensor

from autograder.checks import assert_close, assert_raises, assert_shape


@pytest.mark.question("mse", points=0.5, hint="By how many numbers do you divide?")
def test_mse_is_the_mean_over_all_elements(student, rng):
    """Tensors of one to three dimensions and of both dtypes."""
    for shape in [(5,), (6, 1), (4, 7), (2, 3, 5)]:
        x, x_hat = tensor(rng, *shape), tensor(rng, *shape)
        loss = student.call("mse_loss", x, x_hat)
        assert_shape(loss, ())
        assert_close(loss, ((x - x_hat) ** 2).mean())
        assert_close(student.call("mse_loss", x.float(), x_hat.float()), ((x - x_hat) ** 2).mean().float())


@pytest.mark.question("mse", points=1, hint="What does the minus do with a row and a column?")
def test_mse_refuses_unequal_shapes(student, rng):
    """Shapes that broadcast, that hold as many elements, and that do neither: all are refused."""
    for first, second in [
        ((5,), (5, 1)),
        ((4, 3), (3,)),
        ((4, 3), (4, 1)),
        ((4, 3), (3, 4)),
        ((1, 6), (6,)),
        ((4,), (5,)),
    ]:
        assert_raises(ValueError, student.call, "mse_loss", tensor(rng, *first), tensor(rng, *second))
    assert_close(student.call("mse_loss", torch.ones(3), torch.zeros(3)), torch.tensor(1.0))


@pytest.mark.question("mse", points=0.5, hint="Is your loss still a tensor that knows where it came from?")
def test_mse_lets_gradients_through(student, rng):
    """The gradient for the output is twice the difference, divided by the number of elements."""
    x, x_hat = tensor(rng, 6, 4), tensor(rng, 6, 4)
    assert_close(student.call("gradient_of", "mse_loss", x_hat, x, "x"), 2 * (x_hat - x) / 24)


@pytest.mark.question("sparsity", points=0.5, hint="Which sign has a number that is far below zero, and who divides?")
def test_l1_is_the_mean_of_absolute_codes(student, rng):
    """Codes of several shapes and sizes, several weights, both dtypes; for no weight, no price."""
    for shape, weight in [((5, 3), 1.0), ((1, 8), 0.01), ((9, 1), 2.5), ((4, 4), 0)]:
        codes = 3 * tensor(rng, *shape)
        price = student.call("l1_sparsity", codes, weight)
        assert_shape(price, ())
        assert_close(price, weight * codes.abs().mean())
        assert_close(student.call("l1_sparsity", codes.float(), weight), (weight * codes.abs().mean()).float())


@pytest.mark.question("sparsity", points=0.5, hint="How do the codes learn that they are too large?")
def test_l1_lets_gradients_through(student, rng):
    """The gradient is the sign, times the weight, divided by the number of elements."""
    codes = tensor(rng, 6, 4)
    assert_close(student.call("gradient_of", "l1_sparsity", codes, "x", 0.5), 0.5 * codes.sign() / 24)


def divergence(codes, target):
    """The sum over units of KL(target ‖ batch mean), for codes that are active neither always nor never."""
    active = codes.mean(dim=0)
    return (target * (target / active).log() + (1 - target) * ((1 - target) / (1 - active)).log()).sum()


@pytest.mark.question("sparsity", points=0.5, hint="First the mean over the batch, then the divergence, then the sum.")
def test_kl_is_the_sum_over_units_of_batch_means(student, rng):
    """Batches of several rows and units, without and with target and weight."""
    for shape in [(7, 1), (5, 6), (20, 3)]:
        codes = torch.tensor(rng.uniform(0.01, 0.99, size=shape))
        price = student.call("kl_sparsity", codes)
        assert_shape(price, ())
        assert_close(price, divergence(codes, 0.05))
        assert_close(student.call("kl_sparsity", codes, 0.2, 0.3), 0.3 * divergence(codes, 0.2))
        assert_close(student.call("kl_sparsity", codes.float()), divergence(codes, 0.05).float())


@pytest.mark.question("sparsity", points=0.5, hint="What is the price of a unit that is never on, or always?")
def test_kl_of_dead_units(student):
    """Units that are always or never on count as if they were so but for one time in a million."""
    ends = torch.tensor([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    clamped = torch.tensor([[1e-6, 1 - 1e-6]], dtype=torch.float64)
    assert_close(student.call("kl_sparsity", ends), divergence(clamped, 0.05))
    assert_close(student.call("kl_sparsity", ends[:, :1], 0.5, 2.0), 2 * divergence(clamped[:, :1], 0.5))


@pytest.mark.question("sparsity", points=1, hint="How do the codes learn that a unit is on too often?")
def test_kl_lets_gradients_through(student, rng):
    """The gradient is that of the formula."""
    codes = torch.tensor(rng.uniform(0.05, 0.95, size=(6, 4)), requires_grad=True)
    divergence(codes, 0.1).backward()
    found = student.call("gradient_of", "kl_sparsity", codes.detach(), "x", 0.1)
    assert_close(found, codes.grad)
