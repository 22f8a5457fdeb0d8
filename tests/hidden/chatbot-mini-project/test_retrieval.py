"""Hidden tests of the questions `chunk` and `retriever`."""

import numpy as np
import pytest

from autograder.checks import assert_equal, assert_raises, assert_ranking


def words(count):
    """Different words."""
    return [f"w{number}" for number in range(count)]


def windows(text, size, overlap):
    """The windows that the box asks for."""
    given = text.split()
    starts = [0] if given else []
    while starts and starts[-1] + size < len(given):
        starts.append(starts[-1] + size - overlap)
    return [" ".join(given[start : start + size]) for start in starts]


@pytest.mark.question("chunk", points=0.5, hint="Which window reaches the last word first? There is none after it.")
def test_chunk_stops_at_the_end(student, rng):
    """The first window that reaches the end is the last one, for many lengths."""
    for count in [*range(1, 16), int(rng.integers(40, 60))]:
        text = " ".join(words(count))
        for size, overlap in [(4, 2), (5, 0), (5, 4), (3, 1)]:
            assert_equal(student.call("chunk", text, size, overlap), windows(text, size, overlap))


@pytest.mark.question("chunk", points=0.5, hint="What separates words? Is the last, shorter window there?")
def test_chunk_keeps_every_word(student):
    """Words are what split() gives; a short text is one window, and one without words is none."""
    assert_equal(student.call("chunk", "  a\tb\n\nc  d\u00a0e ", 2, 0), ["a b", "c d", "e"])
    assert_equal(student.call("chunk", "one, two!", 5, 3), ["one, two!"])
    assert_equal(student.call("chunk", "", 5, 3), [])
    assert_equal(student.call("chunk", " \n ", 5, 3), [])


@pytest.mark.question("chunk", points=0.5, hint="With which overlap would a window never move on?")
def test_chunk_refuses_impossible_overlaps(student):
    """ValueError unless 0 <= overlap < size, also for an empty text."""
    assert_equal(student.call("chunk", "a b c", 3, 0), ["a b c"])
    for text in ("a b c", ""):
        for size, overlap in [(2, 2), (2, 3), (3, -1), (0, 0), (-1, 0)]:
            assert_raises(ValueError, student.call, "chunk", text, size, overlap)


def tabled(vectors):
    """An embedding by table that records what it is asked."""
    calls = []

    def embed(texts):
        calls.append(list(texts))
        return np.array([vectors[text] for text in texts], dtype=np.float64)

    return embed, calls


def cosines(target, rows):
    """The cosine of the target with every row."""
    return rows @ target / np.linalg.norm(rows, axis=1) / np.linalg.norm(target)


@pytest.mark.question("retriever", points=0.5, hint="Do long vectors win because they are long?")
def test_retriever_scores_are_cosines(student, rng):
    """The ranking is that of the angles for vectors of all lengths, negative cosines included."""
    rows = rng.normal(size=(9, 4)) * 10.0 ** rng.uniform(-2, 2, size=(9, 1))
    target = rng.normal(size=4) * 3
    rows[::3] *= -np.sign(rows[::3] @ target)[:, None]  # these three point the other way
    names = [f"text {number}" for number in range(9)]
    embed, _ = tabled(dict(zip([*names, "query"], [*rows, target], strict=True)))
    found = student.new("Retriever", names, student.callback(embed)).call("search", "query", 9)
    scores = cosines(target, rows)
    order = np.argsort(-scores)
    assert_ranking(found, [(int(i), float(scores[i])) for i in order], rtol=1e-6, atol=1e-6)


@pytest.mark.question("retriever", points=0.5, hint="How often do you embed the documents, and when?")
def test_retriever_embeds_documents_once(student):
    """One call with all documents, then one with the query for each search; lists of lists will do."""
    vectors = {"a": [1.0, 0.0], "b": [0.0, 2.0], "first": [3.0, 1.0], "second": [1.0, 3.0]}
    calls = []

    def embed(texts):
        calls.append(list(texts))
        return [vectors[text] for text in texts]

    retriever = student.new("Retriever", ["a", "b"], student.callback(embed))
    assert_equal(calls, [["a", "b"]])
    assert_ranking(retriever.call("search", "first", 1), [(0, 3 / 10**0.5)], atol=1e-6)
    assert_ranking(retriever.call("search", "second", 1), [(1, 3 / 10**0.5)], atol=1e-6)
    assert_equal(calls, [["a", "b"], ["first"], ["second"]])


@pytest.mark.question("retriever", points=0.5, hint="When do two scores count as equal, and which index comes first?")
def test_retriever_breaks_ties_by_index(student):
    """Scores that agree in 6 decimals stand by index, others by score."""

    def at(cosine, length=1.0):
        return [length * cosine, length * (1 - cosine**2) ** 0.5]

    rows = [at(0.6), at(0.6 + 3e-7), at(0.60001), at(0.6, length=7.0), at(-0.5)]
    names = ["e", "d", "c", "b", "a"]
    embed, _ = tabled(dict(zip([*names, "query"], [*rows, [2.0, 0.0]], strict=True)))
    retriever = student.new("Retriever", names, student.callback(embed))
    expected = [(2, 0.60001), (0, 0.6), (1, 0.6), (3, 0.6), (4, -0.5)]
    assert_ranking(retriever.call("search", "query", 5), expected, rtol=0, atol=2e-6)
    assert_ranking(retriever.call("search", "query", 2), expected[:2], rtol=0, atol=2e-6)


@pytest.mark.question("retriever", points=0.5, hint="What if k is 0, or more than there is?")
def test_retriever_of_any_k(student):
    """At most k pairs; none for 0, all for more than there are."""
    vectors = {"a": [0.0, 1.0], "b": [1.0, 1.0], "c": [1.0, 0.0], "query": [1.0, 0.1]}
    embed, _ = tabled(vectors)
    retriever = student.new("Retriever", ["a", "b", "c"], student.callback(embed))
    scores = cosines(np.array(vectors["query"]), np.array([vectors[name] for name in "abc"]))
    ranking = [(index, float(scores[index])) for index in (2, 1, 0)]
    for k in (2, 3, 50):
        assert_ranking(retriever.call("search", "query", k), ranking[:k], atol=1e-6)
    assert_equal(retriever.call("search", "query", 0), [])


@pytest.mark.question("retriever", points=0.5, hint="Where do the vectors live: in the object, or in something shared?")
def test_retrievers_share_nothing(student):
    """A second retriever changes nothing in the first, and both keep their documents."""
    embed, _ = tabled({"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [0.0, 5.0], "query": [1.0, 0.0]})
    first = student.new("Retriever", ["a", "b"], student.callback(embed))
    second = student.new("Retriever", ["c"], student.callback(embed))
    assert_equal(first.get("documents"), ["a", "b"])
    assert_equal(second.get("documents"), ["c"])
    assert_ranking(first.call("search", "query", 5), [(0, 1.0), (1, 0.0)], atol=1e-6)
    assert_ranking(second.call("search", "query", 5), [(0, 0.0)], atol=1e-6)
