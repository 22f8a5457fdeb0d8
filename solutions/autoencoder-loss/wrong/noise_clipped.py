# loses: test_noise_is_normal, test_noise_is_not_clipped, test_noise_differs_everywhere
# Keeps the pixels between 0 and 1.

# %% question="noise"
def add_noise(x, sigma, generator):
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return (x + sigma * noise.to(x.device)).clamp(0, 1)
