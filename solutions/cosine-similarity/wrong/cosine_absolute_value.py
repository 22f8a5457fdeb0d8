# loses: test_cosine_keeps_the_sign
# Takes the cosine for a similarity from 0 to 1.

# %% question="cosine"
def cosine_similarity(u, v):
    u = np.asarray(u, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    if u.shape != v.shape:
        raise ValueError("different lengths")
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    if lengths == 0:
        raise ValueError("zero vector")
    return float(abs(u @ v) / lengths)
