# loses: test_bytes_of_mixed_dtypes

# %% question="modules"
def count_parameters(module, trainable_only=False):
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)


def model_bytes(module):
    return 4 * count_parameters(module)
