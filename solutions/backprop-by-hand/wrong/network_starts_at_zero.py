# loses: test_network_init_breaks_the_symmetry, test_network_init_follows_its_seed
# Starts with zeros: all units stay the same for ever.

# %% question="network"
def init_params(sizes, seed):
    rng = np.random.default_rng(seed)
    return [(np.zeros((inputs, outputs)), np.zeros(outputs)) for inputs, outputs in pairwise(sizes)]


def forward(params, x):
    activations = [np.asarray(x, dtype=np.float64)]
    for weights, bias in params:
        activations.append(sigmoid(activations[-1] @ weights + bias))
    return activations[-1], activations


def backward(params, cache, y):
    activations = cache
    delta = (activations[-1] - np.asarray(y, dtype=np.float64)) / activations[-1].size
    gradients = []
    for layer in reversed(range(len(params))):
        below = activations[layer]
        gradients.append((below.T @ delta, delta.sum(axis=0)))
        delta = (delta @ params[layer][0].T) * below * (1 - below)
    return gradients[::-1]
