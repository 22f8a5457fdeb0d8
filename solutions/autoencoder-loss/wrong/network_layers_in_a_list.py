# loses: test_network_shapes, test_network_weights_and_biases, test_network_is_not_linear, test_network_code_is_free, test_network_decoder_has_own_weights, test_network_decodes_the_code
# The layers stand in a plain list: no optimiser will ever find them.
# ruff: noqa: E501 - the first line names every test

# %% question="network"
def stack(sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return lambda x: run_all(layers[:-1], x)


def run_all(layers, x):
    for layer in layers:
        x = layer(x)
    return x


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = stack(sizes)
        self.decoder = stack(sizes[::-1])

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
