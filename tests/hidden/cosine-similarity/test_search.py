"""Hidden tests of the question `search`. Correct parts are handed in, so that no error counts twice."""

import numpy as np
import pytest

from autograder.checks import assert_raises, assert_ranking, assert_type


def hand_in_parts(student, reference):
    """The reference's answers to the questions that this one may build on."""
    for name in ("cosine_similarity", "cosine_similarity_matrix", "sentence_embedding"):
        student.set(name, student.callback(getattr(reference, name)))


def at_cosine(cosine):
    """A vector in the plane that has this cosine with (1, 0)."""
    return np.array([cosine, (1 - cosine**2) ** 0.5], dtype=np.float32)


def fan(rng, words):
    """The query word `north`, and words at clearly different angles from it: the first is the nearest."""
    angles = np.linspace(10, 150, len(words)) + rng.uniform(-3, 3, size=len(words))
    lengths = rng.uniform(0.2, 5, size=len(words))
    vectors = {
        word: (length * np.array([np.cos(angle), np.sin(angle)])).astype(np.float32)
        for word, angle, length in zip(words, np.deg2rad(angles), lengths, strict=True)
    }
    return {"north": np.array([1, 0], dtype=np.float32), **vectors}


def assert_search(student, reference, query, documents, vectors, expected_indices, **k):
    """The search finds exactly these documents in this order, with the reference's scores."""
    found = student.call("semantic_search", query, documents, vectors, **k)
    assert_type(found, list)
    target = reference.sentence_embedding(query, vectors)
    expected = [
        (index, reference.cosine_similarity(target, reference.sentence_embedding(documents[index], vectors)))
        for index in expected_indices
    ]
    assert_ranking(found, expected, rtol=1e-4, atol=4e-6)


@pytest.mark.question(
    "search",
    points=0.5,
    hint="Some documents have no known word. Do the indices of the others still belong to the list you were given?",
)
def test_search_leaves_out_unknown_documents(student, reference, rng):
    """Documents without a known word are left out, and the others keep their indices."""
    hand_in_parts(student, reference)
    vectors = fan(rng, ["one", "two", "three"])
    documents = ["zzz", "three", "", "one qqq", "42!", "two"]
    assert_search(student, reference, "north", documents, vectors, [3, 5, 1], k=6)


@pytest.mark.question(
    "search", points=0.5, hint="When do two scores count as equal, and which document comes first then?"
)
def test_search_breaks_ties_by_index(student, reference):
    """Scores that agree in 6 decimals stand by ascending index, others by score."""
    hand_in_parts(student, reference)
    vectors = {"north": np.array([1, 0], dtype=np.float32), "low": at_cosine(0.6), "more": at_cosine(0.6 + 3e-7)}
    vectors["top"] = at_cosine(0.60001)
    documents = ["low", "more", "top", "low"]
    assert_search(student, reference, "north", documents, vectors, [2, 0, 1, 3], k=4)


@pytest.mark.question(
    "search", points=0.5, hint="How many results are there if k is 1, or larger than the number of documents?"
)
def test_search_returns_at_most_k(student, reference, rng):
    """At most k pairs come back; all of them if there are fewer."""
    hand_in_parts(student, reference)
    vectors = fan(rng, ["one", "two", "three", "four", "five"])
    documents = ["four", "two", "five", "one", "three"]
    for k in (1, 4, 50):
        assert_search(student, reference, "north", documents, vectors, [3, 1, 4, 0, 2][:k], k=k)


@pytest.mark.question("search", points=0.5, hint="What should happen if no word of the query is known?")
def test_search_refuses_unknown_queries(student, reference, rng):
    """A query without a known word raises KeyError."""
    hand_in_parts(student, reference)
    vectors = fan(rng, ["one", "two"])
    assert_search(student, reference, "north", ["two", "one"], vectors, [1, 0], k=2)
    assert_raises(KeyError, student.call, "semantic_search", "zzz qqq", ["two", "one"], vectors)
