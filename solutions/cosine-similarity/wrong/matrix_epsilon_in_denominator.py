# loses: test_matrix_ignores_length
# Guards the division with an epsilon that short rows feel.

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not a.is_floating_point():
        a, b = a.to(torch.float32), b.to(torch.float32)
    a = a / a.norm(dim=1, keepdim=True).add(1e-8)
    b = b / b.norm(dim=1, keepdim=True).add(1e-8)
    return a @ b.T
