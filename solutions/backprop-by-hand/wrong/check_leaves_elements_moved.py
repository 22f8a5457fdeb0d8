# loses: test_numerical_gradient_leaves_params_alone
# Works on the arrays that it was given and never moves an element back.

# %% question="check"
def numerical_gradient(f, params, eps=1e-6):
    moved = params
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
                slope[place] = (above - below) / (2 * eps)
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
