# loses: test_activations_far_out
# Writes the formulas down as they stand: beyond 709 the exponential is infinite, below -37 softplus is 0.

# %% question="activations"
def sigmoid(x):
    x = np.asarray(x, dtype=np.float64)
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    s = sigmoid(x)
    return s * (1 - s)


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
    return np.log(1 + np.exp(x))


def softplus_derivative(x):
    return sigmoid(x)
