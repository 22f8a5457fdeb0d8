"""Hidden tests of the question `ngram`."""

import pytest
from grammar import sentences
from helpers import assert_vocabulary, distribution, plain, slowness, tokens_stand_alone, vocabulary_of

from autograder.checks import assert_close, assert_usage
from autograder.grading import prepared

# Measured: 20 distributions of 88 words take 0.001 to 0.002 s of CPU time with counts that are looked up, and 1.0 s if
# all n-grams are searched again for every word. The box says 10 ms for one.
LOOK_UPS, SECONDS = 20, 0.2


@pytest.fixture
def texts(reference, rng):
    """120 sentences, other ones for each test."""
    return plain(reference, sentences(int(rng.integers(2**31)), 120))


def fitted(student, n, smoothing, texts):
    """The student's model, fitted to plain texts."""
    tokens_stand_alone(student)
    model = student.new("NgramModel", n, smoothing)
    model.keep("fit", texts)
    return model


def expected_model(reference, n, smoothing, texts):
    """The reference's model of the same texts."""
    model = reference.NgramModel(n, smoothing)
    model.fit(texts)
    return model


def assert_same(student, reference, model, expected, contexts):
    """The probability of every word after each of the contexts is the reference's."""
    asked = [[context, word] for context in contexts for word in expected.vocabulary]
    assert_close(student.call("probabilities", model, asked), [expected.prob(*pair) for pair in asked])


@pytest.mark.question("ngram", points=0.5, hint="Which markers are in the vocabulary, and how often is each token?")
def test_ngram_vocabulary(student, texts):
    """Every token once, the unknown one and the end; no beginning."""
    assert_vocabulary(fitted(student, 3, 1, texts), vocabulary_of(texts))


@pytest.mark.question(
    "ngram", points=1, hint="What is k added to, above and below the line? What stands before a word?"
)
def test_ngram_probabilities(student, reference, rng, texts):
    """Probabilities after beginnings, in the middle and after the last token, for several n and k."""
    contexts = [[], *(text.split()[:place] for text in texts[:2] for place in (1, 2, 5, None))]
    for n, smoothing in [(2, 0.1), (3, 1), (4, float(rng.uniform(0.01, 2)))]:
        expected = expected_model(reference, n, smoothing, texts)
        assert_same(student, reference, fitted(student, n, smoothing, texts), expected, contexts)


@pytest.mark.question("ngram", points=0.5, hint="Sum the probabilities of all words after a context never seen.")
def test_ngram_sums_to_one(student, texts):
    """After seen and unseen contexts the probabilities of the vocabulary sum to 1."""
    model = fitted(student, 3, 0.2, texts)
    for context in ([], texts[0].split()[:3], ["never", "seen"], ["</s>"]):
        distribution(student, model, context, vocabulary_of(texts))


@pytest.mark.question("ngram", points=0.5, hint="How many tokens of the context count if n is 1, or 3?")
def test_ngram_takes_the_last_words(student, reference, texts):
    """Only the last n-1 tokens count, none for n = 1, and contexts may be shorter than that."""
    first, second = (text.split()[:6] for text in texts[:2])
    contexts = [[], first[:1], first, [*second, *first], [*first[:2], "zebra", *first[2:]], ["zebra"]]
    for n in (1, 3, 5):
        expected = expected_model(reference, n, 0.3, texts)
        assert_same(student, reference, fitted(student, n, 0.3, texts), expected, contexts)


@pytest.mark.question("ngram", points=0.5, hint="What is the probability of a word that never occurred?")
def test_ngram_unknown_words(student, reference, texts):
    """A word that is not in the vocabulary has the probability of <unk>, after any context."""
    model, expected = fitted(student, 2, 0.5, texts), expected_model(reference, 2, 0.5, texts)
    contexts = [texts[0].split()[:2], ["zebra"]]
    found = student.call("probabilities", model, [[c, word] for c in contexts for word in ("zebra", "<s>", "<unk>")])
    assert_close(found, [expected.prob(c, "<unk>") for c in contexts for _ in range(3)])


@pytest.mark.question("ngram", points=0.5, hint="Where are the counts kept, and what happens to them in a second fit?")
def test_ngram_models_are_apart(student, reference, texts):
    """A second model leaves the first alone, and a second fit begins anew."""
    model = fitted(student, 2, 1, texts)
    other = fitted(student, 2, 1, texts[:40])
    contexts = [[], texts[0].split()[:1], texts[50].split()[:3]]
    assert_same(student, reference, model, expected_model(reference, 2, 1, texts), contexts)
    other.keep("fit", texts[40:80])
    assert_vocabulary(other, vocabulary_of(texts[40:80]))
    assert_same(student, reference, other, expected_model(reference, 2, 1, texts[40:80]), contexts)


@prepared
def large(student, reference):
    """A trigram model of 600 sentences, and contexts to ask it for."""
    texts = plain(reference, sentences(7, 600 + LOOK_UPS))
    contexts = [text.split()[:5] for text in texts[600:]]
    return fitted(student, 3, 0.1, texts[:600]), contexts, vocabulary_of(texts[:600])


@pytest.mark.question("ngram", points=1, hint="Count once, in fit. What does prob have to do then?")
def test_ngram_answers_quickly(student, large, reference):
    """Twenty suggestions' worth of probabilities in 10 ms each."""
    model, contexts, words = large

    def ask():
        for context in contexts:
            distribution(student, model, context, words)

    assert_usage(student.usage, ask, cpu_seconds=SECONDS * slowness(reference))
