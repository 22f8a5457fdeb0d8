# loses: test_count_worked_example, test_count_shared_once, test_count_leaves_buffers_out, test_count_trainable_only

# %% question="modules"
def count_parameters(module, trainable_only=False):
    return len([p for p in module.parameters() if p.requires_grad or not trainable_only])


def model_bytes(module):
    return sum(p.numel() * p.element_size() for p in module.parameters())
