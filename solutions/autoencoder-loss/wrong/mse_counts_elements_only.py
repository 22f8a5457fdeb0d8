# loses: test_mse_refuses_unequal_shapes
# Compares the numbers of elements instead of the shapes.

# %% question="mse"
def mse_loss(x, x_hat):
    if x.numel() != x_hat.numel():
        raise ValueError("sizes differ")
    return ((x.flatten() - x_hat.flatten()) ** 2).mean()
