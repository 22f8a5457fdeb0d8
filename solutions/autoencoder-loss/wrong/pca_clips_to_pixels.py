# loses: test_pca_onto_a_line, test_pca_does_not_clip, test_pca_is_exact, test_pca_takes_any_numbers
# Takes everything for pixels and clips it to [0, 1].

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    centre = train.mean(axis=0)
    directions = np.linalg.svd(train - centre, full_matrices=False)[2][:k]
    return np.clip(centre + (test - centre) @ directions.T @ directions, 0, 1)
