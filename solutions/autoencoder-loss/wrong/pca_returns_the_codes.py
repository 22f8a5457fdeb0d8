# loses: test_pca_onto_a_line, test_pca_reconstructs, test_pca_learns_from_train_alone, test_pca_does_not_clip, test_pca_is_exact, test_pca_takes_any_numbers
# Stops half way, at the codes.
# ruff: noqa: E501 - the first line names every test

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    centre = train.mean(axis=0)
    directions = np.linalg.svd(train - centre, full_matrices=False)[2][:k]
    return (test - centre) @ directions.T
