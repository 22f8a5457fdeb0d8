# loses: test_noise_is_normal
# Uniform instead of normal.

# %% question="noise"
def add_noise(x, sigma, generator):
    noise = torch.rand(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return x + sigma * 12**0.5 * (noise.to(x.device) - 0.5)
