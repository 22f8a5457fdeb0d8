"""Hidden tests of the questions `xor` and `loss`."""

import numpy as np
import pytest

from autograder.checks import assert_close, assert_equal, assert_within


def step_network(x1, x2):
    """The lecture's network."""
    v1, v2 = int(x1 - x2 > 0.5), int(x2 - x1 > 0.5)
    return v1, v2, int(v1 + v2 > 0.5)


@pytest.mark.question("xor", points=1, hint="The inputs need not be 0 or 1: compare the weighted sum with the bias.")
def test_xor_of_real_inputs(student, rng):
    """Hidden units and output for real inputs."""
    pairs = [(0.2, 0.6), (0.2, 0.9), (3, 1), (-2, 0.25), (0.75, 0.5), (-1, -1.25)]
    pairs += [(float(a), float(b)) for a, b in rng.uniform(-2, 2, size=(10, 2))]
    for x1, x2 in pairs:
        assert_equal(student.call("xor_network", x1, x2), step_network(x1, x2))


@pytest.mark.question("xor", points=0.5, hint="What does the step give for exactly 0?")
def test_xor_on_the_edge(student):
    """A weighted sum of exactly 0.5 does not fire."""
    assert_equal(student.call("xor_network", 0.5, 0), (0, 0, 0))
    assert_equal(student.call("xor_network", 1, 1.5), (0, 0, 0))


def true_loss(y, y_hat):
    """The mean cross-entropy for probabilities that are neither 0 nor 1."""
    return float(-np.mean(y * np.log(y_hat) + (1 - y) * np.log1p(-y_hat)))


@pytest.mark.question("loss", points=0.5, hint="The mean is over all elements, of every output.")
def test_loss_is_the_mean_over_all_elements(student, rng):
    """Batches of several rows and columns, with hard and soft labels."""
    for shape in [(1, 1), (6, 1), (4, 3), (5,)]:
        y_hat = rng.uniform(0.05, 0.95, size=shape)
        for y in (rng.integers(0, 2, size=shape).astype(np.float64), rng.uniform(size=shape)):
            assert_close(student.call("binary_cross_entropy", y, y_hat), true_loss(y, y_hat), rtol=1e-6)


@pytest.mark.question("loss", points=0.5, hint="How wide do you clip? At one in a million nothing may change yet.")
def test_loss_is_exact_near_the_ends(student):
    """Probabilities of 1e-6 and 1 - 1e-6 are not clipped."""
    for y, y_hat in [(1.0, 1e-6), (0.0, 1 - 1e-6)]:
        expected = true_loss(np.array([y]), np.array([y_hat]))
        assert_close(student.call("binary_cross_entropy", np.array([y]), np.array([y_hat])), expected, rtol=1e-6)


@pytest.mark.question("loss", points=0.5, hint="The logarithm of 0 is not a number, and 0 times it is not 0.")
def test_loss_is_finite_at_the_ends(student):
    """Predictions of exactly 0 and 1: next to nothing if they are right, large but finite if they are wrong."""
    ends = np.array([[0.0], [1.0]])
    assert_close(student.call("binary_cross_entropy", ends, ends), 0.0, rtol=0, atol=1e-6)
    wrong = student.call("binary_cross_entropy", 1 - ends, ends)
    assert_within(wrong, 16.0, None)  # certain and wrong: at least the logarithm of 10 million
