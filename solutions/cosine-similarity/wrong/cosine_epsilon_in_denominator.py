# loses: test_cosine_ignores_length
# Guards the division with an epsilon that short arrows feel.

# %% question="cosine"
def cosine_similarity(u, v):
    u = np.asarray(u, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    if u.shape != v.shape:
        raise ValueError("different lengths")
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    if lengths == 0:
        raise ValueError("zero vector")
    return float(u @ v / (lengths + 1e-8))
