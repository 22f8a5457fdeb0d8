# loses: test_autoencoder_decoder_has_own_weights

# %% question="autoencoder"
def stack(sizes):
    layers = []
    for n, m in pairwise(sizes):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = stack(sizes)
        self.decoder = stack(sizes[::-1])
        mirrored = [layer for layer in self.encoder if isinstance(layer, nn.Linear)][::-1]
        own = [layer for layer in self.decoder if isinstance(layer, nn.Linear)]
        for theirs, mine in zip(mirrored, own, strict=True):
            mine.weight = nn.Parameter(theirs.weight.t())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
