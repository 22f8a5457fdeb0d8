# loses: test_noise_keeps_shape_and_type, test_noise_differs_everywhere
# The result is float64 whatever x is.

# %% question="noise"
def add_noise(x, sigma, generator):
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=torch.float64)
    return x + sigma * noise.to(x.device)
