# loses: test_mlp_without_hidden_layer

# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    total = sizes[0] * sizes[1] + sizes[-2] * sizes[-1]  # into the first and out of the last hidden layer
    for n, m in pairwise(sizes[1:-1]):
        total += n * m
    return total + (sum(sizes[1:]) if bias else 0)
