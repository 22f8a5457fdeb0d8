# loses: test_mse_refuses_unequal_shapes
# Trusts that shapes which do not fit raise by themselves.

# %% question="mse"
def mse_loss(x, x_hat):
    return ((x - x_hat) ** 2).mean()
