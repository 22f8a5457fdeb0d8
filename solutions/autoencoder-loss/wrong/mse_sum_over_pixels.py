# loses: test_mse_of_two_small_images, test_mse_is_the_mean_over_all_elements, test_mse_lets_gradients_through
# The mean over images of the sum over pixels.

# %% question="mse"
def mse_loss(x, x_hat):
    if x.shape != x_hat.shape:
        raise ValueError("shapes differ")
    squares = (x - x_hat) ** 2
    return squares.reshape(len(x), -1).sum(dim=1).mean()
