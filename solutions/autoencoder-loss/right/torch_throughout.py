# What torch has to offer: its losses, its data loader, its divergence.

# %% question="mse"
def mse_loss(x, x_hat):
    if x.shape != x_hat.shape:
        raise ValueError("not the same shape")
    return nn.functional.mse_loss(x_hat, x)


# %% question="pca"
def pca_reconstruct(train, test, k):
    train = torch.as_tensor(np.array(train)).double()
    test = torch.as_tensor(np.array(test)).double()
    mean = train.mean(dim=0, keepdim=True)
    _, _, v = torch.svd(train - mean)
    return (test - mean) @ v[:, :k] @ v[:, :k].T + mean


# %% question="network"
def build_autoencoder(sizes):
    net = nn.Sequential()
    for name, along in (("encoder", sizes), ("decoder", sizes[::-1])):
        part = nn.Sequential()
        for number, (inputs, outputs) in enumerate(pairwise(along)):
            if number:
                part.append(nn.LeakyReLU())
            part.append(nn.Linear(inputs, outputs))
        net.add_module(name, part)
    return net


# %% question="noise"
def add_noise(x, sigma, generator):
    place = x.to(generator.device)
    return torch.normal(place, float(sigma), generator=generator).to(x.device)


# %% question="sparsity"
def l1_sparsity(codes, weight):
    return weight * nn.functional.l1_loss(codes, torch.zeros_like(codes))


def kl_sparsity(codes, target=0.05, weight=1.0):
    rho = torch.full((codes.shape[1],), target, dtype=codes.dtype, device=codes.device)
    active = codes.mean(0).clamp(1e-6, 1 - 1e-6)
    wanted, found = torch.distributions.Bernoulli(rho), torch.distributions.Bernoulli(active)
    return weight * torch.distributions.kl_divergence(wanted, found).sum()


# %% question="train"
from torch.utils.data import DataLoader, TensorDataset


def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = build_autoencoder(sizes).to(device)
        generator = torch.Generator(device).manual_seed(seed)
        order = torch.Generator().manual_seed(seed)
        loader = DataLoader(TensorDataset(data), batch_size=64, shuffle=True, generator=order)
        optimizer = torch.optim.Adam(net.parameters())
        for _ in range(epochs):
            for (x,) in loader:
                x = x.to(device)
                codes = net.encoder(add_noise(x, noise, generator))
                loss = mse_loss(x, net.decoder(codes)) + l1_sparsity(codes, l1)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return net.eval()
