# loses: test_xor_at_the_corners, test_xor_of_real_inputs, test_xor_on_the_edge
# Reads the bias of -0.5 as a threshold of -0.5.

# %% question="xor"
def xor_network(x1, x2):
    v1 = int(x1 - x2 > -0.5)
    v2 = int(x2 - x1 > -0.5)
    return v1, v2, int(v1 + v2 > -0.5)
