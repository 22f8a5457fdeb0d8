"""Public test of the question `search`: an embedding by table and a cosine for the plane are handed in."""

import math

import numpy as np
import pytest

from autograder.checks import assert_ranking, assert_type

VECTORS = {
    "cat": np.array([3, 1], dtype=np.float32),
    "dog": np.array([4, 1], dtype=np.float32),
    "sun": np.array([0, 3], dtype=np.float32),
    "rain": np.array([-1, 2], dtype=np.float32),
}
EMBEDDINGS = {"cat": [3, 1], "dog": [4, 1], "sun": [0, 3], "rain": [-1, 2], "dog and sun": [2, 2]}


def hand_in_parts(student):
    """In the plane the cosine is that of the difference of two compass directions."""

    def embedding(sentence, vectors):
        return np.array(EMBEDDINGS[sentence], dtype=np.float32)

    def cosine(u, v):
        return math.cos(math.atan2(float(u[1]), float(u[0])) - math.atan2(float(v[1]), float(v[0])))

    def matrix(a, b):
        return (a[:, 1].atan2(a[:, 0])[:, None] - b[:, 1].atan2(b[:, 0])[None, :]).cos()

    student.set("sentence_embedding", student.callback(embedding))
    student.set("cosine_similarity", student.callback(cosine))
    student.set("cosine_similarity_matrix", student.callback(matrix))


@pytest.mark.question(
    "search",
    points=1,
    hint="Pairs of index and cosine, the largest cosine first, three of them by default.",
)
def test_search_finds_the_nearest_documents(student):
    """A search for a cat finds the dog first, and three documents by default."""
    hand_in_parts(student)
    documents = ["sun", "dog and sun", "rain", "dog"]
    found = student.call("semantic_search", "cat", documents, VECTORS)
    assert_type(found, list)
    expected = [(3, 13 / math.sqrt(170)), (1, 8 / math.sqrt(80)), (0, 1 / math.sqrt(10))]
    assert_ranking(found, expected, rtol=1e-4)
