"""What several tests need: the truth by automatic differentiation, and functions of the reference for the student's."""

from itertools import pairwise

import numpy as np
import torch

from autograder.checks import assert_count, assert_equal

ACTIVATIONS = [name + part for name in ("sigmoid", "relu", "leaky_relu", "softplus") for part in ("", "_derivative")]
NETWORK = ["init_params", "forward", "backward"]


def hand_in(student, reference, names):
    """Put the reference's functions in the place of the student's."""
    for name in names:
        student.set(name, student.callback(getattr(reference, name)))


def random_network(rng, sizes):
    """Random parameters of a network with these layer widths."""
    return [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(sizes)]


def random_batch(rng, sizes, n):
    """Inputs and labels of n examples."""
    return rng.normal(size=(n, sizes[0])), rng.integers(0, 2, size=(n, sizes[-1])).astype(np.float64)


def true_gradient(params, x, y):
    """The gradient of the mean binary cross-entropy, by torch in double precision."""
    leaves = [[torch.tensor(part, requires_grad=True) for part in pair] for pair in params]
    out = torch.tensor(x)
    for weights, bias in leaves[:-1]:
        out = torch.sigmoid(out @ weights + bias)
    logits = out @ leaves[-1][0] + leaves[-1][1]
    torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(y)).backward()
    return [tuple(leaf.grad.numpy() for leaf in pair) for pair in leaves]


def true_output(params, x):
    """The network's output, by torch in double precision."""
    out = torch.tensor(x)
    for weights, bias in params:
        out = torch.sigmoid(out @ torch.tensor(weights) + torch.tensor(bias))
    return out.numpy()


def shapes_of(params):
    """The shapes of what should be a list of (W, b). AssertionError for anything else."""
    assert type(params) is list, f"expected a list of (W, b), got a {type(params).__name__}"
    for pair in params:
        assert type(pair) in (tuple, list), "expected pairs (W, b)"
        assert_count(len(pair), 2)
        for part in pair:
            assert type(part) is np.ndarray, f"expected numpy arrays W and b, got a {type(part).__name__}"
    return [tuple(part.shape for part in pair) for pair in params]


def one_pass(student, params, x, y, times=1):
    """The output, the gradients of each backward pass, and what the arguments are afterwards."""
    answer = student.call("one_pass", params, x, y, times)
    assert_equal(type(answer).__name__, "tuple")
    assert_count(len(answer), 5)
    y_hat, gradients, *given = answer
    assert_count(len(gradients), times)
    for gradient in gradients:
        assert_equal(shapes_of(gradient), shapes_of(params))
    return y_hat, gradients, given


def lent(student, value):
    """An object in the student's process that a test can look at again later."""
    student.set("lent_by_the_test", student.callback(lambda: value))
    return student.keep("lent_by_the_test")
