"""Hidden tests of the question `modules`: the networks are built in the student's process by `demo_module`."""

import pytest

from autograder.checks import assert_count


def fresh_sizes(rng, count):
    """Distinct sizes, so that mixing up two of them shows."""
    return [int(size) for size in rng.choice(range(3, 40), size=count, replace=False)]


@pytest.mark.question("modules", points=0.5, hint="Is one parameter under two names two parameters?")
def test_count_shared_once(student, reference, rng):
    """A parameter that is used in two places counts once."""
    sizes = fresh_sizes(rng, 2)
    module = student.keep("demo_module", "tied", *sizes)
    expected = reference.count_parameters(reference.demo_module("tied", *sizes))
    assert_count(student.call("count_parameters", module), expected)


@pytest.mark.question("modules", points=0.5, hint="Does a gradient ever change what batch normalisation stores?")
def test_count_leaves_buffers_out(student, reference, rng):
    """The running statistics of batch normalisation are no parameters."""
    sizes = fresh_sizes(rng, 3)
    module = student.keep("demo_module", "batchnorm", *sizes)
    expected = reference.count_parameters(reference.demo_module("batchnorm", *sizes))
    assert_count(student.call("count_parameters", module), expected)


@pytest.mark.question(
    "modules", points=0.5, hint="How can you tell a frozen parameter, and when should it be left out?"
)
def test_count_trainable_only(student, reference, rng):
    """With trainable_only=True frozen parameters do not count."""
    sizes = fresh_sizes(rng, 4)
    module = student.keep("demo_module", "frozen", *sizes)
    expected = reference.count_parameters(reference.demo_module("frozen", *sizes), trainable_only=True)
    assert_count(student.call("count_parameters", module, trainable_only=True), expected)


@pytest.mark.question("modules", points=0.5, hint="Do all parameters of a network have to be of one number type?")
def test_bytes_of_mixed_dtypes(student, reference, rng):
    """Each parameter has an element size of its own."""
    for _ in range(2):  # in one network of a thousand the element sizes happen to be 4 on average
        sizes = fresh_sizes(rng, 5)
        module = student.keep("demo_module", "mixed-dtype", *sizes)
        expected = reference.model_bytes(reference.demo_module("mixed-dtype", *sizes))
        assert_count(student.call("model_bytes", module), expected)


@pytest.mark.question("modules", points=0.5, hint="How often does a shared matrix lie in memory?")
def test_bytes_of_shared_once(student, reference, rng):
    """A shared parameter takes its memory once."""
    sizes = fresh_sizes(rng, 2)
    module = student.keep("demo_module", "tied", *sizes)
    expected = reference.model_bytes(reference.demo_module("tied", *sizes))
    assert_count(student.call("model_bytes", module), expected)


@pytest.mark.question(
    "modules", points=0.5, hint="The box says whose memory is asked for: what does a norm store beside it?"
)
def test_bytes_leave_buffers_out(student, reference, rng):
    """The memory of buffers is not counted."""
    sizes = fresh_sizes(rng, 3)
    module = student.keep("demo_module", "batchnorm", *sizes)
    expected = reference.model_bytes(reference.demo_module("batchnorm", *sizes))
    assert_count(student.call("model_bytes", module), expected)
