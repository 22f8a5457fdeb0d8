# loses: test_patches_picture, test_patches_colour
# Collects the numbers in an array of floats.

# %% question="patches"
import numpy as np


def patches(image, p):
    h, w, c = image.shape
    if h % p or w % p:
        raise ValueError("p has to divide both sides")
    out = np.zeros((h * w // p**2, p * p * c))
    for k in range(len(out)):
        y, x = divmod(k, w // p)
        out[k] = image[y * p : (y + 1) * p, x * p : (x + 1) * p].ravel()
    return out
