# loses: test_activations_slopes, test_activations_of_integers_and_numbers, test_activations_of_small_numbers, test_activations_far_out
# Takes the argument of the slope for the output g and not for the pre-activation.
# ruff: noqa: E501 - the first line names every test

# %% question="activations"
def sigmoid(x):
    x = np.asarray(x, dtype=np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def sigmoid_derivative(x):
    x = np.asarray(x, dtype=np.float64)
    return x * (1 - x)


def relu(x):
    return np.maximum(np.asarray(x, dtype=np.float64), 0)


def relu_derivative(x):
    return np.where(np.asarray(x) > 0, 1.0, 0.0)


def leaky_relu(x, slope=0.01):
    x = np.asarray(x, dtype=np.float64)
    return np.where(x > 0, x, slope * x)


def leaky_relu_derivative(x, slope=0.01):
    return np.where(np.asarray(x) > 0, 1.0, slope)


def softplus(x):
    x = np.asarray(x, dtype=np.float64)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softplus_derivative(x):
    return sigmoid(x)
