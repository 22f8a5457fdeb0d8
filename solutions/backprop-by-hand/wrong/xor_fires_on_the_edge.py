# loses: test_xor_on_the_edge
# The step is 1 at exactly 0.

# %% question="xor"
def xor_network(x1, x2):
    v1 = int(x1 - x2 - 0.5 >= 0)
    v2 = int(x2 - x1 - 0.5 >= 0)
    return v1, v2, int(v1 + v2 - 0.5 > 0)
