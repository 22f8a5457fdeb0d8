"""Hidden tests of the question `network`: what the module does, seen through the notebook's `run`.

A map f is affine exactly if f(a) + f(b) = f(a + b) + f(0) for all a and b; `bend` measures by how much that fails: at
most 3e-6 for affine maps in float32, at least 0.014 for two layers with any of 18 activations of torch between them, at
least 0.07 for one layer with an activation after it (1,000 seeds each). The limit lies far from all.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch

from autograder.checks import assert_close, assert_equal, assert_finite, assert_shape, assert_type, assert_within

LIMIT = 1e-3


def numbers(student, net, part, x, width):
    """What a part of the network gives for the rows of x, as float64 of shape (rows, width)."""
    y = student.call("run", net, torch.tensor(x, dtype=torch.float32), part)
    assert_shape(y, (len(x), width))
    assert_finite(y)
    return np.asarray(y, dtype=np.float64)


def bend(student, net, part, rng, sizes):
    """How far a part is from affine; the decoder may end with a sigmoid."""
    inputs, outputs = sizes
    a, b = rng.normal(size=(2, 100, inputs))
    y = numbers(student, net, part, np.concatenate([a, b, a + b, 0 * a]), outputs)
    forms = [y]
    if part == "decoder" and y.min() > 0 and y.max() < 1:
        forms.append(np.log(y) - np.log1p(-y))
    bends = []
    for form in forms:
        at_a, at_b, at_sum, at_zero = np.split(form, 4)
        bends.append(np.abs(at_a + at_b - at_sum - at_zero).max() / (np.abs(form).max() + 1e-12))
    return float(min(bends))


@pytest.mark.question("network", points=0.5, hint="Which sizes does the decoder go through, and what has every Linear?")
def test_network_weights_and_biases(student, rng):
    """The decoder mirrors the encoder, and each layer has weights and biases."""
    sizes = sorted((int(size) for size in rng.choice(range(3, 40), size=4, replace=False)), reverse=True)
    net = student.keep("build_autoencoder", sizes)
    for part, along in (("encoder", sizes), ("decoder", sizes[::-1])):
        shapes = student.call("stored_shapes", net, part)
        assert_type(shapes, list)
        expected = [shape for n, m in pairwise(along) for shape in ([m, n], [m])]
        # shapes as text can be sorted whatever they are; [1] is what a PReLU between two layers stores
        assert_equal(sorted(repr(shape) for shape in shapes if repr(shape) != "[1]"), sorted(map(repr, expected)))


@pytest.mark.question("network", points=0.5, hint="What does a network without non-linearities share with PCA?")
def test_network_is_not_linear(student, rng):
    """A non-linearity stands between two layers, in the encoder and in the decoder."""
    net = student.keep("build_autoencoder", [12, 9, 4])
    for part, sizes in (("encoder", (12, 4)), ("decoder", (4, 12))):
        assert_within(bend(student, net, part, rng, sizes), LIMIT, None)


@pytest.mark.question("network", points=0.5, hint="Which numbers can a code be, and what follows the last layer?")
def test_network_code_is_free(student, rng):
    """Nothing follows the encoder's last layer, nothing comes before the decoder's first; its output is free, too."""
    net = student.keep("build_autoencoder", [12, 3])
    assert_within(bend(student, net, "encoder", rng, (12, 3)), 0, LIMIT)
    assert_within(bend(student, net, "decoder", rng, (3, 12)), 0, LIMIT)


@pytest.mark.question(
    "network", points=0.5, hint="If training changes only the encoder, may the decoder change with it?"
)
def test_network_decoder_has_own_weights(student, rng):
    """Overwriting the encoder's weights leaves the decoder as it was."""
    net = student.keep("build_autoencoder", [8, 8, 8])
    codes = rng.normal(size=(5, 8))
    before = numbers(student, net, "decoder", codes, 8)
    student.call("overwrite", net, "encoder", 0.25)
    assert_close(numbers(student, net, "decoder", codes, 8), before)


@pytest.mark.question("network", points=0.5, hint="What happens to x on its way through forward, step by step?")
def test_network_decodes_the_code(student, rng):
    """The whole module is the decoder after the encoder, for one row as for many."""
    net = student.keep("build_autoencoder", [12, 9, 4])
    for rows in (1, 50):
        x = 3 * rng.normal(size=(rows, 12))
        whole = numbers(student, net, "whole", x, 12)
        decoded = numbers(student, net, "decoder", numbers(student, net, "encoder", x, 4), 12)
        squashed = 1 / (1 + np.exp(-decoded))  # a sigmoid on the output may stand outside the decoder
        nearer = min((decoded, squashed), key=lambda form: np.abs(form - whole).max())
        assert_close(whole, nearer, rtol=1e-4, atol=1e-5)
