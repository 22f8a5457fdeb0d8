# loses: test_patches_colour, test_patches_unfit
# All of one channel stand together, as torch has them.

# %% question="patches"


def patches(image, p):
    h, w, c = image.shape
    if h % p or w % p:
        raise ValueError("p has to divide both sides")
    cut = image.reshape(h // p, p, w // p, p, c)
    return cut.transpose(0, 2, 4, 1, 3).reshape(-1, p * p * c)
