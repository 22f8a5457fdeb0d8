"""Hidden tests of the question `network`."""

from itertools import pairwise

import pytest
from helpers import one_pass, random_batch, random_network, shapes_of, true_gradient, true_output

from autograder.checks import assert_close, assert_count, assert_dtype, assert_equal, assert_within


@pytest.mark.question("network", points=0.5, hint="Where do your random numbers come from, and what does the seed do?")
def test_network_init_follows_its_seed(student):
    """The same seed gives the same parameters at every call, another seed others."""
    first, again, other = (student.call("init_params", [3, 5, 2], seed) for seed in (7, 7, 8))
    assert_equal(shapes_of(other), shapes_of(first))
    assert_count(len(first), 2)
    assert_equal(again, first)
    assert_count(len({first[0][0].tobytes(), other[0][0].tobytes()}), 2)


@pytest.mark.question("network", points=0.5, hint="Look at the columns of W: could two units of a layer ever differ?")
def test_network_init_breaks_the_symmetry(student):
    """Shapes, type and range are as asked, and no two columns of a W are equal."""
    for sizes in ([2, 1], [4, 6, 3], [1, 5, 5, 5, 2]):
        params = student.call("init_params", sizes, 3)
        assert_equal(shapes_of(params), [((below, above), (above,)) for below, above in pairwise(sizes)])
        assert_count(len(params), len(sizes) - 1)
        for weights, bias in params:
            assert_dtype(weights, "float64")
            assert_dtype(bias, "float64")
            assert_within(weights, -10, 10)
            assert_within(bias, -10, 10)
            assert_count(len({column.tobytes() for column in weights.T}), bias.size)


@pytest.mark.question("network", points=1, hint="Which layers end in a sigmoid? Is the bias added to every row?")
def test_network_forward(student, rng):
    """The output for random depths, widths and batch sizes."""
    for sizes in ([3, 2], [2, 4, 1], [5, 3, 4, 2]):
        params = random_network(rng, sizes)
        x, y = random_batch(rng, sizes, int(rng.integers(2, 9)))
        y_hat, *_ = one_pass(student, params, x, y, times=0)
        assert_close(y_hat, true_output(params, x), rtol=1e-6)


@pytest.mark.question("network", points=1, hint="For one layer the gradient is short: write it down for one example.")
def test_network_gradient_of_one_layer(student, rng):
    """One layer, one output, batches of one and of several examples."""
    for n in (1, 6):
        params = random_network(rng, [4, 1])
        x, y = random_batch(rng, [4, 1], n)
        _, gradients, _ = one_pass(student, params, x, y)
        assert_close(gradients[0], true_gradient(params, x, y), rtol=1e-6, atol=1e-12)


@pytest.mark.question("network", points=1, hint="The loss is a mean over all elements, so by what is delta divided?")
def test_network_gradient_of_several_outputs(student, rng):
    """One layer, several outputs: the mean is over examples and outputs."""
    params = random_network(rng, [3, 4])
    x, y = random_batch(rng, [3, 4], 7)
    _, gradients, _ = one_pass(student, params, x, y)
    assert_close(gradients[0], true_gradient(params, x, y), rtol=1e-6, atol=1e-12)


@pytest.mark.question("network", points=1, hint="What does delta meet on its way down: which W, and which slope?")
def test_network_gradient_of_deep_networks(student, rng):
    """Several layers, one output."""
    for sizes in ([2, 4, 1], [3, 5, 2, 1], [2, 3, 3, 3, 1]):
        params = random_network(rng, sizes)
        x, y = random_batch(rng, sizes, int(rng.integers(1, 33)))
        _, gradients, _ = one_pass(student, params, x, y)
        assert_close(gradients[0], true_gradient(params, x, y), rtol=1e-6, atol=1e-12)


@pytest.mark.question("network", points=1, hint="Call backward twice: does anything that you were given change?")
def test_network_leaves_its_arguments_alone(student, rng):
    """Two backward passes give the same, and params, x and y are what they were."""
    params = random_network(rng, [3, 4, 1])
    x, y = random_batch(rng, [3, 4, 1], 5)
    _, gradients, given = one_pass(student, params, x, y, times=2)
    assert_equal(gradients[1], gradients[0])
    assert_equal(given, [params, x, y])
