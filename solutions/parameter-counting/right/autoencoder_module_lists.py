# %% question="autoencoder"
class Half(nn.Module):
    """Linear layers with a learned PReLU between them, kept in lists."""

    def __init__(self, sizes):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)])
        self.bend = nn.PReLU()

    def forward(self, x):
        for linear in self.linears[:-1]:
            x = self.bend(linear(x))
        return self.linears[-1](x)


class AutoEncoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes = sizes
        self.encoder = Half(sizes)
        self.decoder = Half(list(reversed(sizes)))
        self.everything = nn.Sequential(self.encoder, self.decoder)

    def forward(self, x):
        return torch.sigmoid(self.everything(x))  # the sigmoid stands outside the decoder


def build_autoencoder(sizes):
    return AutoEncoder(sizes)
