# loses: test_network_weights_and_biases
# Linear layers without biases.

# %% question="network"
def stack(sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs, bias=False), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = stack(sizes)
        self.decoder = stack(sizes[::-1])

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
