# loses: test_mlp_network_from_class, test_mlp_fresh_sizes, test_mlp_without_hidden_layer

# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    weights = sum(n * m for n, m in pairwise(sizes))
    return weights + sum(sizes) if bias else weights
