# loses: test_bytes_worked_example, test_bytes_of_mixed_dtypes, test_bytes_of_shared_once, test_bytes_leave_buffers_out

# %% question="modules"
def count_parameters(module, trainable_only=False):
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)


def model_bytes(module):
    return sum(p.numel() * p.element_size() * 8 for p in module.parameters())
