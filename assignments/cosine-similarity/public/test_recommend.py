"""Public tests of the question `recommend`: a cosine for the plane is handed in."""

import math

import pytest

from autograder.checks import assert_equal

# (action, romance)
FILMS = {"Rainman": [1, 2], "Avatar": [2, 1], "Titanic": [-1, 3], "Ironman": [9, 5]}


def hand_in_cosine(student):
    """In the plane the cosine is that of the difference of two compass directions."""

    def cosine(u, v):
        return math.cos(math.atan2(float(u[1]), float(u[0])) - math.atan2(float(v[1]), float(v[0])))

    def matrix(a, b):
        return (a[:, 1].atan2(a[:, 0])[:, None] - b[:, 1].atan2(b[:, 0])[None, :]).cos()

    student.set("cosine_similarity", student.callback(cosine))
    student.set("cosine_similarity_matrix", student.callback(matrix))


@pytest.mark.question(
    "recommend", points=0.5, hint="The largest cosine comes first, and the result is a list for k=1 too."
)
def test_recommend_after_avatar(student):
    """After Avatar comes Ironman, although Rainman is nearer by distance."""
    hand_in_cosine(student)
    assert_equal(student.call("recommend", "Avatar", dict(FILMS)), ["Ironman"], exact=True)
    assert_equal(student.call("recommend", "Avatar", dict(FILMS), k=2), ["Ironman", "Rainman"], exact=True)


@pytest.mark.question(
    "recommend", points=0.5, hint="What does a slice do when there are fewer items than k, or when k is 0?"
)
def test_recommend_large_and_zero_k(student):
    """More than there are gives all the others, none gives the empty list."""
    hand_in_cosine(student)
    assert_equal(student.call("recommend", "Avatar", dict(FILMS), k=3), ["Ironman", "Rainman", "Titanic"], exact=True)
    assert_equal(student.call("recommend", "Avatar", dict(FILMS), k=10), ["Ironman", "Rainman", "Titanic"], exact=True)
    assert_equal(student.call("recommend", "Avatar", dict(FILMS), k=0), [], exact=True)
