# The network is a class; the functions that were asked for are thin.

# %% question="network"
class Network:
    def __init__(self, params):
        self.params = params

    def run(self, x):
        trace = [x]
        for weights, bias in self.params:
            trace.append(sigmoid(trace[-1].dot(weights) + bias))
        return trace

    def slopes(self, trace, y):
        delta = (trace[-1] - y) / y.shape[0] / y.shape[1]
        found = []
        for number in range(len(self.params), 0, -1):
            found.append((trace[number - 1].T.dot(delta), delta.sum(0)))
            if number > 1:
                back = delta.dot(self.params[number - 1][0].T)
                delta = back * trace[number - 1] * (1 - trace[number - 1])
        found.reverse()
        return found


def init_params(sizes, seed):
    np.random.seed(seed)
    return [(np.random.randn(a, b), np.random.randn(b) * 0.1) for a, b in pairwise(sizes)]


def forward(params, x):
    trace = Network(params).run(x)
    return trace[-1], trace


def backward(params, cache, y):
    return Network(params).slopes(cache, y)


# %% question="train"
def train_xor(seed):
    best, best_loss = None, np.inf
    for restart in range(10):
        params = init_params([2, 4, 1], seed + 100 * restart)
        for _ in range(3000):
            _, cache = forward(params, XOR_X)
            params = sgd_step(params, backward(params, cache, XOR_Y), lr=3.0)
        loss = binary_cross_entropy(XOR_Y, forward(params, XOR_X)[0])
        if loss < best_loss:
            best, best_loss = params, loss
        if loss < 0.02:
            break
    return best
