# loses: test_xor_of_real_inputs, test_xor_on_the_edge
# Computes XOR of bits and not the network.

# %% question="xor"
def xor_network(x1, x2):
    v1 = int(bool(x1) and not x2)
    v2 = int(bool(x2) and not x1)
    return v1, v2, int(v1 + v2 - 0.5 > 0)
