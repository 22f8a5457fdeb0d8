# loses: test_network_init_breaks_the_symmetry
# Gives all units of a layer the same weights.

# %% question="network"
def init_params(sizes, seed):
    rng = np.random.default_rng(seed)
    return [
        (np.repeat(rng.normal(size=(inputs, 1)), outputs, axis=1), np.zeros(outputs))
        for inputs, outputs in pairwise(sizes)
    ]


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
