# loses: test_noise_comes_from_the_generator
# Draws from the global generator.

# %% question="noise"
def add_noise(x, sigma, generator):
    return x + sigma * torch.randn_like(x)
