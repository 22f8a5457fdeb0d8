"""Hidden tests of the question `matrix`."""

import pytest
import torch

from autograder.checks import assert_close, assert_dtype, assert_shape


@pytest.mark.question(
    "matrix", points=0.5, hint="What is the type of the result for float64, for float32 and for integers?"
)
def test_matrix_result_type(student, reference, rng):
    """A floating type stays as it is, integers become float32."""
    a, b = torch.tensor(rng.uniform(1, 100, size=(5, 7))), torch.tensor(rng.uniform(1, 100, size=(4, 7)))
    for given, result in [
        (torch.float64, "float64"),
        (torch.float32, "float32"),
        (torch.int64, "float32"),
        (torch.uint8, "float32"),
    ]:
        similarity = student.call("cosine_similarity_matrix", a.to(given), b.to(given))
        assert_dtype(similarity, result)
        assert_close(similarity, reference.cosine_similarity_matrix(a.to(given), b.to(given)))


@pytest.mark.question(
    "matrix", points=0.5, hint="What is the shape of the result if one of the matrices has a single row?"
)
def test_matrix_of_single_rows(student, reference, rng):
    """One row against several is still a matrix."""
    a, b = torch.tensor(rng.uniform(0.5, 1.5, size=(4, 6))), torch.tensor(rng.uniform(0.5, 1.5, size=(3, 6)))
    for first, second, shape in [(a[:1], b, (1, 3)), (a, b[:1], (4, 1)), (a[:1], b[:1], (1, 1))]:
        similarity = student.call("cosine_similarity_matrix", first, second)
        assert_shape(similarity, shape)
        assert_close(similarity, reference.cosine_similarity_matrix(first, second))


@pytest.mark.question("matrix", points=0.5, hint="Is the cosine of very short rows as exact as that of long ones?")
def test_matrix_ignores_length(student, reference, rng):
    """The length of a row changes nothing, from 1e-4 to 1e4."""
    a, b = torch.tensor(rng.uniform(0.5, 1.5, size=(3, 6))), torch.tensor(rng.uniform(0.5, 1.5, size=(4, 6)))
    a = a / torch.linalg.vector_norm(a, dim=1, keepdim=True)
    b = b / torch.linalg.vector_norm(b, dim=1, keepdim=True)
    expected = reference.cosine_similarity_matrix(a, b)
    lengths, others = torch.tensor([[2e-4], [1.0], [5e3]]), torch.tensor([[5e3], [2e-4], [0.01], [1.0]])
    assert_close(student.call("cosine_similarity_matrix", lengths * a, others * b), expected)


@pytest.mark.question(
    "matrix", points=1, hint="Four million pairs are too many for a Python loop: one matrix product does them all."
)
def test_matrix_speed(student, reference, rng):
    """Twice 2,000 × 2,000 rows of 16 numbers fit well into the limit of a test, 10 seconds of CPU time."""
    for _ in range(2):
        a, b = torch.tensor(rng.normal(size=(2, 2000, 16)), dtype=torch.float32)
        expected = reference.cosine_similarity_matrix(a.double(), b.double())
        assert_close(student.call("cosine_similarity_matrix", a, b), expected)
