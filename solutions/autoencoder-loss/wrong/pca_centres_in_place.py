# loses: test_pca_takes_any_numbers
# Writes into the arrays that it was given.

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    centre = train.mean(axis=0)
    train -= centre
    test -= centre
    directions = np.linalg.svd(train, full_matrices=False)[2][:k]
    return centre + test @ directions.T @ directions
