# loses: test_pca_reconstructs, test_pca_learns_from_train_alone, test_pca_does_not_clip, test_pca_is_exact, test_pca_takes_any_numbers
# Directions through the origin: the mean is never taken off.
# ruff: noqa: E501 - the first line names every test

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    directions = np.linalg.svd(train, full_matrices=False)[2][:k]
    return test @ directions.T @ directions
