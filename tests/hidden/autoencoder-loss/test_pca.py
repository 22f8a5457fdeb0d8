"""Hidden tests of the question `pca`."""

import numpy as np
import pytest
import torch
from helpers import lent

from autograder.checks import assert_close, assert_dtype, assert_shape, assert_unchanged


def truth(train, test, k):
    """The reconstruction by the eigenvectors of the covariance matrix."""
    centre = train.mean(axis=0)
    vectors = np.linalg.eigh((train - centre).T @ (train - centre))[1][:, ::-1][:, :k]
    return centre + (test - centre) @ vectors @ vectors.T


def assert_reconstructed(student, train, test, k):
    """Pass if the student's reconstruction is the exact one."""
    result = student.call("pca_reconstruct", train, test, k)
    assert_shape(result, test.shape)
    assert_close(result, truth(train, test, k), rtol=1e-4, atol=1e-4)


def level(test, train):
    """The test images, moved so that their mean is that of train: only one test is about whose mean it is."""
    return test - test.mean(axis=0) + train.mean(axis=0)


def mixed(rng, n, d):
    """n rows in d columns that depend on each other, within [0.2, 0.8]."""
    return 0.5 + 0.3 * np.tanh(0.2 * rng.normal(size=(n, d)) @ rng.normal(size=(d, d)))


@pytest.mark.question("pca", points=0.5, hint="From the pixels to k numbers and back again: how long is each row?")
def test_pca_reconstructs(student, rng):
    """One to all components of random images; with all of them the images come back as they were."""
    train = mixed(rng, 40, 6)
    test = level(train[:9] + 0.02 * rng.normal(size=(9, 6)), train)
    for k in (1, 2, 4):
        assert_reconstructed(student, train, test, k)
    assert_close(student.call("pca_reconstruct", train, test, 6), test, rtol=1e-4, atol=1e-4)


@pytest.mark.question("pca", points=1, hint="Which images decide about the mean and the directions?")
def test_pca_learns_from_train_alone(student, rng):
    """Test images that lie elsewhere, and a single one, are measured with the mean and the directions of train."""
    train, test = mixed(rng, 30, 5), 0.5 + 0.1 * rng.normal(size=(12, 5))
    test[:, 0] += 0.2
    assert_reconstructed(student, train, test, 2)
    assert_reconstructed(student, train, test[:1], 2)


@pytest.mark.question("pca", points=0.5, hint="May a reconstruction be brighter than white?")
def test_pca_does_not_clip(student, rng):
    """Numbers of both signs, also beyond 1."""
    train = rng.normal(size=(25, 7)) * np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.5, 0.1])
    assert_reconstructed(student, train, level(rng.normal(size=(8, 7)), train), 3)


@pytest.mark.question("pca", points=1, hint="In which precision do you compute, and is any step only approximate?")
def test_pca_is_exact(student, rng):
    """Many directions of nearly equal size, far from 0: right to six digits of what varies."""
    train = 1000 + rng.normal(size=(80, 30))
    test = level(rng.normal(size=(10, 30)), train)
    result = student.call("pca_reconstruct", train, test, 4)
    assert_dtype(result, "float64")
    assert_shape(result, test.shape)
    assert_close(np.asarray(result) - 1000, truth(train, test, 4) - 1000, rtol=1e-6, atol=1e-6)


@pytest.mark.question("pca", points=0.5, hint="Try integers, lists and tensors, and look at them again afterwards.")
def test_pca_takes_any_numbers(student, device, rng):
    """Lists, integers and float32 tensors give float64, and no argument is changed."""
    train, test = rng.integers(0, 17, size=(10, 4)), rng.integers(0, 17, size=(3, 4))
    train, test = np.concatenate([train, 16 - train]), np.concatenate([test, 16 - test])
    expected = truth(train.astype(float), test.astype(float), 2)
    forms = [np.ndarray.tolist, np.array]
    if device == "cpu":  # elsewhere a tensor would arrive on the card, and the box says on the CPU
        forms.append(lambda rows: torch.tensor(rows, dtype=torch.float32))
    for form in forms:
        result = student.call("pca_reconstruct", form(train), form(test), 2)
        assert_dtype(result, "float64")
        assert_close(result, expected, rtol=1e-4, atol=1e-4)
    given = [lent(student, rows.astype(float)) for rows in (train, test)]
    assert_close(student.call("pca_reconstruct", *given, 2), expected, rtol=1e-4, atol=1e-4)
    for after, rows in zip(given, (train, test), strict=True):
        assert_unchanged(after.value(), rows.astype(float), "the images")
