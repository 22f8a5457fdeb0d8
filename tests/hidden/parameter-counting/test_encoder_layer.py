"""Hidden test of the question `encoder-layer`."""

import pytest

from autograder.checks import assert_count


@pytest.mark.question("encoder-layer", points=1, hint="Is the feed-forward block four times as wide here?")
def test_layer_fresh_sizes(student, reference, rng):
    """The width of the feed-forward block is free."""
    for _ in range(3):
        d_model = int(rng.integers(3, 60))
        d_ff = 5 * d_model + int(rng.integers(1, 40))
        expected = reference.transformer_layer_parameter_count(d_model, d_ff)
        assert_count(student.call("transformer_layer_parameter_count", d_model, d_ff), expected)
