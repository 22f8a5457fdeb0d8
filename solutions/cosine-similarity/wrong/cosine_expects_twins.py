# loses: test_cosine_of_mixed_kinds
# torch.dot wants two tensors of one type.

# %% question="cosine"
def cosine_similarity(u, v):
    if isinstance(u, torch.Tensor) and not u.is_floating_point():
        u, v = u.double(), v.double()
    if not isinstance(u, torch.Tensor):
        u, v = np.asarray(u, dtype=np.float64), np.asarray(v, dtype=np.float64)
    if len(u) != len(v):
        raise ValueError("different lengths")
    dot = torch.dot(u, v) if isinstance(u, torch.Tensor) else np.dot(u, v)
    lengths = float((u**2).sum()) ** 0.5 * float((v**2).sum()) ** 0.5
    if lengths == 0:
        raise ValueError("zero vector")
    return float(dot) / lengths
