# loses: test_pca_is_exact
# Computes in single precision and converts at the end.

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = (torch.as_tensor(rows).float() for rows in (train, test))
    centre = train.mean(dim=0)
    directions = torch.linalg.svd(train - centre, full_matrices=False)[2][:k]
    return (centre + (test - centre) @ directions.T @ directions).double()
