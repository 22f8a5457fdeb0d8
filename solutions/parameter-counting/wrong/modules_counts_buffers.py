# loses: test_count_leaves_buffers_out

# %% question="modules"
def count_parameters(module, trainable_only=False):
    total = sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)
    return total + sum(b.numel() for b in module.buffers())


def model_bytes(module):
    return sum(p.numel() * p.element_size() for p in module.parameters())
