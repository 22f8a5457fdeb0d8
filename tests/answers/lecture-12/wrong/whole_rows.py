# loses: test_patches_picture, test_patches_oblong, test_patches_colour
# The shape is right, but pixels are taken along whole rows of the image.

# %% question="patches"


def patches(image, p):
    h, w, c = image.shape
    if h % p or w % p:
        raise ValueError("p has to divide both sides")
    return image.reshape(-1, p * p * c)
