# loses: test_pca_onto_a_line, test_pca_reconstructs, test_pca_learns_from_train_alone, test_pca_does_not_clip, test_pca_is_exact, test_pca_takes_any_numbers
# eigh sorts upwards: the first k are the smallest.
# ruff: noqa: E501 - the first line names every test

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    centre = train.mean(axis=0)
    vectors = np.linalg.eigh(np.cov((train - centre).T))[1][:, :k]
    return centre + (test - centre) @ vectors @ vectors.T
