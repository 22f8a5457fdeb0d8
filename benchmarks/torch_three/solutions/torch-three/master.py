# %% [markdown]
# # Three small pieces of a network
# Write each function, run the cell below it, and look at what it prints.

# %%
import torch

# %% [markdown]
# ## The rectifier by hand


# %% question="relu"
def relu(x: torch.Tensor) -> torch.Tensor:
    """x where it is positive, 0 elsewhere; same shape and dtype as x."""
    ### BEGIN SOLUTION
    return torch.where(x > 0, x, torch.zeros_like(x))
    ### END SOLUTION


# %%
print(relu(torch.tensor([-1.0, 0.0, 2.0])).tolist())

# %% [markdown]
# ## Softmax of each row


# %% question="softmax"
def softmax_rows(x: torch.Tensor) -> torch.Tensor:
    """Each row of the matrix x as probabilities; large numbers must not overflow."""
    ### BEGIN SOLUTION
    powers = torch.exp(x - x.max(dim=1, keepdim=True).values)
    return powers / powers.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %%
print(softmax_rows(torch.tensor([[0.0, 1.0], [5.0, 5.0]])).tolist())

# %% [markdown]
# ## One step of linear regression


# %% question="step"
def regression_step(weights: torch.Tensor, x: torch.Tensor, y: torch.Tensor, rate: float) -> torch.Tensor:
    """The weights after one step of gradient descent on the mean squared error of x @ weights against y."""
    ### BEGIN SOLUTION
    weights = weights.detach().clone().requires_grad_()
    loss = ((x @ weights - y) ** 2).mean()
    loss.backward()
    return (weights - rate * weights.grad).detach()
    ### END SOLUTION


# %%
print(regression_step(torch.zeros(2), torch.eye(2), torch.ones(2), 0.5).tolist())
