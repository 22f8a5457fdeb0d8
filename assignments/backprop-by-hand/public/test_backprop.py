"""Public tests: one for each question but `train`, which rests on all the others."""

import numpy as np
import pytest

from autograder.checks import assert_close, assert_equal, assert_shape


@pytest.mark.question("activations", points=1, hint="Write down the four formulas, and their slopes, for one number.")
def test_activations_of_small_numbers(student):
    """Values and slopes at a few numbers near zero."""
    x = np.array([-2.0, -0.5, 1.5])
    assert_close(student.call("sigmoid", x), np.array([0.11920292202, 0.37754066880, 0.81757447619]), rtol=1e-9)
    assert_close(student.call("relu", x), np.array([0.0, 0.0, 1.5]))
    assert_close(student.call("leaky_relu", x, slope=0.1), np.array([-0.2, -0.05, 1.5]))
    assert_close(student.call("softplus", 0.0), 0.69314718056, rtol=1e-9)
    assert_close(student.call("sigmoid_derivative", 0.0), 0.25)
    assert_close(student.call("relu_derivative", x), np.array([0.0, 0.0, 1.0]))


@pytest.mark.question("xor", points=0.5, hint="Write down both hidden units for each of the four corners.")
def test_xor_at_the_corners(student):
    """The four corners of the square."""
    answers = [student.call("xor_network", x1, x2) for x1, x2 in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    assert_equal(answers, [(0, 0, 0), (0, 1, 1), (1, 0, 1), (0, 0, 0)])


@pytest.mark.question("loss", points=0.5, hint="Which sign stands in front of the mean?")
def test_loss_of_two_predictions(student):
    """A right and a wrong prediction."""
    loss = student.call("binary_cross_entropy", np.array([[1.0], [0.0]]), np.array([[0.8], [0.8]]))
    assert_close(loss, 0.91629073187, rtol=1e-9)


@pytest.mark.question("network", points=1, hint="Print the shapes of A, Z and every gradient once.")
def test_network_shapes(student):
    """Shapes of the parameters, of the output, and of the gradients."""
    zeros = [(np.zeros((3, 4)), np.zeros(4)), (np.zeros((4, 2)), np.zeros(2))]
    assert_close(student.call("init_params", [3, 4, 2], 0), zeros, atol=10)
    answer = student.call("one_pass", zeros, np.full((5, 3), 0.5), np.ones((5, 2)))
    assert_equal(type(answer).__name__, "tuple")
    assert_shape(answer[0], (5, 2))
    assert_close(answer[1], [zeros], atol=10)


@pytest.mark.question("step", points=0.5, hint="Downhill is against the gradient.")
def test_step_of_one_layer(student):
    """One layer, one step."""
    params = [(np.array([[1.0], [2.0]]), np.array([3.0]))]
    grads = [(np.array([[10.0], [0.0]]), np.array([-10.0]))]
    assert_close(student.call("sgd_step", params, grads, 0.1), [(np.array([[0.0], [2.0]]), np.array([4.0]))])


@pytest.mark.question("check", points=0.5, hint="What is the slope of the square of a number?")
def test_numerical_gradient_of_a_square(student):
    """The sum of squares of all parameters has the gradient 2 times the parameters."""
    square = student.callback(lambda params: float(sum((part**2).sum() for pair in params for part in pair)))
    params = [(np.array([[1.0, -2.0]]), np.array([0.5, 0.0]))]
    expected = [(np.array([[2.0, -4.0]]), np.array([1.0, 0.0]))]
    assert_close(student.call("numerical_gradient", square, params), expected, rtol=1e-6, atol=1e-8)
