# loses: test_loss_of_two_predictions, test_loss_is_the_mean_over_all_elements, test_loss_is_exact_near_the_ends, test_loss_is_finite_at_the_ends
# Counts only the examples of class 1.
# ruff: noqa: E501 - the first line names every test

# %% question="loss"
def binary_cross_entropy(y, y_hat):
    y = np.asarray(y, dtype=np.float64)
    p = np.clip(np.asarray(y_hat, dtype=np.float64), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p)))
