# %% question="modules"
def unique_parameters(module, seen):
    """The parameters of a module and of its children that were not met before."""
    own = [p for p in vars(module)["_parameters"].values() if p is not None and id(p) not in seen]
    seen.update(id(p) for p in own)
    for child in module.children():
        own += unique_parameters(child, seen)
    return own


def count_parameters(module, trainable_only=False):
    chosen = unique_parameters(module, set())
    if trainable_only:
        chosen = filter(lambda p: p.requires_grad, chosen)
    return int(sum(torch.numel(p) for p in chosen))


def model_bytes(module):
    return sum(p.untyped_storage().nbytes() for p in unique_parameters(module, set()))


# %% question="autoencoder"
def build_autoencoder(sizes):
    """Two named halves in one Sequential, tanh between the layers and a sigmoid on the output."""
    from collections import OrderedDict

    def half(sizes):
        layers = [nn.Linear(sizes[0], sizes[1])]
        for n, m in pairwise(sizes[1:]):
            layers.extend((nn.Tanh(), nn.Linear(n, m)))
        return layers

    encoder, decoder = nn.Sequential(*half(sizes)), nn.Sequential(*half(sizes[::-1]), nn.Sigmoid())
    return nn.Sequential(OrderedDict(encoder=encoder, decoder=decoder))
