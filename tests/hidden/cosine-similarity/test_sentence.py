"""Hidden tests of the question `sentence`."""

import numpy as np
import pytest

from autograder.checks import assert_close, assert_raises


def random_vectors(rng, words):
    """A float32 vector of five numbers for each word."""
    return {word: rng.normal(size=5).astype(np.float32) for word in words}


def mean(vectors, words):
    """The expected embedding of exactly these words."""
    return np.mean([vectors[word].astype(np.float64) for word in words], axis=0).astype(np.float32)


@pytest.mark.question(
    "sentence", points=0.5, hint="How often does a word count that stands three times in the sentence?"
)
def test_sentence_counts_repeated_words(student, rng):
    """A word that occurs several times counts each time."""
    vectors = random_vectors(rng, ["milk", "honey", "cake"])
    expected = mean(vectors, ["milk", "milk", "honey", "milk"])
    assert_close(student.call("sentence_embedding", "milk milk honey milk", vectors), expected)


@pytest.mark.question(
    "sentence", points=0.5, hint="Which characters belong to a word, and which end one? What about capital letters?"
)
def test_sentence_finds_the_words(student, rng):
    """Words are runs of letters, of any alphabet, and apostrophes in lower case; everything else ends one."""
    words = ["don't", "panic", "it's", "milk", "chocolate", "up", "low", "fat", "café", "żurek"]
    decoys = ["don", "t", "panic,", "it", "s", "milk-chocolate:", "7up", "low_fat", "7", "2", "caf", "urek"]
    vectors = random_vectors(rng, words + decoys)
    sentence = "Don't panic, it's MILK-chocolate: 7up!\n(low_fat 2) Café żurek"
    assert_close(student.call("sentence_embedding", sentence, vectors), mean(vectors, words))


@pytest.mark.question("sentence", points=0.5, hint="By how many words do you divide if some of them are unknown?")
def test_sentence_skips_unknown_words(student, rng):
    """Unknown words are skipped and do not count in the mean."""
    vectors = random_vectors(rng, ["milk", "honey"])
    expected = mean(vectors, ["honey", "milk"])
    assert_close(student.call("sentence_embedding", "zzz honey qqq qqq milk", vectors), expected)


@pytest.mark.question("sentence", points=0.5, hint="What should happen if no word of the sentence is known?")
def test_sentence_refuses_unknown_sentences(student, rng):
    """A sentence in which every word is unknown raises KeyError."""
    vectors = random_vectors(rng, ["milk", "honey"])
    assert_close(student.call("sentence_embedding", "honey", vectors), vectors["honey"])
    assert_raises(KeyError, student.call, "sentence_embedding", "zzz qqq", vectors)
