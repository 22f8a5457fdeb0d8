# loses: test_bytes_of_shared_once

# %% question="modules"
def count_parameters(module, trainable_only=False):
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)


def model_bytes(module):
    named = module.named_parameters(remove_duplicate=False)
    return sum(p.numel() * p.element_size() for _, p in named)
