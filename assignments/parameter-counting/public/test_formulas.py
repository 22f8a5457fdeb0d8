"""Public tests of the questions that ask for a formula: worked examples with known numbers."""

import pytest

from autograder.checks import assert_count


@pytest.mark.question(
    "mlp", points=0.5, hint="10,000 grey pixels, three hidden layers of 1,000 units, 10 outputs, with biases."
)
def test_mlp_network_from_class(student):
    """The network from class has 12,013,010 parameters."""
    assert_count(student.call("mlp_parameter_count", [10_000, 1000, 1000, 1000, 10]), 12_013_010)


@pytest.mark.question(
    "conv2d", points=0.5, hint="64 output channels, each with a 7 × 7 patch in 3 channels and one bias."
)
def test_conv_worked_example(student):
    """A convolution from 3 to 64 channels with a kernel of 7 has 9,472 parameters."""
    assert_count(student.call("conv2d_parameter_count", 3, 64, 7), 9472)


@pytest.mark.question("lstm", points=0.5, hint="Four small layers, two matrices and two bias vectors in each.")
def test_lstm_one_layer(student):
    """One layer with 10 inputs and hidden size 20 has 2,560 parameters."""
    assert_count(student.call("lstm_parameter_count", 10, 20), 2560)


@pytest.mark.question(
    "encoder-layer", points=1, hint="Four maps in the attention, two in the feed-forward block, two norms."
)
def test_layer_worked_examples(student):
    """A small layer has 172 parameters, one of BERT base 7,087,872."""
    assert_count(student.call("transformer_layer_parameter_count", 4, 8), 172)
    assert_count(student.call("transformer_layer_parameter_count", 768, 3072), 7_087_872)


def known_layer(d_model, d_ff):
    """The number of parameters of one layer of GPT-2 small or BERT base: a correct one stands in for yours."""
    assert_count(d_model, 768)
    assert_count(d_ff, 3072)
    return 7_087_872


@pytest.mark.question("gpt2", points=1, hint="Five parts, from bottom to top; the last of them adds no new numbers.")
def test_gpt2_small(student):
    """GPT-2 small has 124,439,808 parameters."""
    student.set("transformer_layer_parameter_count", student.callback(known_layer))
    assert_count(student.call("gpt2_parameter_count", 50_257, 1024, 768, 12), 124_439_808)


@pytest.mark.question("bert", points=1, hint="Three tables, one norm over their sum, twelve layers and the pooler.")
def test_bert_base(student):
    """BERT base with its pooler has 109,482,240 parameters."""
    student.set("transformer_layer_parameter_count", student.callback(known_layer))
    assert_count(student.call("bert_parameter_count", 30_522, 512, 2, 768, 12, 3072), 109_482_240)
