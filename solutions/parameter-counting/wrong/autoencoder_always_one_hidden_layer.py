# loses: test_autoencoder_weights_and_biases, test_autoencoder_code_is_free, test_autoencoder_is_not_linear, test_autoencoder_output_is_free
# ruff: noqa: E501 - the first line names every test

# %% question="autoencoder"
class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        inputs, hidden, code = sizes
        self.encoder = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, code))
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, inputs))

    def forward(self, x):
        return self.decoder(self.encoder(x))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
