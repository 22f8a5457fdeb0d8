# loses: test_pca_is_exact
# torch.pca_lowrank is a random approximation.

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = (torch.as_tensor(rows).double() for rows in (train, test))
    centre = train.mean(dim=0)
    directions = torch.pca_lowrank(train, q=min(k + 10, *train.shape), niter=4)[2][:, :k]
    return centre + (test - centre) @ directions @ directions.T
