# loses: test_network_code_is_free
# A ReLU on the output: no gradient for what falls below 0.

# %% question="network"
def stack(sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = stack(sizes)
        self.decoder = nn.Sequential(*stack(sizes[::-1]), nn.ReLU())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
