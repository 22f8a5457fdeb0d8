# loses: test_autoencoder_output_is_free
# The decoder sees only the positive half of the code, if there are hidden layers.

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
        if len(sizes) > 2:
            self.decoder.insert(0, nn.ReLU())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
