"""Hidden tests of the question `gpt2`. A correct count of one layer is handed in: no mistake counts twice."""

import pytest

from autograder.checks import assert_count, assert_dtype, assert_shape


def fresh_sizes(rng):
    """Vocabulary, context, width and layers of a small GPT-2."""
    return tuple(int(rng.integers(low, high)) for low, high in ((200, 900), (20, 90), (8, 40), (2, 7)))


def count(student, sizes):
    """The student's count as an int, after making sure that it is one."""
    value = student.call("gpt2_parameter_count", *sizes)
    assert_dtype(value, "integer")
    assert_shape(value, ())
    return int(value)


def hand_in_layer(student, reference):
    """Put the reference's count of one layer in place of the student's."""
    layer = student.callback(reference.transformer_layer_parameter_count)
    student.set("transformer_layer_parameter_count", layer)


@pytest.mark.question(
    "gpt2", points=0.5, hint="One more token in the vocabulary: which new numbers does the model store?"
)
def test_gpt2_vocabulary_counts_once(student, reference, rng):
    """A larger vocabulary costs one vector a token, because the output is tied."""
    hand_in_layer(student, reference)
    vocab, context, d_model, layers = fresh_sizes(rng)
    more = int(rng.integers(2, 50))
    before = count(student, (vocab, context, d_model, layers))
    after = student.call("gpt2_parameter_count", vocab + more, context, d_model, layers)
    assert_count(after, before + more * d_model)


@pytest.mark.question("gpt2", points=0.5, hint="Where do the position embeddings of GPT-2 come from?")
def test_gpt2_positions_are_learned(student, reference, rng):
    """A longer context costs one vector a position."""
    hand_in_layer(student, reference)
    vocab, context, d_model, layers = fresh_sizes(rng)
    more = int(rng.integers(2, 50))
    before = count(student, (vocab, context, d_model, layers))
    after = student.call("gpt2_parameter_count", vocab, context + more, d_model, layers)
    assert_count(after, before + more * d_model)


@pytest.mark.question("gpt2", points=0.5, hint="What exactly is added to the model with one more layer?")
def test_gpt2_grows_layer_by_layer(student, reference, rng):
    """One more layer costs one transformer layer with d_ff = 4 d_model, and nothing else."""
    hand_in_layer(student, reference)
    vocab, context, d_model, layers = fresh_sizes(rng)
    before = count(student, (vocab, context, d_model, layers))
    after = student.call("gpt2_parameter_count", vocab, context, d_model, layers + 1)
    assert_count(after, before + reference.transformer_layer_parameter_count(d_model, 4 * d_model))


@pytest.mark.question(
    "gpt2", points=0.5, hint="Go through the five parts in the text: is each of them in your sum exactly once?"
)
def test_gpt2_fresh_sizes(student, reference, rng):
    """All parts together, for other sizes than those of GPT-2 small."""
    hand_in_layer(student, reference)
    for _ in range(3):
        sizes = fresh_sizes(rng)
        assert_count(student.call("gpt2_parameter_count", *sizes), reference.gpt2_parameter_count(*sizes))
