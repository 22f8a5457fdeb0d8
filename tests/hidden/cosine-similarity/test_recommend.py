"""Hidden tests of the question `recommend`. A correct cosine is handed in, so that no error counts twice."""

import numpy as np
import pytest

from autograder.checks import assert_equal, assert_raises


def hand_in_cosine(student, reference):
    """The reference's answers to the questions that this one may build on."""
    student.set("cosine_similarity", student.callback(reference.cosine_similarity))
    student.set("cosine_similarity_matrix", student.callback(reference.cosine_similarity_matrix))


def at_cosine(cosine, length=1.0):
    """A vector in the plane that has this cosine with (1, 0)."""
    return [length * cosine, length * (1 - cosine**2) ** 0.5]


@pytest.mark.question(
    "recommend", points=0.5, hint="Should a film win because its numbers are large, or a far angle count as near?"
)
def test_recommend_sorts_by_angle(student, reference, rng):
    """The order is that of the angles, whatever the lengths and the signs."""
    hand_in_cosine(student, reference)
    angles = np.deg2rad(rng.permutation(9) * 18 + rng.uniform(2, 12, size=9))
    lengths = 10.0 ** rng.permutation(np.linspace(-2, 2, 9))
    catalogue = {f"film {i}": lengths[i] * np.array([np.cos(angles[i]), np.sin(angles[i])]) for i in range(9)}
    catalogue["liked"] = np.array([1.0, 0.0])
    expected = [f"film {i}" for i in np.argsort(angles)]
    assert_equal(student.call("recommend", "liked", catalogue, k=9), expected, exact=True)
    assert_equal(student.call("recommend", "liked", catalogue, k=4), expected[:4], exact=True)


@pytest.mark.question(
    "recommend",
    points=0.5,
    hint="Is the liked item always the first of the sorted list, and the only one with cosine 1?",
)
def test_recommend_leaves_out_only_the_liked(student, reference):
    """The liked item is left out by name; a film with the same vector is a fine recommendation."""
    hand_in_cosine(student, reference)
    catalogue = {"Alpha": [1.0, 2.0, 2.0], "Liked": [1.0, 2.0, 2.0], "Near": [3.0, 6.0, 7.0], "Other": [3.0, -7.0, 8.0]}
    assert_equal(student.call("recommend", "Liked", catalogue, k=3), ["Alpha", "Near", "Other"], exact=True)
    assert_equal(student.call("recommend", "Alpha", catalogue, k=2), ["Liked", "Near"], exact=True)


@pytest.mark.question(
    "recommend", points=0.5, hint="When do two scores count as equal, and which name comes first then?"
)
def test_recommend_breaks_ties_by_name(student, reference):
    """Scores that agree in 6 decimals stand by name, others by score."""
    hand_in_cosine(student, reference)
    catalogue = {
        "Echo": at_cosine(0.6 + 3e-7),
        "Delta": at_cosine(0.6, length=7.0),
        "Liked": [1.0, 0.0],
        "Charlie": at_cosine(0.60001),
        "Bravo": at_cosine(0.6),
    }
    assert_equal(student.call("recommend", "Liked", catalogue, k=4), ["Charlie", "Bravo", "Delta", "Echo"], exact=True)
    assert_equal(student.call("recommend", "Liked", catalogue, k=2), ["Charlie", "Bravo"], exact=True)


@pytest.mark.question(
    "recommend", points=0.5, hint="What does the box ask for if the liked name is not in the catalogue?"
)
def test_recommend_refuses_unknown_names(student, reference):
    """A name that is not in the catalogue raises KeyError."""
    hand_in_cosine(student, reference)
    catalogue = {"Avatar": [1, 2, 2], "Sequel": [1, 2, 3], "Rainman": [1, -2, 6]}
    assert_equal(student.call("recommend", "Avatar", catalogue, k=2), ["Sequel", "Rainman"], exact=True)
    assert_raises(KeyError, student.call, "recommend", "Titanic", catalogue)
