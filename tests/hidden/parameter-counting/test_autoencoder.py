"""Hidden tests of the question `autoencoder`: what the module does, seen through the notebook's `probe` helpers.

A map f is affine exactly if f(a) + f(b) = f(a + b) + f(0) for all a and b; `bend` measures by how much that fails. It
was measured as at most 3e-6 for affine maps (1,000 seeds) and at least 0.07 for one layer with an activation after it.

In a deep network the numbers at one place are multiplied by a negative power of two and divided by it where they are
used, both by factors in the weights, so the style of the module does not matter. If that place is linear, nothing
changes. Measured with 23 activations of torch and 20 seeds: at an end at most 2e-6 without and at least 9e-3 with an
activation; between two layers 0 without, for powers of two round nothing, and at least 6e-4 with one.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch

from autograder.checks import assert_close, assert_equal, assert_finite, assert_shape, assert_type, assert_within

LIMIT = 1e-3
LIMIT_INSIDE = 1e-5
DEEP = [12, 10, 8, 6, 4]


def numbers(student, module, part, x, width):
    """What a part of the module gives for the rows of x, as float64 of shape (rows, width)."""
    y = student.call("probe", module, part, torch.tensor(x, dtype=torch.float32))
    assert_shape(y, (len(x), width))
    assert_finite(y)
    return np.asarray(y, dtype=np.float64)


def readings(part, *outputs):
    """The outputs of a part; if it is a decoder that may end with a sigmoid, also what would stand before that."""
    y = np.concatenate(outputs)
    if part == "decoder" and y.min() > 0 and y.max() < 1:
        return [y, np.log(y) - np.log1p(-y)]
    return [y]


def bend(student, module, part, rng, sizes):
    """How far a part of the module is from affine, 0 being affine; the decoder may end with a sigmoid."""
    inputs, outputs = sizes
    a, b = rng.normal(size=(2, 100, inputs))
    y = numbers(student, module, part, np.concatenate([a, b, a + b, 0 * a]), outputs)
    bends = []
    for form in readings(part, y):
        at_a, at_b, at_sum, at_zero = np.split(form, 4)
        bends.append(np.abs(at_a + at_b - at_sum - at_zero).max() / (np.abs(form).max() + 1e-12))
    return float(min(bends))


def deep(student):
    """A module with three hidden layers, and the sizes along its two parts."""
    return student.keep("build_autoencoder", DEEP), {"encoder": DEEP, "decoder": DEEP[::-1]}


def bend_at_the_ends(student, part, rng):
    """How far a deep part is from beginning and ending with a linear layer; the decoder may end with a sigmoid."""
    module, along = deep(student)
    first, last = along[part][0], along[part][-1]
    x = rng.normal(size=(100, first))
    y = numbers(student, module, part, x, last)
    factor = -2.0 if len(readings(part, y)) > 1 else -16.0  # a sigmoid must not be driven to 1
    student.call("probe_scale", module, part, 1, first, -1 / 16)
    same = numbers(student, module, part, -16 * x, last)
    student.call("probe_scale", module, part, 1, first, -16.0)
    student.call("probe_scale", module, part, 0, last, factor)
    larger = numbers(student, module, part, x, last)
    bends = []
    for form in readings(part, y, same, larger):
        before, begin, end = np.split(form, 3)
        errors = np.stack([begin - before, end / factor - before])
        bends.append(np.abs(errors).max() / (np.abs(before).max() + 1e-12))
    return float(min(bends))


def rescale(student, module, part, hidden, factor):
    """Multiply what comes out of the hidden layer of this size, and divide it again where it is used."""
    student.call("probe_scale", module, part, 0, hidden, factor)
    student.call("probe_scale", module, part, 1, hidden, 1 / factor)


def bend_inside(student, part, rng):
    """How much a deep part changes with the scale of a hidden layer: the least over its hidden layers."""
    module, along = deep(student)
    x = 3 * rng.normal(size=(100, along[part][0]))
    for hidden in along[part][1:-1]:
        student.call("probe_scale", module, part, 0, hidden, 4.0)
    y = numbers(student, module, part, x, along[part][-1])
    changes = []
    for hidden in along[part][1:-1]:
        rescale(student, module, part, hidden, -16.0)
        changed = numbers(student, module, part, x, along[part][-1])
        rescale(student, module, part, hidden, -1 / 16)
        changes.append(np.abs(changed - y).max() / (np.abs(y).max() + 1e-12))
    return float(min(changes))


@pytest.mark.question(
    "autoencoder", points=0.5, hint="Which sizes does the decoder go through, and what has every Linear?"
)
def test_autoencoder_weights_and_biases(student, rng):
    """The decoder mirrors the sizes of the encoder, and each layer has weights and biases."""
    sizes = sorted((int(size) for size in rng.choice(range(3, 40), size=4, replace=False)), reverse=True)
    module = student.keep("build_autoencoder", sizes)
    for part, along in (("encoder", sizes), ("decoder", sizes[::-1])):
        shapes = student.call("probe_shapes", module, part)
        assert_type(shapes, list)
        expected = [shape for n, m in pairwise(along) for shape in ([m, n], [m])]
        # shapes as text can be sorted whatever they are; [1] is what a PReLU between two layers stores
        assert_equal(sorted(repr(shape) for shape in shapes if repr(shape) != "[1]"), sorted(map(repr, expected)))


@pytest.mark.question("autoencoder", points=0.5, hint="Which values can a coordinate of your code take?")
def test_autoencoder_code_is_free(student, rng):
    """No non-linearity follows the last layer of the encoder, with hidden layers or without."""
    module = student.keep("build_autoencoder", [12, 3])
    assert_within(bend(student, module, "encoder", rng, (12, 3)), 0, LIMIT)
    assert_within(bend_at_the_ends(student, "encoder", rng), 0, LIMIT)


@pytest.mark.question("autoencoder", points=0.5, hint="What do several linear layers in a row amount to?")
def test_autoencoder_is_not_linear(student, rng):
    """A non-linearity stands between any two layers, in the encoder and in the decoder."""
    for part in ("encoder", "decoder"):
        assert_within(bend_inside(student, part, rng), LIMIT_INSIDE, None)


@pytest.mark.question(
    "autoencoder", points=0.5, hint="Which numbers can your decoder not give back, whatever it learns?"
)
def test_autoencoder_output_is_free(student, rng):
    """The decoder begins and ends with a linear layer, with hidden layers or without; at most a sigmoid follows."""
    module = student.keep("build_autoencoder", [12, 3])
    assert_within(bend(student, module, "decoder", rng, (3, 12)), 0, LIMIT)
    assert_within(bend_at_the_ends(student, "decoder", rng), 0, LIMIT)


@pytest.mark.question(
    "autoencoder", points=0.5, hint="If training changes only the encoder, may the decoder change with it?"
)
def test_autoencoder_decoder_has_own_weights(student, rng):
    """Overwriting the encoder's weights leaves the decoder as it was."""
    module = student.keep("build_autoencoder", [8, 8, 8])
    codes = rng.normal(size=(5, 8))
    before = numbers(student, module, "decoder", codes, 8)
    student.call("probe_overwrite", module, "encoder", 0.25)
    assert_close(numbers(student, module, "decoder", codes, 8), before)


@pytest.mark.question("autoencoder", points=0.5, hint="What happens to x on its way through forward, step by step?")
def test_autoencoder_decodes_the_code(student, rng):
    """The whole module is the decoder after the encoder, for one row as for many."""
    module = student.keep("build_autoencoder", [12, 9, 4])
    for rows in (1, 50):
        x = 3 * rng.normal(size=(rows, 12))
        whole = numbers(student, module, "whole", x, 12)
        decoded = numbers(student, module, "decoder", numbers(student, module, "encoder", x, 4), 12)
        squashed = 1 / (1 + np.exp(-decoded))  # a sigmoid on the output may stand outside the decoder
        nearer = min((decoded, squashed), key=lambda form: np.abs(form - whole).max())
        assert_close(whole, nearer, rtol=1e-4, atol=1e-5)
