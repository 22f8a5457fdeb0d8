# loses: test_noise_is_normal, test_noise_is_not_clipped, test_noise_differs_everywhere
# One number for all pixels of an image.

# %% question="noise"
def add_noise(x, sigma, generator):
    noise = torch.randn((len(x), *[1] * (x.dim() - 1)), generator=generator, device=generator.device, dtype=x.dtype)
    return x + sigma * noise.to(x.device)
