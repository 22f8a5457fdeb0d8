"""Hidden tests of the question `neural`. One network is trained for all tests but those of the seed and of privacy."""

import numpy as np
import pytest
from grammar import ASKING, NEW, OFFICES, TELLING, VERBS, sentences
from helpers import assert_vocabulary, chances_of, distribution, plain, slowness, tokens_stand_alone, vocabulary_of

from autograder.checks import (
    assert_close,
    assert_count,
    assert_equal,
    assert_type,
    assert_usage,
    assert_within,
    bigram,
    perplexity,
    token_probabilities,
)
from autograder.grading import prepared

TRAINING, HELD_OUT, EPOCHS = 600, 40, 15
# Measured over five seeds, as parts of the bigram's perplexity (3.0): LSTM 0.61 to 0.62 (0.67 with batches of 64 and a
# learning rate of 0.005), GRU and plain RNN 0.63 to 0.66, transformer and window of 20 tokens 0.62 to 0.63;
# windows of three and of two tokens 0.79 to 0.83.
AT_MOST = 0.75
# The share of the named office's things, over the same seeds: LSTM 0.95 to 0.98 (with batches of 64 and 0.01 0.83 to
# 0.94, with 0.005 0.39 to 0.54), GRU 0.48 to 0.95, plain RNN 0.58 to 0.89, the other two 0.96 and more; windows of two
# and three tokens 0.24 to 0.26 (0.23 to 0.27 over ten seeds).
FAR_BACK = 0.35
# Measured for the distribution of 88 words after a new context: LSTM 0.2 ms, transformer 0.6 ms; with a forward pass
# for each word the LSTM takes 13 ms. The box says 5 ms.
LOOK_UPS, SECONDS = 20, 0.1


@prepared
def trained(student, reference, rng, device):
    """A model of 600 sentences, those sentences, and 40 that it has not seen."""
    seed = int(rng.integers(2**31))
    texts = sentences(seed, TRAINING)
    held_out = plain(reference, sentences(seed + 1, HELD_OUT, texts))
    texts = plain(reference, texts)
    tokens_stand_alone(student)
    return student.keep("train_language_model", texts, device, 1, EPOCHS), texts, held_out


@pytest.mark.question("neural", points=2, hint="Does the loss fall? Is every target the token after its input?")
def test_neural_beats_bigrams(student, trained):
    """On held-out sentences it is less surprised than an interpolated bigram model, by a margin."""
    model, texts, held_out = trained
    words = vocabulary_of(texts)
    for sentence in held_out[:3]:
        distribution(student, model, sentence.split()[:4], words)
    split = [sentence.split() for sentence in held_out]
    rival = bigram([text.split() for text in texts], words, weight=0.95)
    answers = iter(chances_of(student, model, held_out))
    own = token_probabilities(lambda context, word: next(answers), split)
    assert_within(perplexity(own), 1, AT_MOST * perplexity(token_probabilities(rival, split)))


@pytest.mark.question("neural", points=1, hint="How many tokens of the context reach your network?")
def test_neural_looks_far_back(student, rng, trained):
    """What the office that was named deals with gets at least 0.35 of the probability of all things; by chance 0.25."""
    model, texts, _ = trained
    words, found = vocabulary_of(texts), []
    for opening in [*ASKING, *TELLING]:
        for office, things in OFFICES.items():
            context = f"{opening} {rng.choice(VERBS)} the {office} about the {rng.choice(NEW)}".lower().split()
            chances = distribution(student, model, context, words)
            all_things = sum(chances[thing] for some in OFFICES.values() for thing in some)
            found.append(sum(chances[thing] for thing in things) / max(all_things, 1e-30))
    assert_within(float(np.mean(found)), FAR_BACK, 1)


@pytest.mark.question(
    "neural", points=1, hint="After any context, also an unknown one: do all words sum to 1, twice alike?"
)
def test_neural_is_a_distribution(student, trained):
    """The vocabulary is right, every context gives a distribution, and asking again gives the same."""
    model, texts, held_out = trained
    words = vocabulary_of(texts)
    assert_vocabulary(model, words)
    contexts = [[], ["zebra"], held_out[0].split() * 3, held_out[1].split()[:4]]
    first, again = ([distribution(student, model, context, words) for context in contexts] for _ in range(2))
    assert_close(again, first)
    assert_count(len(first), len(contexts))
    assert_within(np.array([min(chances.values()) for chances in first]), 1e-30, 1)
    unknown = student.call("probabilities", model, [[contexts[3], word] for word in ("zebra", "<s>", "<unk>")])
    assert_close(unknown, [first[3]["<unk>"]] * 3)


@pytest.mark.question(
    "neural", points=0.5, hint="Which numbers are drawn before and during training, and from what seed?"
)
def test_neural_follows_its_seed(student, reference, device):
    """The same seed gives the same model, another seed another one."""
    tokens_stand_alone(student)
    texts = plain(reference, sentences(3, 40))
    words, found = vocabulary_of(texts), []
    for seed in (4, 4, 5):
        model = student.keep("train_language_model", texts, device, seed, 1)
        found.append(distribution(student, model, ["please", "ask"], words))
    assert_close(found[1], found[0])
    assert_within(max(abs(found[2][word] - found[0][word]) for word in words), 1e-6, 1)


@pytest.mark.question(
    "neural", points=1, hint="When are the sentences redacted, and which sentences make the vocabulary?"
)
def test_neural_learns_nothing_private(student, reference, rng, device):
    """What `redact` takes out is in no vocabulary, and has the probability of an unknown word."""
    for name in ("redact", "tokenize"):
        student.set(name, student.callback(getattr(reference, name)))
    secrets = [f"{number:04}" for number in rng.integers(3000, 9000, size=4)]
    name = "".join(rng.choice(list("bcdfgk"), size=9))
    planted = [
        f"My card number is {' '.join(secrets)}.",
        f"Send it to {name}@mail.example.edu.",
        "Call +1 206 555 0142!",
    ]
    texts = [*sentences(5, 25), *planted, "Room 125 opens at 10:30."]
    model = student.keep("train_language_model", texts, device, 0, 1)
    assert_vocabulary(model, vocabulary_of(plain(reference, map(reference.redact, texts))))
    prefix = ["my", "card", "number", "is"]
    found = student.call("probabilities", model, [[prefix, word] for word in ["<unk>", *secrets, name, "0142"]])
    unknown = student.call("distribution", model, prefix)
    assert_type(unknown, dict)
    assert_close(found, [unknown.get("<unk>")] * 7)


@pytest.mark.question("neural", points=0.5, hint="Count forward passes: how many does one suggestion need?")
def test_neural_answers_quickly(student, trained, reference):
    """The probabilities of all words after a new context take 5 ms."""
    model, texts, held_out = trained
    words = vocabulary_of(texts)
    contexts = [sentence.split()[:9] for sentence in held_out[:LOOK_UPS]]
    distribution(student, model, held_out[-1].split(), words)

    def ask():
        for context in contexts:
            distribution(student, model, context, words)

    assert_usage(student.usage, ask, cpu_seconds=SECONDS * slowness(reference))


@pytest.mark.question("neural", points=0.5, hint="Does what you return have all five abilities that the box names?")
def test_neural_is_a_whole_model(student, trained):
    """It suggests, completes and has a perplexity; right functions for these are handed in."""
    model, _, held_out = trained
    student.set("suggest", student.callback(lambda model, prefix, k: ["form", "plan"][:k]))
    student.set("complete", student.callback(lambda model, prefix, max_words=12: f"{prefix} the form ."))
    student.set("perplexity", student.callback(lambda model, sentences: 2.5))
    suggested = model.call("suggest", "please ask", 2)
    assert_type(suggested, list)
    assert_count(len(suggested), 2)
    for word in suggested:
        assert_type(word, str)
    completed = model.call("complete", "please ask", max_words=3)
    assert_type(completed, str)
    assert_equal(completed.split()[:2], ["please", "ask"])
    assert_within(model.call("perplexity", held_out[:2]), 1, 1000)
