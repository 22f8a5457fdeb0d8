"""Hidden tests of the question `bert`. A correct count of one layer is handed in: no mistake counts twice."""

import pytest

from autograder.checks import assert_count, assert_dtype, assert_shape


def fresh_sizes(rng):
    """Vocabulary, positions, types, width, layers and feed-forward width of a small BERT."""
    vocab, positions, types, d_model, layers = (
        int(rng.integers(low, high)) for low, high in ((200, 900), (20, 90), (3, 7), (8, 40), (2, 7))
    )
    return vocab, positions, types, d_model, layers, 5 * d_model + int(rng.integers(1, 20))


def count(student, *sizes, **options):
    """The student's count as an int, after making sure that it is one."""
    value = student.call("bert_parameter_count", *sizes, **options)
    assert_dtype(value, "integer")
    assert_shape(value, ())
    return int(value)


def hand_in_layer(student, reference):
    """Put the reference's count of one layer in place of the student's."""
    layer = student.callback(reference.transformer_layer_parameter_count)
    student.set("transformer_layer_parameter_count", layer)


@pytest.mark.question("bert", points=0.5, hint="What is the difference between a BERT with its pooler and one without?")
def test_bert_pooler(student, reference, rng):
    """The pooler is a linear map from d_model to d_model with a bias."""
    hand_in_layer(student, reference)
    sizes = fresh_sizes(rng)
    d_model = sizes[3]
    without = count(student, *sizes, pooler=False)
    assert_count(student.call("bert_parameter_count", *sizes, pooler=True), without + d_model * d_model + d_model)


@pytest.mark.question("bert", points=0.5, hint="How many tables of embeddings are there, and how many rows has each?")
def test_bert_types_have_embeddings(student, reference, rng):
    """One more token type costs one vector."""
    hand_in_layer(student, reference)
    vocab, positions, types, d_model, layers, d_ff = fresh_sizes(rng)
    before = count(student, vocab, positions, types, d_model, layers, d_ff)
    after = student.call("bert_parameter_count", vocab, positions, types + 1, d_model, layers, d_ff)
    assert_count(after, before + d_model)


@pytest.mark.question(
    "bert", points=1, hint="Which arguments did you use, and is each part in the text in your sum exactly once?"
)
def test_bert_fresh_sizes(student, reference, rng):
    """All parts together, for a BERT that is neither base nor large."""
    hand_in_layer(student, reference)
    for pooler in (True, False):
        sizes = fresh_sizes(rng)
        expected = reference.bert_parameter_count(*sizes, pooler=pooler)
        assert_count(student.call("bert_parameter_count", *sizes, pooler=pooler), expected)
