# loses: test_step_of_one_layer, test_step_makes_new_parameters
# Adds the gradient.

# %% question="step"
def sgd_step(params, grads, lr):
    return [
        (weights + lr * d_weights, bias + lr * d_bias)
        for (weights, bias), (d_weights, d_bias) in zip(params, grads, strict=True)
    ]
