# loses: test_noise_leaves_x_alone
# Adds the noise to the tensor that it was given.

# %% question="noise"
def add_noise(x, sigma, generator):
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    x += sigma * noise.to(x.device)
    return x
