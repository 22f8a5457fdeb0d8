# loses: test_count_shared_once, test_count_leaves_buffers_out

# %% question="modules"
def count_parameters(module, trainable_only=False):
    if trainable_only:
        return sum(p.numel() for p in module.parameters() if p.requires_grad)
    return sum(tensor.numel() for tensor in module.state_dict().values())


def model_bytes(module):
    return sum(p.numel() * p.element_size() for p in module.parameters())
