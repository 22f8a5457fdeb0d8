# loses: test_matrix_result_type
# Turns float64 into float32.

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    a, b = a.to(torch.float32), b.to(torch.float32)
    a = a / a.norm(dim=1, keepdim=True)
    b = b / b.norm(dim=1, keepdim=True)
    return a @ b.T
