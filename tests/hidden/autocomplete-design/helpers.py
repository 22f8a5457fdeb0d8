"""What several tests need: plain sentences, and a model's answers from inside the student's process."""

import time

from autograder.checks import assert_count, assert_equal, assert_probabilities, assert_type

_CONTEXTS, _SECONDS = 20, 0.0002
"""The reference's network takes so long for one distribution on the machine on which limits of time were measured."""


def slowness(reference):
    """How many times slower this machine is at the moment than that one, 1 at least: limits of time grow with it."""
    contexts = [sentence.split()[:9] for sentence in reference.held_out[:_CONTEXTS]]
    started = time.process_time()
    for context in contexts:
        reference.distribution(reference.neural, context)
    return max(1.0, (time.process_time() - started) / _CONTEXTS / _SECONDS)


def plain(reference, texts):
    """The texts with every token standing alone, so that cutting at spaces is a right tokenizer for them."""
    return [" ".join(reference.tokenize(text)) for text in texts]


def tokens_stand_alone(student):
    """Put simple functions in the place of `tokenize` and `redact`: a mistake in them costs nothing here."""
    student.set("tokenize", student.get("at_spaces"))
    student.set("redact", student.get("as_it_is"))


def vocabulary_of(texts):
    """Every token of plain texts once, and the two markers."""
    return sorted({"<unk>", "</s>", *(token for text in texts for token in text.split())})


def assert_vocabulary(model, words):
    """Pass if `.vocabulary` is a list of exactly these words, each of them once."""
    vocabulary = model.get("vocabulary")
    assert_type(vocabulary, list)
    assert_equal(sorted(map(repr, vocabulary)), sorted(map(repr, words)))


def distribution(student, model, context, words):
    """The model's probability of each of its words after a context, checked: all of `words`, in [0, 1], 1 in all."""
    chances = student.call("distribution", model, context)
    assert_type(chances, dict)
    assert_equal(sorted(map(repr, chances)), sorted(map(repr, words)))
    assert_probabilities(chances, atol=1e-5)
    return chances


def chances_of(student, model, sentences):
    """The model's probability of every token of plain sentences, ends included: one list, asked for in one call."""
    asked = []
    for sentence in sentences:
        tokens = [*sentence.split(), "</s>"]
        asked += [[tokens[:place], token] for place, token in enumerate(tokens)]
    found = student.call("probabilities", model, asked)
    assert_type(found, list)
    assert_count(len(found), len(asked))
    return found
