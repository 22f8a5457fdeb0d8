# loses: test_network_decoder_has_own_weights
# The decoder's weights are the encoder's, transposed.

# %% question="network"
class Transposed(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = [layer]
        self.weight = nn.Parameter(layer.weight.T)
        self.bias = nn.Parameter(torch.zeros(layer.in_features))

    def forward(self, x):
        return nn.functional.linear(x, self.layer[0].weight.T, self.bias)


def stack(sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = stack(sizes)
        linears = [layer for layer in self.encoder if isinstance(layer, nn.Linear)]
        layers = []
        for layer in reversed(linears):
            layers += [Transposed(layer), nn.ReLU()]
        self.decoder = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
