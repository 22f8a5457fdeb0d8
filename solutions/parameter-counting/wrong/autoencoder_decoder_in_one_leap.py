# loses: test_autoencoder_weights_and_biases, test_autoencoder_is_not_linear

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
        self.decoder = nn.Linear(sizes[-1], sizes[0])

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
