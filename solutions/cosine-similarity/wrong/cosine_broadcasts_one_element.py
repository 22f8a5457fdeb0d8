# loses: test_cosine_refuses_unequal_lengths
# numpy stretches a vector of one element to any length.

# %% question="cosine"
def cosine_similarity(u, v):
    u = np.asarray(u, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    if lengths == 0:
        raise ValueError("zero vector")
    return float((u * v).sum() / lengths)
