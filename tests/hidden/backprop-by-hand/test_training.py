"""Hidden tests of the questions `step`, `check` and `train`."""

import numpy as np
import pytest
from helpers import (
    ACTIVATIONS,
    NETWORK,
    hand_in,
    lent,
    random_batch,
    random_network,
    shapes_of,
    true_gradient,
    true_output,
)

from autograder.checks import assert_close, assert_equal, assert_within
from autograder.errors import StudentError

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LABELS = np.array([[0.0], [1.0], [1.0], [0.0]])


@pytest.mark.question("step", points=0.5, hint="Do you change the arrays that you were given, or make new ones?")
def test_step_makes_new_parameters(student, rng):
    """Every array moves, and the arguments stay what they were."""
    params, grads = random_network(rng, [3, 4, 2]), random_network(rng, [3, 4, 2])
    expected = [(w - 0.3 * dw, b - 0.3 * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]
    given = lent(student, params)
    assert_close(student.call("sgd_step", given, grads, 0.3), expected, rtol=1e-12)
    assert_equal(given.value(), params)


def cubes(params):
    """The sum of the third powers of all parameters."""
    return float(sum((part**3).sum() for pair in params for part in pair))


@pytest.mark.question("check", points=0.5, hint="How large is the error of a difference to one side only?")
def test_numerical_gradient_is_central(student, rng):
    """With a step of 1e-3 a central difference is right to 1e-5, a one-sided one is not."""
    params = random_network(rng, [2, 3, 1])
    slopes = [tuple(3 * part**2 for part in pair) for pair in params]
    found = student.call("numerical_gradient", student.callback(cubes), params, eps=1e-3)
    assert_close(found, slopes, rtol=0, atol=1e-5)


@pytest.mark.question("check", points=0.5, hint="Is every element back at its value before the next one moves?")
def test_numerical_gradient_leaves_params_alone(student, rng):
    """The parameters are unchanged afterwards."""
    params = random_network(rng, [2, 2])
    given = lent(student, params)
    slopes = [tuple(3 * part**2 for part in pair) for pair in params]
    assert_close(student.call("numerical_gradient", student.callback(cubes), given), slopes, rtol=1e-5, atol=1e-7)
    assert_equal(given.value(), params)


def no_mean(params, x, y):
    """Forgets that the loss is a mean."""
    return [tuple(part * y.size for part in pair) for pair in true_gradient(params, x, y)]


def wrong_sign(params, x, y):
    """Points uphill."""
    return [tuple(-part for part in pair) for pair in true_gradient(params, x, y)]


def no_bias(params, x, y):
    """Leaves the biases where they are."""
    return [(weights, np.zeros_like(bias)) for weights, bias in true_gradient(params, x, y)]


def first_layer_off(params, x, y):
    """Is right at the top and a tenth off below."""
    (weights, bias), *rest = true_gradient(params, x, y)
    return [(1.1 * weights, bias), *rest]


def one_element_off(params, x, y):
    """Is wrong in a single element."""
    gradient = [tuple(part.copy() for part in pair) for pair in true_gradient(params, x, y)]
    gradient[-1][1][0] += 0.05
    return gradient


def prepared_checker(student, reference, rng):
    """Data for `gradient_error`, with the reference's functions in the student's place."""
    hand_in(student, reference, [*ACTIVATIONS, *NETWORK, "binary_cross_entropy"])
    sizes = [2, 3, 1]
    return random_network(rng, sizes), *random_batch(rng, sizes, 6)


@pytest.mark.question("check", points=0.5, hint="Feed your checker a gradient that you know to be right.")
def test_gradient_error_of_a_right_gradient(student, reference, rng):
    """A right gradient has next to no error."""
    params, x, y = prepared_checker(student, reference, rng)
    error = student.call("gradient_error", student.callback(true_gradient), params, x, y)
    # Central differences give up to 1.1e-8 (400 draws), differences to one side up to 1.2e-5 (1,500): that mistake
    # costs its points in the tests of `numerical_gradient`. The planted mistakes are above 1e-3.
    assert_close(error, 0.0, rtol=0, atol=1e-4)


@pytest.mark.question("check", points=0.5, hint="Does your checker look at every element of every layer?")
def test_gradient_error_finds_planted_mistakes(student, reference, rng):
    """Each of five mistakes is found, and measured as the box says."""
    params, x, y = prepared_checker(student, reference, rng)
    truth = np.concatenate([part.ravel() for pair in true_gradient(params, x, y) for part in pair])
    for mistake in (no_mean, wrong_sign, no_bias, first_layer_off, one_element_off):
        theirs = np.concatenate([np.ravel(part) for pair in mistake(params, x, y) for part in pair])
        expected = np.abs(theirs - truth).max() / max(np.abs(theirs).max(), np.abs(truth).max())
        error = student.call("gradient_error", student.callback(mistake), params, x, y)
        assert_close(error, float(expected), rtol=1e-4)


@pytest.mark.question("check", points=0.5, hint="Compare something with NaN: what does Python say?")
def test_gradient_error_of_nan(student, reference, rng):
    """A gradient with a NaN in it is infinitely wrong."""
    params, x, y = prepared_checker(student, reference, rng)

    def broken(params, x, y):
        gradient = [tuple(part.copy() for part in pair) for pair in true_gradient(params, x, y)]
        gradient[0][0][0, 0] = np.nan
        return gradient

    error = student.call("gradient_error", student.callback(broken), params, x, y)
    assert_close(error, float("inf"))


def trained(student, reference, seeds):
    """The student's networks; where one is no good, those that its loop gives with the reference's functions."""
    try:
        params = [student.call("train_xor", seed) for seed in seeds]
        if all(loss_of(one) < 0.05 for one in params):
            return params
    except StudentError:
        pass  # loose: what fails may be an earlier question's function; the same call follows without it
    hand_in(student, reference, [*ACTIVATIONS, *NETWORK, "binary_cross_entropy", "sgd_step"])
    return [student.call("train_xor", seed) for seed in seeds]


def loss_of(params):
    """The mean cross-entropy at the four corners; infinite for what is no network."""
    try:
        shapes_of(params)
        y_hat = true_output(params, CORNERS)
    except (AssertionError, IndexError, KeyError, RuntimeError, TypeError, ValueError):
        return float("inf")
    if y_hat.shape != LABELS.shape or not np.isfinite(y_hat).all():
        return float("inf")
    y_hat = np.clip(y_hat, 1e-12, 1 - 1e-12)
    return float(-np.mean(LABELS * np.log(y_hat) + (1 - LABELS) * np.log(1 - y_hat)))


@pytest.mark.question("train", points=2, hint="Try all five seeds. Does every start get there, and in time?")
@pytest.mark.parametrize("seed", range(5))
def test_train_learns_xor(student, reference, seed):
    """For each of five seeds all four corners are right and the loss is below 0.05."""
    (params,) = trained(student, reference, [seed])
    shapes_of(params)
    assert_within(loss_of(params), 0, 0.05)
    sides = true_output(params, CORNERS) > 0.5
    assert_equal(sides.astype(int), LABELS.astype(int))


@pytest.mark.question("train", points=1, hint="Does anything random in your training not come from the seed?")
def test_train_follows_its_seed(student, reference):
    """The same seed gives the same network again."""
    student.set("init_params", student.callback(reference.init_params))
    first, again = trained(student, reference, [3, 3])
    assert_within(loss_of(first), 0, 0.05)
    assert_equal(again, first)
