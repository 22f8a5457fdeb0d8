"""Public test of the question `matrix`."""

import math

import pytest
import torch

from autograder.checks import assert_close


@pytest.mark.question(
    "matrix", points=0.5, hint="Entry (i, j) belongs to row i of a and row j of b; each row has its own length."
)
def test_matrix_small_example(student):
    """Two rows against three give a 2 × 3 tensor of cosines."""
    a = torch.tensor([[1.0, 2.0, 2.0], [3.0, 7.0, 8.0]])
    b = torch.tensor([[1.0, -2.0, 6.0], [2.0, 4.0, 4.0], [0.0, 3.0, 4.0]])
    expected = torch.tensor(
        [
            [9 / (3 * math.sqrt(41)), 1.0, 14 / 15],
            [37 / math.sqrt(122 * 41), 33 / (3 * math.sqrt(122)), 53 / (5 * math.sqrt(122))],
        ]
    )
    assert_close(student.call("cosine_similarity_matrix", a, b), expected)
