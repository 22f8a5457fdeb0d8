# loses: test_mlp_network_from_class, test_mlp_fresh_sizes, test_mlp_without_biases, test_mlp_without_hidden_layer

# %% question="mlp"
import numpy as np


def mlp_parameter_count(sizes, bias=True):
    sizes = np.array(sizes, dtype=float)
    return float(sizes[:-1] @ sizes[1:] + bias * sizes[1:].sum())
