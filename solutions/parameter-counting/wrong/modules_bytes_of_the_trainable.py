# loses: test_bytes_worked_example

# %% question="modules"
def count_parameters(module, trainable_only=False):
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)


def model_bytes(module):
    return sum(p.numel() * p.element_size() for p in module.parameters() if p.requires_grad)
