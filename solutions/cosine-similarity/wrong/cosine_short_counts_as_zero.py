# loses: test_cosine_ignores_length
# Takes a short arrow for the zero vector.

# %% question="cosine"
def cosine_similarity(u, v):
    u = np.asarray(u, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    if u.shape != v.shape:
        raise ValueError("different lengths")
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    if lengths < 1e-6:
        raise ValueError("zero vector")
    return float(u @ v / lengths)
