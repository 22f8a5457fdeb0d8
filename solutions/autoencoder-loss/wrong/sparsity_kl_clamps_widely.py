# loses: test_kl_of_dead_units
# Clamps to a hundredth, where training still happens.

# %% question="sparsity"
def l1_sparsity(codes, weight):
    return weight * codes.abs().mean()


def kl_sparsity(codes, target=0.05, weight=1.0):
    active = codes.mean(dim=0).clamp(1e-2, 1 - 1e-2)
    divergence = target * torch.log(target / active) + (1 - target) * torch.log((1 - target) / (1 - active))
    return weight * divergence.sum()
