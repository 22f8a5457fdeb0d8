# loses: test_train_follows_its_seed
# Trains, but from the same start for every seed.

# %% question="train"
def train_xor(seed):
    params = init_params([2, 8, 1], 0)
    for _ in range(4000):
        y_hat, cache = forward(params, XOR_X)
        if binary_cross_entropy(XOR_Y, y_hat) < 0.01:
            break
        params = sgd_step(params, backward(params, cache, XOR_Y), lr=5.0)
    return params
