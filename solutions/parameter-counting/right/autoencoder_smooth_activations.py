# %% question="autoencoder"
class Net(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        encoder, decoder = nn.Sequential(), nn.Sequential()
        for depth, (wide, narrow) in enumerate(pairwise(sizes)):
            encoder.append(nn.Linear(wide, narrow))
            decoder.insert(0, nn.Linear(narrow, wide))
            if depth < len(sizes) - 2:
                encoder.append(nn.GELU())
                decoder.insert(0, nn.Softplus())
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code)


def build_autoencoder(sizes):
    network = Net(*sizes)
    network.eval()
    return network
