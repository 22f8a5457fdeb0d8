# loses: test_network_code_is_free
# A ReLU after every layer of the encoder, the code included.

# %% question="network"
def stack(sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = nn.Sequential(*stack(sizes), nn.ReLU())
        self.decoder = stack(sizes[::-1])

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
