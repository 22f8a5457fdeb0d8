"""The three tests for graders that run them beside the student's code: same inputs, same tolerance, same answers asked.

Each function is named `test_<question>` and takes the student's function by its name. It becomes one autograder cell
for nbgrader and one exception-based test file for otter-grader.
"""

from collections.abc import Callable

import numpy as np
import torch

Matrix = Callable[[torch.Tensor], torch.Tensor]
Step = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, float], torch.Tensor]


def test_relu(relu: Matrix) -> None:
    """The rectifier keeps what is positive and only that."""
    x = torch.from_numpy(np.random.default_rng(7).normal(size=(4, 8)))
    torch.testing.assert_close(relu(x), torch.relu(x))


def test_softmax(softmax_rows: Matrix) -> None:
    """Rows are probabilities, also when the numbers are large."""
    x = torch.from_numpy(np.random.default_rng(7).normal(size=(4, 8)))
    torch.testing.assert_close(softmax_rows(x), torch.softmax(x, dim=1))
    torch.testing.assert_close(softmax_rows(x * 1000), torch.softmax(x * 1000, dim=1))


def test_step(regression_step: Step) -> None:
    """One step goes down the gradient of the mean squared error."""
    rng = np.random.default_rng(7)
    x, y, weights = (torch.from_numpy(rng.normal(size=size)) for size in ((16, 3), (16,), (3,)))
    expected = weights - 0.1 * 2 * x.T @ (x @ weights - y) / len(y)
    torch.testing.assert_close(regression_step(weights, x, y, 0.1), expected)
