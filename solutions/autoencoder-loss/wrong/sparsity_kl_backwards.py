# loses: test_kl_of_one_unit, test_kl_is_the_sum_over_units_of_batch_means, test_kl_of_dead_units, test_kl_lets_gradients_through
# KL(mean ‖ target) for KL(target ‖ mean).
# ruff: noqa: E501 - the first line names every test

# %% question="sparsity"
def l1_sparsity(codes, weight):
    return weight * codes.abs().mean()


def kl_sparsity(codes, target=0.05, weight=1.0):
    active = codes.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    divergence = active * torch.log(active / target) + (1 - active) * torch.log((1 - active) / (1 - target))
    return weight * divergence.sum()
