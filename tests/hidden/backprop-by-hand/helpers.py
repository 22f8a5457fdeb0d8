"""What several tests need: the truth by automatic differentiation, and correct functions for the student's."""

from itertools import pairwise

import numpy as np
import torch

from autograder.checks import assert_count, assert_equal

CORRECT = {
    "activations": """
def sigmoid(x, *_, **__):
    x = np.asarray(x, dtype=np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def sigmoid_derivative(x, *_, **__):
    return sigmoid(x) * (1 - sigmoid(x))


def relu(x, *_, **__):
    return np.maximum(np.asarray(x, dtype=np.float64), 0)


def relu_derivative(x, *_, **__):
    return np.where(np.asarray(x) > 0, 1.0, 0.0)


def leaky_relu(x, slope=0.01, *_, **__):
    x = np.asarray(x, dtype=np.float64)
    return np.where(x > 0, x, slope * x)


def leaky_relu_derivative(x, slope=0.01, *_, **__):
    return np.where(np.asarray(x) > 0, 1.0, slope)


def softplus(x, *_, **__):
    return np.logaddexp(0.0, np.asarray(x, dtype=np.float64))


def softplus_derivative(x, *_, **__):
    return sigmoid(x)
""",
    "loss": """
def binary_cross_entropy(y, y_hat, *_, **__):
    y = np.asarray(y, dtype=np.float64)
    p = np.clip(np.asarray(y_hat, dtype=np.float64), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
""",
    "network": """
def init_params(sizes, seed, *_, **__):
    rng = np.random.default_rng(seed)
    sizes = list(sizes)
    return [(rng.normal(size=(i, o)) / np.sqrt(i), np.zeros(o)) for i, o in zip(sizes[:-1], sizes[1:], strict=True)]


def forward(params, x, *_, **__):
    activations = [np.asarray(x, dtype=np.float64)]
    for weights, bias in params:
        activations.append(sigmoid(activations[-1] @ weights + bias))
    return activations[-1], activations


def backward(params, cache, y, *_, **__):
    delta = (cache[-1] - np.asarray(y, dtype=np.float64)) / cache[-1].size
    gradients = []
    for layer in reversed(range(len(params))):
        below = cache[layer]
        gradients.append((below.T @ delta, delta.sum(axis=0)))
        delta = (delta @ params[layer][0].T) * below * (1 - below)
    return gradients[::-1]
""",
    "step": """
def sgd_step(params, grads, lr, *_, **__):
    return [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]
""",
}
"""Correct answers as source, by question: they run in the student's process, as fast as the student's own would."""


def call_with(student, questions, name, *arguments):
    """A function of the student's, with correct answers to these questions in the place of the student's."""
    source = "".join(["import numpy as np\n", *(CORRECT[question] for question in questions)])
    return student.call("call_with", source, name, *arguments)


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
    answer = call_with(student, ["activations"], "one_pass", params, x, y, times)
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
