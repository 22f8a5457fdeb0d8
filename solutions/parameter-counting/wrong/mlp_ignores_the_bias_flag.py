# loses: test_mlp_without_biases

# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    return sum(n * m + m for n, m in pairwise(sizes))
