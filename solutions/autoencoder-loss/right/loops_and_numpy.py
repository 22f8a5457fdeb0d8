# Row by row and unit by unit; order from numpy, the global generators saved and put back by hand.

# %% question="mse"
def mse_loss(x, x_hat):
    if list(x.shape) != list(x_hat.shape):
        raise ValueError("not the same shape")
    total = 0
    for row, row_hat in zip(x, x_hat):
        total = total + ((row_hat - row) ** 2).sum()
    return total / x.numel()


# %% question="pca"
def pca_reconstruct(train, test, k):
    train = np.array([[float(value) for value in row] for row in train])
    mean = train.mean(0)
    values, vectors = np.linalg.eigh(np.cov(train, rowvar=False))
    best = np.argsort(-values)[:k]
    result = []
    for row in test:
        row = np.array([float(value) for value in row])
        rebuilt = mean.copy()
        for index in best:
            rebuilt = rebuilt + ((row - mean) @ vectors[:, index]) * vectors[:, index]
        result.append(rebuilt)
    return np.array(result)


# %% question="noise"
def add_noise(x, sigma, generator):
    numbers = torch.empty(x.shape, dtype=x.dtype, device=generator.device)
    return x.clone() + numbers.normal_(0, 1, generator=generator).to(x.device) * sigma


# %% question="sparsity"
def l1_sparsity(codes, weight):
    total = 0
    for code in codes:
        total = total + torch.where(code < 0, -code, code).sum()
    return weight * total / codes.numel()


def kl_sparsity(codes, target=0.05, weight=1.0):
    total = 0
    for unit in codes.T:
        active = torch.clamp(unit.mean(), 1e-6, 1 - 1e-6)
        total = total + target * (np.log(target) - active.log())
        total = total + (1 - target) * (np.log(1 - target) - (1 - active).log())
    return weight * total


# %% question="train"
def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    saved = torch.get_rng_state()
    torch.manual_seed(seed)
    net = build_autoencoder(sizes)
    torch.set_rng_state(saved)
    net.to(device).train()
    rng = np.random.default_rng(seed)
    generator = torch.Generator()
    generator.manual_seed(seed + 1000)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0)
    for epoch in range(epochs):
        order = rng.permutation(len(data))
        for start in range(0, len(order), 100):
            x = data[order[start : start + 100]].to(device)
            codes = net.encoder(add_noise(x, noise, generator))
            net.zero_grad()
            (mse_loss(x, net.decoder(codes)) + l1_sparsity(codes, l1)).backward()
            optimizer.step()
    net.eval()
    return net
