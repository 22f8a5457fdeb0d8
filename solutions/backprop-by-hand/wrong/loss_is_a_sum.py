# loses: test_loss_of_two_predictions, test_loss_is_the_mean_over_all_elements
# Adds where it should average.

# %% question="loss"
def binary_cross_entropy(y, y_hat):
    y = np.asarray(y, dtype=np.float64)
    p = np.clip(np.asarray(y_hat, dtype=np.float64), 1e-12, 1 - 1e-12)
    return float(-np.sum(y * np.log(p) + (1 - y) * np.log1p(-p)))
