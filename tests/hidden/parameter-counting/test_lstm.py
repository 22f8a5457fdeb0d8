"""Hidden tests of the question `lstm`."""

import pytest

from autograder.checks import assert_count


def fresh_sizes(rng):
    """An odd input size and an even hidden size: the first is neither the second nor twice the second."""
    return 2 * int(rng.integers(2, 25)) + 1, 2 * int(rng.integers(2, 25))


@pytest.mark.question("lstm", points=0.5, hint="What does the second layer read?")
def test_lstm_stacked(student, reference, rng):
    """Layers above the first read hidden states, not the input."""
    sizes = fresh_sizes(rng)
    for layers in (2, 4):
        expected = reference.lstm_parameter_count(*sizes, num_layers=layers)
        assert_count(student.call("lstm_parameter_count", *sizes, num_layers=layers), expected)


@pytest.mark.question("lstm", points=0.5, hint="How many sets of weights does one bidirectional layer have?")
def test_lstm_both_directions(student, reference, rng):
    """A bidirectional layer has one set of weights for each direction."""
    sizes = fresh_sizes(rng)
    expected = reference.lstm_parameter_count(*sizes, bidirectional=True)
    assert_count(student.call("lstm_parameter_count", *sizes, bidirectional=True), expected)


@pytest.mark.question("lstm", points=0.5, hint="How long is the vector that one bidirectional layer hands to the next?")
def test_lstm_stacked_both_directions(student, reference, rng):
    """Above a bidirectional layer, a layer reads the outputs of both directions."""
    sizes = fresh_sizes(rng)
    expected = reference.lstm_parameter_count(*sizes, num_layers=3, bidirectional=True)
    assert_count(student.call("lstm_parameter_count", *sizes, num_layers=3, bidirectional=True), expected)
