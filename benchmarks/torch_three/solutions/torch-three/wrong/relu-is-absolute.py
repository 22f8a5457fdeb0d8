# loses: test_relu

# %% question="relu"
import torch


def relu(x: torch.Tensor) -> torch.Tensor:
    """The size of x: negative numbers come through."""
    return x.abs()
