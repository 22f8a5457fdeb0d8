# loses: test_matrix_of_single_rows
# Squeezes the result, so that a single row loses its axis.

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not a.is_floating_point():
        a, b = a.to(torch.float32), b.to(torch.float32)
    a = a / a.norm(dim=1, keepdim=True)
    b = b / b.norm(dim=1, keepdim=True)
    return (a @ b.T).squeeze()
