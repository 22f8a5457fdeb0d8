"""Hidden tests of the question `conv2d`."""

import pytest

from autograder.checks import assert_count


def fresh_channels(rng):
    """Two different numbers of channels."""
    return [int(channels) for channels in rng.choice(range(3, 60), size=2, replace=False)]


@pytest.mark.question("conv2d", points=0.5, hint="A patch has a height and a width: must they be the same?")
def test_conv_kernel_pair(student, reference, rng):
    """The kernel may be a pair, as a tuple or as a list."""
    inputs, outputs = fresh_channels(rng)
    height, width = (int(size) for size in rng.choice(range(2, 9), size=2, replace=False))
    expected = reference.conv2d_parameter_count(inputs, outputs, (height, width))
    for kernel in ((height, width), [height, width]):
        assert_count(student.call("conv2d_parameter_count", inputs, outputs, kernel), expected)


@pytest.mark.question(
    "conv2d", points=0.5, hint="How many input channels does one output channel see, if there are groups?"
)
def test_conv_groups(student, reference, rng):
    """Groups divide what an output channel sees; depthwise is the extreme case."""
    blocks = int(rng.integers(2, 6))
    inputs, outputs = blocks * int(rng.integers(2, 6)), blocks * int(rng.integers(6, 9))
    for (*channels, kernel), groups in (((inputs, outputs, 3), blocks), ((inputs, inputs, 5), inputs)):
        expected = reference.conv2d_parameter_count(*channels, kernel, groups=groups)
        assert_count(student.call("conv2d_parameter_count", *channels, kernel, groups=groups), expected)


@pytest.mark.question("conv2d", points=0.5, hint="What is left of the layer if bias=False?")
def test_conv_without_bias(student, reference, rng):
    """With bias=False only the weights count."""
    inputs, outputs = fresh_channels(rng)
    kernel = int(rng.integers(2, 9))
    expected = reference.conv2d_parameter_count(inputs, outputs, kernel, bias=False)
    assert_count(student.call("conv2d_parameter_count", inputs, outputs, kernel, bias=False), expected)
