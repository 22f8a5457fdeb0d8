# loses: test_noise_differs_everywhere, test_noise_comes_from_the_generator
# Starts the generator over at each call: every batch is spoilt in the same way.

# %% question="noise"
def add_noise(x, sigma, generator):
    generator = torch.Generator(device=generator.device).manual_seed(generator.initial_seed())
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return x + sigma * noise.to(x.device)
