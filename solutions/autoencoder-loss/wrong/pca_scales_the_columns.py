# loses: test_pca_reconstructs, test_pca_learns_from_train_alone, test_pca_does_not_clip, test_pca_is_exact, test_pca_takes_any_numbers
# Standardises every pixel before, as one often does for other data.
# ruff: noqa: E501 - the first line names every test

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    centre, scale = train.mean(axis=0), train.std(axis=0) + 1e-12
    directions = np.linalg.svd((train - centre) / scale, full_matrices=False)[2][:k]
    return centre + ((test - centre) / scale) @ directions.T @ directions * scale
