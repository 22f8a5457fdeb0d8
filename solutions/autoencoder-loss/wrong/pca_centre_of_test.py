# loses: test_pca_learns_from_train_alone
# Centres the test images by their own mean.

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    directions = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:k]
    centre = test.mean(axis=0)
    return centre + (test - centre) @ directions.T @ directions
