# loses: test_step_makes_new_parameters
# Multiplies the gradients by the learning rate in place.

# %% question="step"
def sgd_step(params, grads, lr):
    new = []
    for (weights, bias), (d_weights, d_bias) in zip(params, grads, strict=True):
        d_weights *= lr
        d_bias *= lr
        new.append((weights - d_weights, bias - d_bias))
    return new
