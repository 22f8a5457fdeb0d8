# loses: test_matrix_speed
# Computes four million pairs one by one.

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not a.is_floating_point():
        a, b = a.float(), b.float()
    similarity = torch.zeros(len(a), len(b), dtype=a.dtype)
    for i in range(len(a)):
        for j in range(len(b)):
            similarity[i, j] = a[i] @ b[j] / (a[i].norm() * b[j].norm())
    return similarity
