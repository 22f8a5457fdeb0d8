# loses: test_loss_is_finite_at_the_ends
# Does not clip: the logarithm of 0 is infinite.

# %% question="loss"
def binary_cross_entropy(y, y_hat):
    y = np.asarray(y, dtype=np.float64)
    p = np.asarray(y_hat, dtype=np.float64)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
