# loses: test_step_makes_new_parameters
# Changes the parameters that it was given.

# %% question="step"
def sgd_step(params, grads, lr):
    for (weights, bias), (d_weights, d_bias) in zip(params, grads, strict=True):
        weights -= lr * d_weights
        bias -= lr * d_bias
    return params
