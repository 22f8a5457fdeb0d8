# Other habits: the trace form of PCA, GELU, batches of 32, a learning rate that falls, keyword arguments of its own.

# %% question="pca"
def pca_reconstruct(train, test, k):
    train, test = (torch.as_tensor(np.array(rows), dtype=torch.float64) for rows in (train, test))
    centre = train.mean(dim=0)
    covariance = (train - centre).T @ (train - centre) / (len(train) - 1)
    projection = sum(torch.outer(v, v) for v in torch.linalg.eigh(covariance).eigenvectors.T.flip(0)[:k])
    return centre + (test - centre) @ projection


# %% question="network"
def half(sizes, activation):
    layers = [nn.Linear(sizes[0], sizes[1])]
    for inputs, outputs in pairwise(sizes[1:]):
        layers.extend([activation(), nn.Linear(inputs, outputs)])
    return layers


def build_autoencoder(sizes, activation=nn.GELU):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(*half(sizes, activation))
            self.decoder = nn.Sequential(*half(sizes[::-1], activation), nn.Sigmoid())

        def forward(self, x):
            return self.decoder(self.encoder(x))

    return Net()


# %% question="train"
import contextlib


@contextlib.contextmanager
def own_seed(seed):
    before = torch.random.get_rng_state()
    try:
        yield torch.random.manual_seed(seed)
    finally:
        torch.random.set_rng_state(before)


def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    with own_seed(seed):
        net = build_autoencoder(sizes, activation=nn.SiLU).to(device=torch.device(device))
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(epochs, 1), eta_min=1e-4)
        generator = torch.Generator()
        generator.manual_seed(seed)
        for _ in range(epochs):
            for batch in torch.split(torch.randperm(data.shape[0]), 32):
                clean = data[batch].to(device)
                code = net.encoder(add_noise(x=clean, sigma=noise, generator=generator))
                loss = mse_loss(x=clean, x_hat=net.decoder(code)) + l1_sparsity(codes=code, weight=l1)
                net.zero_grad()
                loss.backward()
                optimizer.step()
            schedule.step()
    for parameter in net.parameters():
        parameter.grad = None
    return net.eval()
