# Optional arguments of its own, elements moved to and fro in place, and restarts with seeds from a generator.

# %% question="activations"
def sigmoid(x, limit=None):
    x = np.asarray(x, dtype=np.float64)
    if limit is not None:
        x = np.clip(x, -limit, limit)
    return np.exp(-np.logaddexp(0, -x))


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-np.asarray(x))


def relu(x):
    return np.where(np.asarray(x) > 0, x, 0.0)


def relu_derivative(x):
    return np.heaviside(np.asarray(x, dtype=np.float64), 0.0)


def leaky_relu(x, slope=0.01):
    return np.where(np.asarray(x) > 0, x, slope * np.asarray(x, dtype=np.float64))


def leaky_relu_derivative(x, slope=0.01):
    return np.where(np.asarray(x) > 0, 1.0, slope)


def softplus(x):
    return np.logaddexp(0, x)


def softplus_derivative(x):
    return sigmoid(x)


# %% question="loss"
def binary_cross_entropy(y, y_hat, clip=1e-10):
    p = np.clip(y_hat, clip, 1 - clip)
    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))


# %% question="network"
def init_params(sizes, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    return [(scale * rng.normal(size=(i, o)), scale * rng.normal(size=o)) for i, o in pairwise(sizes)]


def forward(params, x):
    cache = [x]
    for weights, bias in params:
        cache.append(sigmoid(cache[-1] @ weights + bias, limit=500))
    return cache[-1], cache


def backward(params, cache, y):
    grads, delta = [], (cache[-1] - y) / y.size
    for (weights, _), below in zip(params[::-1], cache[-2::-1], strict=True):
        grads = [(below.T @ delta, delta.sum(0)), *grads]
        delta = delta @ weights.T * below * (1 - below)
    return grads


# %% question="step"
def sgd_step(params, grads, lr, decay=0.0):
    return [(w - lr * dw - lr * decay * w, b - lr * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]


# %% question="check"
def numerical_gradient(f, params, eps=1e-6):
    grads = [(np.zeros_like(w), np.zeros_like(b)) for w, b in params]
    for pair, slopes in zip(params, grads, strict=True):
        for array, slope in zip(pair, slopes, strict=True):
            for place in np.ndindex(array.shape):
                array[place] += eps
                above = f(params)
                array[place] -= 2 * eps
                below = f(params)
                array[place] += eps
                slope[place] = (above - below) / (2 * eps)
    return grads


def gradient_error(gradient, params, x, y):
    theirs = gradient(params, x, y)
    mine = numerical_gradient(lambda p: binary_cross_entropy(y, forward(p, x)[0], clip=1e-12), params)
    if any(np.isnan(part).any() for pair in theirs for part in pair):
        return np.inf
    pairs = [(a, b) for one, other in zip(mine, theirs, strict=True) for a, b in zip(one, other, strict=True)]
    return max(np.abs(a - b).max() for a, b in pairs) / max(np.abs(part).max() for pair in pairs for part in pair)


# %% question="train"
def train_xor(seed):
    rng = np.random.default_rng(seed)
    while True:
        params = init_params([2, 4, 1], rng.integers(10**6), scale=2.0)
        for _ in range(2000):
            _, cache = forward(params, XOR_X)
            params = sgd_step(params, backward(params, cache, XOR_Y), 4.0, decay=0.0)
        if binary_cross_entropy(XOR_Y, forward(params, XOR_X)[0], clip=1e-7) < 0.03:
            return params
