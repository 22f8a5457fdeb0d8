"""Hidden tests of the questions `step`, `check` and `train`."""

import numpy as np
import pytest
from helpers import (
    call_with,
    lent,
    random_batch,
    random_network,
    shapes_of,
    true_gradient,
    true_output,
)

from autograder.checks import assert_close, assert_count, assert_equal, assert_within
from autograder.errors import StudentError

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LABELS = np.array([[0.0], [1.0], [1.0], [0.0]])


@pytest.mark.question("step", points=0.5, hint="Do you change the arrays that you were given, or make new ones?")
def test_step_makes_new_parameters(student, rng):
    """Every array moves, and the arguments stay what they were."""
    params, grads = random_network(rng, [3, 4, 2]), random_network(rng, [3, 4, 2])
    expected = [(w - 0.3 * dw, b - 0.3 * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]
    given, given_grads = lent(student, params), lent(student, grads)
    assert_close(student.call("sgd_step", given, given_grads, 0.3), expected, rtol=1e-12)
    assert_equal(given.value(), params)
    assert_equal(given_grads.value(), grads)


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
    """The parameters are what they were, up to rounding: adding and subtracting eps need not give the last bit back."""
    params = random_network(rng, [2, 2])
    given = lent(student, params)
    slopes = [tuple(3 * part**2 for part in pair) for pair in params]
    assert_close(student.call("numerical_gradient", student.callback(cubes), given), slopes, rtol=1e-5, atol=1e-7)
    assert_close(given.value(), params, rtol=0, atol=1e-12)


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


def checker_data(rng):
    """Data for `gradient_error`."""
    sizes = [2, 3, 1]
    return random_network(rng, sizes), *random_batch(rng, sizes, 6)


def error_of(student, gradient, params, x, y):
    """What `gradient_error` says of a gradient, with correct earlier functions."""
    questions = ["activations", "loss", "network"]
    return call_with(student, questions, "gradient_error", student.callback(gradient), params, x, y)


@pytest.mark.question("check", points=0.5, hint="Feed your checker a gradient that you know to be right.")
def test_gradient_error_of_a_right_gradient(student, rng):
    """A right gradient has next to no error."""
    params, x, y = checker_data(rng)
    error = error_of(student, true_gradient, params, x, y)
    # Central differences give up to 1.1e-8 (400 draws), differences to one side up to 1.2e-5 (1,500): that mistake
    # costs its points in the tests of `numerical_gradient`. The planted mistakes are above 1e-3.
    assert_close(error, 0.0, rtol=0, atol=1e-4)


@pytest.mark.question("check", points=0.5, hint="Does your checker look at every element of every layer?")
def test_gradient_error_finds_planted_mistakes(student, rng):
    """Each of five mistakes is found, and measured as the box says."""
    params, x, y = checker_data(rng)
    truth = np.concatenate([part.ravel() for pair in true_gradient(params, x, y) for part in pair])
    for mistake in (no_mean, wrong_sign, no_bias, first_layer_off, one_element_off):
        theirs = np.concatenate([np.ravel(part) for pair in mistake(params, x, y) for part in pair])
        expected = np.abs(theirs - truth).max() / max(np.abs(theirs).max(), np.abs(truth).max())
        error = error_of(student, mistake, params, x, y)
        assert_close(error, float(expected), rtol=1e-4)


@pytest.mark.question("check", points=0.5, hint="Compare something with NaN: what does Python say?")
def test_gradient_error_of_nan(student, rng):
    """A gradient with a NaN in it is infinitely wrong."""
    params, x, y = checker_data(rng)

    def broken(params, x, y):
        gradient = [tuple(part.copy() for part in pair) for pair in true_gradient(params, x, y)]
        gradient[0][0][0, 0] = np.nan
        return gradient

    error = error_of(student, broken, params, x, y)
    assert_close(error, float("inf"))


EARLIER = ["activations", "loss", "network", "step"]


def trained(student, seed):
    """A network of the student's loop, and the questions whose correct answers it was trained with: the earlier ones
    or, where the loop does not get there with those, none."""
    try:
        params = call_with(student, EARLIER, "train_xor", seed)
        if loss_of(params) < 0.05:
            return params, EARLIER
    except StudentError:
        pass  # loose: the loop may rest on something of the student's own; the same call follows with that
    return call_with(student, [], "train_xor", seed), []


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
def test_train_learns_xor(student, seed):
    """For each of five seeds all four corners are right and the loss is below 0.05."""
    params, _ = trained(student, seed)
    shapes_of(params)
    assert_within(loss_of(params), 0, 0.05)
    sides = true_output(params, CORNERS) > 0.5
    assert_equal(sides.astype(int), LABELS.astype(int))


@pytest.mark.question("train", points=1, hint="Does all that is random in your training come from the seed?")
def test_train_follows_its_seed(student):
    """The same seed gives the same network again, another seed another one."""
    first, questions = trained(student, 3)
    assert_within(loss_of(first), 0, 0.05)
    again, other = (call_with(student, questions, "train_xor", seed) for seed in (3, 4321))
    assert_equal(again, first)
    shapes_of(other)
    assert_count(len({b"".join(part.tobytes() for pair in one for part in pair) for one in (first, other)}), 2)
