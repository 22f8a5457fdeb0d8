# loses: test_autoencoder_decodes_the_code

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

    def forward(self, x):
        return self.decoder(torch.relu(self.encoder(x)))


def build_autoencoder(sizes):
    return Autoencoder(sizes)
