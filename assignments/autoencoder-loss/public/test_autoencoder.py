"""Public tests: one for each question but `train`, which rests on the others and states its limits in its box."""

import math

import numpy as np
import pytest
import torch

from autograder.checks import assert_close, assert_dtype, assert_shape


@pytest.mark.question("mse", points=1, hint="Write down the four squares, then take the mean of all of them.")
def test_mse_of_two_small_images(student):
    """Two images of two pixels: errors of 1, 2, 0 and 1."""
    x, x_hat = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[2.0, 0.0], [3.0, 3.0]])
    loss = student.call("mse_loss", x, x_hat)
    assert_shape(loss, ())
    assert_close(loss, torch.tensor(1.5))


@pytest.mark.question("pca", points=0.5, hint="The points lie on the line y = x: where does (1, 3) land on it?")
def test_pca_onto_a_line(student):
    """Training points on a line, test points on it and beside it."""
    train = np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]])
    result = student.call("pca_reconstruct", train, np.array([[1.0, 3.0], [3.0, 1.0], [4.0, 4.0], [0.0, 0.0]]), 1)
    assert_dtype(result, "float64")
    assert_close(result, np.array([[2.0, 2.0], [2.0, 2.0], [4.0, 4.0], [0.0, 0.0]]), atol=1e-5)


@pytest.mark.question("network", points=0.5, hint="Print the shapes of the code and of the output.")
def test_network_shapes(student):
    """Code and output for several rows and for one."""
    net = student.keep("build_autoencoder", [7, 5, 3])
    for rows in (4, 1):
        x = torch.ones(rows, 7)
        assert_shape(student.call("run", net, x, "encoder"), (rows, 3))
        assert_shape(student.call("run", net, x), (rows, 7))


@pytest.mark.question("noise", points=0.5, hint="What is noise of deviation 0, and what shape does it have?")
def test_noise_keeps_shape_and_type(student):
    """Shape and dtype are those of x; without deviation nothing changes."""
    x = torch.tensor([[0.25, 1.0, 0.0]])
    noisy = student.call("add_noise", x, 0.5, student.keep("make_generator", 1))
    assert_shape(noisy, (1, 3))
    assert_dtype(noisy, "float32")
    assert_close(student.call("add_noise", x, 0.0, student.keep("make_generator", 1)), x)


@pytest.mark.question("sparsity", points=0.5, hint="The mean of 1, 2, 3 and 2; then the weight.")
def test_l1_of_two_codes(student):
    """Two codes with numbers of both signs."""
    price = student.call("l1_sparsity", torch.tensor([[1.0, -2.0], [-3.0, 2.0]]), 0.5)
    assert_shape(price, ())
    assert_close(price, torch.tensor(1.0))


@pytest.mark.question("sparsity", points=0.5, hint="At the target the price is 0; then compute one unit by hand.")
def test_kl_of_one_unit(student):
    """One unit at its target, and one that is active half of the time."""
    assert_close(student.call("kl_sparsity", torch.tensor([[0.05], [0.05]])), torch.tensor(0.0), atol=1e-6)
    expected = 0.2 * math.log(0.2 / 0.5) + 0.8 * math.log(0.8 / 0.5)
    price = student.call("kl_sparsity", torch.tensor([[1.0], [0.0]]), target=0.2)
    assert_shape(price, ())
    assert_close(price, torch.tensor(expected))
