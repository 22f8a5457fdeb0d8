# loses: test_kl_is_the_sum_over_units_of_batch_means, test_kl_of_dead_units, test_kl_lets_gradients_through
# The mean over units instead of their sum.

# %% question="sparsity"
def l1_sparsity(codes, weight):
    return weight * codes.abs().mean()


def kl_sparsity(codes, target=0.05, weight=1.0):
    active = codes.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    divergence = target * torch.log(target / active) + (1 - target) * torch.log((1 - target) / (1 - active))
    return weight * divergence.mean()
