"""Public tests: one for each code question."""

import pytest

from autograder.checks import assert_close, assert_equal, assert_probabilities, assert_type


@pytest.mark.question(
    "redact", points=1, hint="Try the three patterns one by one: which example does each of them miss?"
)
def test_redact_examples(student):
    """One address, one phone number and one card number."""
    assert_equal(student.call("redact", "Write to a+b@x.y.edu today"), "Write to <email> today")
    assert_equal(student.call("redact", "Call (206) 555-0142 now"), "Call <phone> now")
    assert_equal(student.call("redact", "It is 4000 1234 5678 9017, I think"), "It is <card>, I think")


@pytest.mark.question("tokenize", points=0.5, hint="Which characters are tokens of their own, and which only separate?")
def test_tokenize_a_sentence(student):
    """A sentence with capitals, an apostrophe, a number and two marks."""
    tokens = student.call("tokenize", "Don't forget: room 125, please!")
    assert_equal(tokens, ["don't", "forget", "room", "125", ",", "please", "!"])


def two_word_model(student):
    """A table with three words, the same after every context."""
    student.set("tokenize", student.get("at_spaces"))
    return student.new("TableModel", {"*": {"yes": 0.5, "no": 0.25, ".": 0.15, "</s>": 0.05, "<unk>": 0.05}})


@pytest.mark.question("use", points=0.5, hint="How many probabilities does a sentence of two words have?")
def test_perplexity_of_a_table(student):
    """One sentence of two words: three probabilities."""
    assert_close(student.call("perplexity", two_word_model(student), ["yes no"]), (0.5 * 0.25 * 0.05) ** (-1 / 3))


@pytest.mark.question("use", points=0.5, hint="Sort by falling probability, and take k.")
def test_suggest_from_a_table(student):
    """The two most probable words."""
    assert_equal(student.call("suggest", two_word_model(student), "yes", 2), ["yes", "no"])


@pytest.mark.question("ngram", points=0.5, hint="Write down all pairs of the two sentences, the ends included.")
def test_bigrams_of_two_sentences(student):
    """A bigram model of two sentences, smoothed with one half."""
    student.set("tokenize", student.get("at_spaces"))
    model = student.new("NgramModel", 2, 0.5)
    model.call("fit", ["see you soon", "see you"])
    pairs = [[["see"], "you"], [["see", "you"], "</s>"], [[], "soon"]]
    expected = [count / (2 + 5 * 0.5) for count in (2 + 0.5, 1 + 0.5, 0.5)]
    assert_close(student.call("probabilities", model, pairs), expected)


@pytest.mark.question("neural", points=0.5, hint="How many logits does the network have for each place, and for what?")
def test_train_on_three_sentences(student):
    """After one epoch on three sentences the model has the right vocabulary, and its probabilities sum to 1."""
    student.set("tokenize", student.get("at_spaces"))
    student.set("redact", student.get("as_it_is"))
    model = student.keep("train_language_model", ["see you soon .", "see you .", "call me ?"], "cpu", 0, 1)
    words = [".", "</s>", "<unk>", "?", "call", "me", "see", "soon", "you"]
    vocabulary = model.get("vocabulary")
    assert_type(vocabulary, list)
    assert_equal(sorted(map(repr, vocabulary)), sorted(map(repr, words)))
    chances = student.call("distribution", model, ["see", "you"])
    assert_type(chances, dict)
    assert_equal(sorted(map(repr, chances)), sorted(map(repr, words)))
    assert_probabilities(chances, atol=1e-5)
