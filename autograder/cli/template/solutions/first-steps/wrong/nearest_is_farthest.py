# loses: test_nearest_of_three, test_nearest_of_many, test_nearest_first_of_equals
# Looks for the largest distance.

# %% question="nearest"
def nearest(point, points):
    return int(np.argmax(np.linalg.norm(points - point, axis=1)))
