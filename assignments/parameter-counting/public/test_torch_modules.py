"""Public tests of the questions about torch modules."""

import pytest
import torch

from autograder.checks import assert_count, assert_finite, assert_shape


@pytest.mark.question(
    "modules", points=0.5, hint="Two Linear layers: (4·3 + 3) + (3·2 + 2). Frozen parameters count too."
)
def test_count_worked_example(student):
    """A network of sizes 4, 3, 2 has 23 parameters, frozen or not."""
    module = student.keep("demo_module", "frozen", 4, 3, 2)
    assert_count(student.call("count_parameters", module), 23)


@pytest.mark.question("modules", points=0.5, hint="23 parameters in float32, frozen or not.")
def test_bytes_worked_example(student):
    """The same network takes 92 bytes."""
    module = student.keep("demo_module", "frozen", 4, 3, 2)
    assert_count(student.call("model_bytes", module), 92)


@pytest.mark.question(
    "autoencoder", points=1, hint="Five rows of 12 go in, five codes of 3 lie in the middle, five rows of 12 come out."
)
def test_autoencoder_shapes(student):
    """The code is as wide as the last size, the output as wide as the input."""
    module = student.keep("build_autoencoder", [12, 8, 3])
    x = torch.linspace(-1, 1, 60).reshape(5, 12)
    for part, shape in (("encoder", (5, 3)), ("whole", (5, 12))):
        y = student.call("probe", module, part, x)
        assert_shape(y, shape)
        assert_finite(y)
