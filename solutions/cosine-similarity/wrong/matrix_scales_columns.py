# loses: test_matrix_small_example, test_matrix_result_type, test_matrix_of_single_rows, test_matrix_ignores_length, test_matrix_speed
# Normalises along the wrong axis.
# ruff: noqa: E501 - the first line names every test

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not a.is_floating_point():
        a, b = a.to(torch.float32), b.to(torch.float32)
    a = a / a.norm(dim=0, keepdim=True)
    b = b / b.norm(dim=0, keepdim=True)
    return a @ b.T
