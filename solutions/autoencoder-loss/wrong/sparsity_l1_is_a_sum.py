# loses: test_l1_of_two_codes, test_l1_is_the_mean_of_absolute_codes, test_l1_lets_gradients_through
# Sums instead of the mean.

# %% question="sparsity"
def l1_sparsity(codes, weight):
    return weight * codes.abs().sum()


def kl_sparsity(codes, target=0.05, weight=1.0):
    active = codes.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    divergence = target * torch.log(target / active) + (1 - target) * torch.log((1 - target) / (1 - active))
    return weight * divergence.sum()
