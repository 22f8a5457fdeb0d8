# loses: test_noise_is_normal
# Takes sigma for the variance.

# %% question="noise"
def add_noise(x, sigma, generator):
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return x + sigma**0.5 * noise.to(x.device)
