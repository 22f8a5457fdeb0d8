# loses: test_matrix_small_example, test_matrix_result_type, test_matrix_of_single_rows, test_matrix_ignores_length, test_matrix_speed
# Compares row i only with row i.
# ruff: noqa: E501 - the first line names every test

# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not a.is_floating_point():
        a, b = a.to(torch.float32), b.to(torch.float32)
    return torch.nn.functional.cosine_similarity(a, b)
