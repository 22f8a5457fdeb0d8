# loses: test_patches_unfit
# An assertion is another error than the one that was asked for.

# %% question="patches"


def patches(image, p):
    h, w, c = image.shape
    assert h % p == 0
    assert w % p == 0
    cut = image.reshape(h // p, p, w // p, p, c)
    return cut.transpose(0, 2, 1, 3, 4).reshape(-1, p * p * c)
