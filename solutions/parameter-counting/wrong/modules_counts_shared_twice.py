# loses: test_count_shared_once

# %% question="modules"
def count_parameters(module, trainable_only=False):
    total = 0
    for layer in module.modules():
        for p in layer.parameters(recurse=False):
            if p.requires_grad or not trainable_only:
                total += p.numel()
    return total


def model_bytes(module):
    return sum(p.numel() * p.element_size() for p in module.parameters())
