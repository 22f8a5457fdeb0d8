# The quiz's code question as a notebook, so that its tests can be proven like those of an assignment.

# %% question="patches"
import numpy as np


def patches(image: np.ndarray, p: int) -> np.ndarray:
    """The patches of an image in reading order, one in each row."""
    ### BEGIN SOLUTION
    h, w, c = image.shape
    if h % p or w % p:
        raise ValueError(f"{p} does not divide {h} and {w}")
    cut = image.reshape(h // p, p, w // p, p, c)
    return cut.transpose(0, 2, 1, 3, 4).reshape(-1, p * p * c)
    ### END SOLUTION
