# loses: test_length_in_any_dimension
# Takes every vector for an arrow in the plane.

# %% question="length"
def length(vector):
    return (vector[0] ** 2 + vector[1] ** 2) ** 0.5
