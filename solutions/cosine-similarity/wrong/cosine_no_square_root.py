# loses: test_cosine_of_the_lecture_movies, test_cosine_keeps_the_sign, test_cosine_ignores_length, test_cosine_of_narrow_types, test_cosine_of_mixed_kinds
# Divides by the squared lengths.
# ruff: noqa: E501 - the first line names every test

# %% question="cosine"
def cosine_similarity(u, v):
    u = np.asarray(u, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    if u.shape != v.shape:
        raise ValueError("different lengths")
    lengths = (u @ u) * (v @ v)
    if lengths == 0:
        raise ValueError("zero vector")
    return float(u @ v / lengths)
