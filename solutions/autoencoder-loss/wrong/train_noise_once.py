# loses: test_train_draws_fresh_noise
# Spoils the images once, before the first epoch.

# %% question="train"
def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = build_autoencoder(sizes).to(device)
    generator = torch.Generator().manual_seed(seed)
    data = data.to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.002, fused=True)
    noisy = add_noise(data, noise, generator)
    for _ in range(epochs):
        for rows in torch.randperm(len(data), generator=generator).split(128):
            x = data[rows.to(device)]
            codes = net.encoder(noisy[rows.to(device)])
            loss = mse_loss(x, net.decoder(codes)) + l1_sparsity(codes, l1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net.eval()
