# loses: test_matrix_result_type
# Has no conversion: a norm of integers is an error in torch.

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    a = a / a.norm(dim=1, keepdim=True)
    b = b / b.norm(dim=1, keepdim=True)
    return a @ b.T
