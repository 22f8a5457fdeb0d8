# loses: test_patches_unfit
# Looks at the height only, and cuts the rest off.

# %% question="patches"
import numpy as np


def patches(image, p):
    h, w, _ = image.shape
    if h % p:
        raise ValueError("p has to divide the height")
    rows = [image[y : y + p, x : x + p].ravel() for y in range(0, h, p) for x in range(0, w - p + 1, p)]
    return np.stack(rows)
