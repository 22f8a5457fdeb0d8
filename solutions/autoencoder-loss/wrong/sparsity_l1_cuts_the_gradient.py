# loses: test_l1_lets_gradients_through
# A number from numpy: the codes never learn of the price.

# %% question="sparsity"
def l1_sparsity(codes, weight):
    return torch.tensor(weight * np.abs(codes.numpy(force=True)).mean())


def kl_sparsity(codes, target=0.05, weight=1.0):
    active = codes.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    divergence = target * torch.log(target / active) + (1 - target) * torch.log((1 - target) / (1 - active))
    return weight * divergence.sum()
