# loses: test_count_trainable_only

# %% question="modules"
def count_parameters(module, trainable_only=False):
    return sum(p.numel() for p in module.parameters())


def model_bytes(module):
    return sum(p.numel() * p.element_size() for p in module.parameters())
