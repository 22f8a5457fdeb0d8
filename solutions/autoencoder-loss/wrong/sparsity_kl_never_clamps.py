# loses: test_kl_of_dead_units
# A unit that is never on costs infinitely much.

# %% question="sparsity"
def l1_sparsity(codes, weight):
    return weight * codes.abs().mean()


def kl_sparsity(codes, target=0.05, weight=1.0):
    active = codes.mean(dim=0)
    divergence = target * torch.log(target / active) + (1 - target) * torch.log((1 - target) / (1 - active))
    return weight * divergence.sum()
