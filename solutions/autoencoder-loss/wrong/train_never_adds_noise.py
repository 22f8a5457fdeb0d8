# loses: test_train_removes_noise, test_train_draws_fresh_noise
# Takes `noise` and does nothing with it.

# %% question="train"
def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = build_autoencoder(sizes).to(device)
    generator = torch.Generator().manual_seed(seed)
    data = data.to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.002, fused=True)
    for _ in range(epochs):
        for rows in torch.randperm(len(data), generator=generator).split(128):
            x = data[rows.to(device)]
            codes = net.encoder(x)
            loss = mse_loss(x, net.decoder(codes)) + l1_sparsity(codes, l1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net.eval()
