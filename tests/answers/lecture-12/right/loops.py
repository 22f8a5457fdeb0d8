# Another right way, which no test may refuse: patch after patch.

# %% question="patches"
import numpy as np


def patches(image, p):
    height, width, _ = image.shape
    if height % p != 0 or width % p != 0:
        raise ValueError("p has to divide both sides")
    rows = []
    for top in range(0, height, p):
        for left in range(0, width, p):
            rows.append(image[top : top + p, left : left + p].ravel())
    return np.stack(rows)
