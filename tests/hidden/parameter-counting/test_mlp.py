"""Hidden tests of the question `mlp`."""

import pytest

from autograder.checks import assert_count


def fresh_sizes(rng, layers):
    """Distinct layer sizes, so that mixing up two of them shows."""
    return [int(size) for size in rng.choice(range(3, 90), size=layers + 1, replace=False)]


@pytest.mark.question(
    "mlp", points=0.5, hint="Which two sizes does each layer depend on, and which of them has the biases?"
)
def test_mlp_fresh_sizes(student, reference, rng):
    """Every layer counts its own weights and its own biases."""
    for layers in (2, 3, 5):
        sizes = fresh_sizes(rng, layers)
        assert_count(student.call("mlp_parameter_count", sizes), reference.mlp_parameter_count(sizes))


@pytest.mark.question("mlp", points=0.5, hint="What is left of a layer if bias=False?")
def test_mlp_without_biases(student, reference, rng):
    """With bias=False only the weights count."""
    for layers in (3, 4):
        sizes = fresh_sizes(rng, layers)
        expected = reference.mlp_parameter_count(sizes, bias=False)
        assert_count(student.call("mlp_parameter_count", sizes, bias=False), expected)


@pytest.mark.question("mlp", points=0.5, hint="Two sizes are the smallest network: which layers does it have?")
def test_mlp_without_hidden_layer(student, reference, rng):
    """Two sizes make a single layer."""
    sizes = fresh_sizes(rng, 1)
    assert_count(student.call("mlp_parameter_count", sizes), reference.mlp_parameter_count(sizes))
