# loses: test_step

# %% question="step"
import torch


def regression_step(weights: torch.Tensor, x: torch.Tensor, y: torch.Tensor, rate: float) -> torch.Tensor:
    """The gradient added where it has to be taken away."""
    gradient = 2 * x.T @ (x @ weights - y) / len(y)
    return weights + rate * gradient
