# loses: test_cosine_of_narrow_types
# Multiplies in the type of the input: 200 * 200 does not fit into uint8.

# %% question="cosine"
def cosine_similarity(u, v):
    u = np.asarray(u)
    v = np.asarray(v)
    if u.shape != v.shape:
        raise ValueError("different lengths")
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    if lengths == 0:
        raise ValueError("zero vector")
    return float(u @ v / lengths)
