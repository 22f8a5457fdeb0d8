# loses: test_numerical_gradient_of_a_square, test_numerical_gradient_is_central, test_numerical_gradient_leaves_params_alone, test_gradient_error_of_a_right_gradient, test_gradient_error_finds_planted_mistakes
# Divides by eps instead of 2 eps.
# ruff: noqa: E501 - the first line names every test

# %% question="check"
def numerical_gradient(f, params, eps=1e-6):
    moved = [(np.array(weights, dtype=np.float64), np.array(bias, dtype=np.float64)) for weights, bias in params]
    gradients = []
    for pair in moved:
        slopes = []
        for array in pair:
            slope = np.zeros_like(array)
            for place in np.ndindex(array.shape):
                before = array[place]
                array[place] = before + eps
                above = f(moved)
                array[place] = before - eps
                below = f(moved)
                array[place] = before
                slope[place] = (above - below) / eps
            slopes.append(slope)
        gradients.append(tuple(slopes))
    return gradients


def gradient_error(gradient, params, x, y):
    numerical = numerical_gradient(lambda moved: binary_cross_entropy(y, forward(moved, x)[0]), params)
    mine = np.concatenate([part.ravel() for pair in numerical for part in pair])
    theirs = np.concatenate([np.ravel(part) for pair in gradient(params, x, y) for part in pair])
    if not np.isfinite(theirs).all():
        return float("inf")
    return float(np.abs(mine - theirs).max() / max(np.abs(mine).max(), np.abs(theirs).max()))
