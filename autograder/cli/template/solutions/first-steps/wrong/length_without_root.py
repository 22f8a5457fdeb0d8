# loses: test_length_of_3_4, test_length_in_any_dimension
# Forgets the square root.

# %% question="length"
def length(vector):
    return np.sum(vector**2)
