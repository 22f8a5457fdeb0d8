# loses: test_mlp_fresh_sizes, test_mlp_without_biases

# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    inputs, hidden, outputs = sizes[0], sizes[1], sizes[-1]
    layers = len(sizes) - 2
    total = inputs * hidden + (layers - 1) * hidden * hidden + hidden * outputs
    if bias:
        total += layers * hidden + outputs
    return total
