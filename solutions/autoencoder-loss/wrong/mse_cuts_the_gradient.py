# loses: test_mse_lets_gradients_through
# Leaves torch on the way: a number without a history.

# %% question="mse"
def mse_loss(x, x_hat):
    if x.shape != x_hat.shape:
        raise ValueError("shapes differ")
    return torch.tensor(np.mean((x.numpy(force=True) - x_hat.numpy(force=True)) ** 2))
