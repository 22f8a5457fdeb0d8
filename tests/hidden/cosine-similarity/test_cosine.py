"""Hidden tests of the question `cosine`."""

import numpy as np
import pytest
import torch

from autograder.checks import assert_close, assert_raises


@pytest.mark.question("cosine", points=0.5, hint="What is the cosine of two arrows that point in opposite directions?")
def test_cosine_keeps_the_sign(student, reference, rng):
    """Arrows more than a right angle apart have a negative cosine."""
    u = rng.uniform(0.5, 1.5, size=6)
    v = rng.uniform(-0.3, 0.3, size=6) - rng.uniform(0.5, 1.5, size=6)
    assert_close(student.call("cosine_similarity", u, v), reference.cosine_similarity(u, v))
    assert_close(student.call("cosine_similarity", u, -2 * u), -1.0)


@pytest.mark.question(
    "cosine", points=0.5, hint="Does your result stay the same when both arrows are very short, or very long?"
)
def test_cosine_ignores_length(student, reference, rng):
    """Scaling a vector changes nothing, from lengths of 1e-4 to lengths of 1e4."""
    u, v = rng.uniform(0.5, 1.5, size=(2, 8))
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    expected = reference.cosine_similarity(u, v)
    for length, other in [(2e-4, 2e-4), (2e-4, 5e3), (5e3, 5e3)]:
        assert_close(student.call("cosine_similarity", length * u, other * v), expected)


@pytest.mark.question(
    "cosine", points=0.5, hint="How large a number fits into the type of the input? See the row 'number types'."
)
def test_cosine_of_narrow_types(student, reference):
    """Small integer and half-precision types are converted before anything is multiplied."""
    u, v = [200, 100, 50], [250, 30, 90]
    expected = reference.cosine_similarity(u, v)
    for make in (np.uint8, np.int16, np.int64):
        assert_close(student.call("cosine_similarity", np.array(u, dtype=make), np.array(v, dtype=make)), expected)
    for kind in (torch.uint8, torch.int32):
        assert_close(
            student.call("cosine_similarity", torch.tensor(u, dtype=kind), torch.tensor(v, dtype=kind)), expected
        )
    halves = np.array(u, dtype=np.float16), 4 * np.array(v, dtype=np.float16)
    assert_close(student.call("cosine_similarity", *halves), expected, rtol=1e-4)


@pytest.mark.question(
    "cosine", points=0.5, hint="In which direction does the zero vector point? The box says what to do with it."
)
def test_cosine_refuses_the_zero_vector(student):
    """A zero vector on either side raises ValueError."""
    assert_close(student.call("cosine_similarity", [1.0, 0.0, 0.0], [0.0, 0.6, 0.8]), 0.0)
    assert_raises(ValueError, student.call, "cosine_similarity", [0.0, 0.0, 0.0], [0.0, 0.6, 0.8])
    assert_raises(ValueError, student.call, "cosine_similarity", [0.0, 0.6, 0.8], [0.0, 0.0, 0.0])
    assert_raises(ValueError, student.call, "cosine_similarity", np.zeros(3), np.zeros(3))


@pytest.mark.question("cosine", points=0.5, hint="The two arguments need not be of one kind: convert each by itself.")
def test_cosine_of_mixed_kinds(student, reference, rng):
    """Lists, arrays and tensors of any number type go together."""
    u, v = rng.uniform(0.5, 1.5, size=(2, 5))
    expected = reference.cosine_similarity(u, v)
    kinds = [u.tolist(), u, torch.tensor(u), torch.tensor(u, dtype=torch.float32)]
    others = [torch.tensor(v), v.tolist(), v.astype(np.float32), torch.tensor(v)]
    for first, second, rtol in zip(kinds, others, [1e-6, 1e-6, 1e-4, 1e-4], strict=True):
        assert_close(student.call("cosine_similarity", first, second), expected, rtol=rtol)
