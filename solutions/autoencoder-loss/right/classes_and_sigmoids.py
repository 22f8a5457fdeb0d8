# A class for the network, which ends with a sigmoid outside of its decoder, and one for the training.

# %% question="pca"
class Components:
    def __init__(self, rows, k):
        rows = np.asarray(rows, dtype=np.float64)
        self.mean = rows.mean(axis=0)
        self.axes = np.linalg.svd(rows - self.mean)[2][:k]

    def encode(self, rows):
        return (np.asarray(rows, dtype=np.float64) - self.mean) @ self.axes.T

    def decode(self, codes):
        return codes @ self.axes + self.mean


def pca_reconstruct(train, test, k):
    components = Components(train, k)
    return components.decode(components.encode(test))


# %% question="network"
class Layers(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes))

    def forward(self, x):
        *inner, last = self.layers
        for layer in inner:
            x = torch.tanh(layer(x))
        return last(x)


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder, self.decoder = Layers(sizes), Layers(list(reversed(sizes)))

    def forward(self, x):
        return torch.sigmoid(self.decoder(self.encoder(x)))


def build_autoencoder(sizes):
    return Autoencoder(sizes)


# %% question="sparsity"
def l1_sparsity(codes, weight):
    return torch.linalg.vector_norm(codes, 1) * (weight / codes.numel())


def kl_sparsity(codes, target=0.05, weight=1.0):
    q = torch.mean(codes, 0)
    q = torch.minimum(torch.maximum(q, q.new_tensor(1e-6)), q.new_tensor(1 - 1e-6))
    p = q.new_tensor(target)
    entropy = torch.special.entr(p) + torch.special.entr(1 - p)
    return weight * (-p * q.log() - (1 - p) * torch.log1p(-q) - entropy).sum()


# %% question="train"
class Trainer:
    """Owns everything random, so that nothing global is needed but for the initial weights."""

    def __init__(self, sizes, device, seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.net = build_autoencoder(sizes)
        self.net.to(device)
        self.random = torch.Generator().manual_seed(seed)
        self.optimizer = torch.optim.RAdam(self.net.parameters(), lr=0.003)

    def epoch(self, data, noise, l1):
        data = data[torch.randperm(len(data), generator=self.random)]
        noisy = add_noise(data, noise, self.random)
        for x, spoilt in zip(data.split(50), noisy.split(50)):
            self.step(x, spoilt, l1)

    def step(self, clean, noisy, l1):
        self.optimizer.zero_grad(set_to_none=False)
        codes = self.net.encoder(noisy)
        output = self.net(noisy) if not l1 else self.net.decoder(codes)
        loss = mse_loss(clean, output)
        if l1 > 0:
            loss += l1_sparsity(codes, l1)
        loss.backward()
        self.optimizer.step()


def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    trainer = Trainer(sizes, device, seed)
    for _ in range(epochs):
        trainer.epoch(data.to(device), noise, l1)
    trainer.net.train(False)
    return trainer.net
