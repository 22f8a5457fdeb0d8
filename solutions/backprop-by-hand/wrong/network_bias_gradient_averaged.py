# loses: test_network_gradient_of_one_layer, test_network_gradient_of_several_outputs, test_network_gradient_of_deep_networks
# Averages the bias gradient once more.
# ruff: noqa: E501 - the first line names every test

# %% question="network"
def init_params(sizes, seed):
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), np.zeros(outputs)) for inputs, outputs in pairwise(sizes)
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
        gradients.append((below.T @ delta, delta.mean(axis=0)))
        delta = (delta @ params[layer][0].T) * below * (1 - below)
    return gradients[::-1]
