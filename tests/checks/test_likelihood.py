"""Language models by their probabilities, and baselines that they have to beat."""

import math
from fractions import Fraction

import numpy as np
import pytest

from autograder.checks import (
    assert_beats_baseline,
    assert_distribution,
    assert_perplexity,
    assert_sums_to_one,
    bigram,
    pca_error,
    perplexity,
    token_probabilities,
)

P = [0.5, 0.25, 0.125, 0.9]
RIGHT = math.exp(-sum(map(math.log, P)) / 4)
BITS = -sum(map(math.log2, P)) / 4


def test_perplexity_of_known_cases():
    """A fair die with k sides has perplexity k; a token without any probability makes it infinite."""
    assert perplexity([1 / 6] * 10) == pytest.approx(6)  # loose: our own numbers
    assert perplexity(np.array(P)) == pytest.approx(2**BITS)  # loose: the same
    assert perplexity([0.5, 0.0]) == math.inf
    for wrong in ([], [1.5], [-0.1]):
        with pytest.raises(ValueError, match="of probabilities"):
            perplexity(wrong)


def test_right_perplexity_passes():
    """As a float, a numpy scalar and in float32."""
    for given in (RIGHT, np.float64(RIGHT), np.float32(RIGHT)):
        assert_perplexity(given, P)


@pytest.mark.parametrize(
    ("wrong", "clue"),
    [
        (math.log(RIGHT), "cross-entropy in nats"),
        (BITS, "cross-entropy in bits"),
        (2 ** math.log(RIGHT), "natural logarithms: the bases must agree"),
        (math.exp(BITS), "base-2 logarithms: the bases must agree"),
        (1 / RIGHT, "minus sign"),
        (sum(1 / p for p in P) / 4, "mean of 1/p"),
        (RIGHT**4, "not divided by their number"),
        (math.exp(-sum(map(math.log, P)) / 5), "end markers"),
        (RIGHT * 1.001, "end markers"),
    ],
)
def test_wrong_perplexities_are_named(wrong, clue):
    """Mixed-up bases, sums and forgotten exponentials each have their name."""
    with pytest.raises(AssertionError, match=clue):
        assert_perplexity(wrong, P)


@pytest.mark.parametrize("wrong", [None, "3", [], [RIGHT], np.array([RIGHT]), math.nan, math.inf, True, {}, object()])
def test_perplexity_is_a_number(wrong):
    """Anything but a single finite number fails."""
    with pytest.raises(AssertionError, match="the perplexity"):
        assert_perplexity(wrong, P)


def test_perplexity_of_unseen_words():
    """A model that gives a token nothing has no perplexity to be asked for."""
    with pytest.raises(AssertionError, match="words that it has not seen"):
        assert_perplexity(RIGHT, [0.5, 0.0])


SENTENCES = [["the", "cat", "sat"], ["the", "dog"], ["a", "cat"]]
VOCABULARY = ["the", "cat", "sat", "dog", "a", "<unk>", "</s>"]


def test_bigram_baseline_by_hand():
    """Interpolated as the formula says, in exact fractions, and it sums to 1 after every context."""
    model = bigram(SENTENCES, VOCABULARY, weight=0.5)
    # 7 words and 3 ends: "cat" came twice of 10, plus one of 7 words; after "the" it came once of 2
    assert model(["the"], "cat") == float(Fraction(1, 2) * Fraction(1, 2) + Fraction(1, 2) * Fraction(3, 17))
    assert model(["<unk>"], "cat") == float(Fraction(3, 17))
    assert model([], "the") == float(Fraction(1, 2) * Fraction(2, 3) + Fraction(1, 2) * Fraction(3, 17))
    assert_sums_to_one(model, [[], ["the"], ["cat"], ["<unk>"], ["a", "dog"]], VOCABULARY)
    with pytest.raises(ValueError, match="not in the vocabulary"):
        model([], "mouse")
    with pytest.raises(ValueError, match="end marker"):
        bigram(SENTENCES, ["the"])


def test_tokens_are_asked_with_what_stands_before():
    """Every word is asked for once, the end marker last, with the words before it."""
    asked = []

    def prob(context, word):
        asked.append((tuple(context), word))
        return 0.5

    assert token_probabilities(prob, [["a", "b"], []]).tolist() == [0.5] * 4
    assert asked == [((), "a"), (("a",), "b"), (("a", "b"), "</s>"), ((), "</s>")]
    assert token_probabilities(prob, [["a"]], end=None).tolist() == [0.5]


@pytest.mark.parametrize("value", [None, "0.5", [0.5], np.array([0.5]), 1.2, -0.2, math.nan, True, {}, -0.69])
def test_what_is_no_probability(value):
    """Wrong types, NaN, logarithms and scores fail wherever a probability is asked for."""
    with pytest.raises(AssertionError, match="a probability"):
        token_probabilities(lambda context, word: value, [["a"]])
    with pytest.raises(AssertionError, match=r"a probability|sum"):
        assert_sums_to_one(lambda context, word: value, [["a"]], ["a", "b"])
    with pytest.raises(AssertionError, match=r"a probability|sum"):
        assert_distribution({"a": value, "b": 0.1}, ["a", "b"])


def test_probabilities_that_do_not_sum_to_one():
    """A smoothed count over an unsmoothed sum, and counts over the wrong sum, fail with their question."""
    counts = {"a": 3, "b": 1}
    assert_sums_to_one(lambda c, w: (counts[w] + 1) / 6, [[]], ["a", "b"])
    with pytest.raises(AssertionError, match="of its own context"):
        assert_sums_to_one(lambda c, w: (counts[w] + 1) / 4, [[], ["x"]], ["a", "b"])
    with pytest.raises(AssertionError, match=r"after context 0 .*smoothed as well"):
        assert_sums_to_one(lambda c, w: counts[w] / 6, [["x"]], ["a", "b"])
    with pytest.raises(ValueError, match="each of them once"):
        assert_sums_to_one(lambda c, w: 0.5, [[]], ["a", "a"])


def test_distributions_as_dicts():
    """Exactly the outcomes, 1 in all."""
    assert_distribution({"a": 0.25, "b": np.float32(0.75)}, ["a", "b"])
    for wrong in ({"a": 1.0}, {"a": 0.5, "b": 0.5, "c": 0.0}, {"a": 0.5, "b": 0.6}, [0.5, 0.5], None, "ab", {1: 1.0}):
        with pytest.raises(AssertionError):
            assert_distribution(wrong, ["a", "b"])


def test_pca_against_its_own_definition():
    """The error of the training data is the sum of the eigenvalues that are left out; a test set has its own."""
    rng = np.random.default_rng(0)
    train, new = rng.normal(size=(50, 6)) @ rng.normal(size=(6, 6)) + 3, rng.normal(size=(20, 6))
    values = np.linalg.eigvalsh(np.cov(train.T, bias=True))
    assert pca_error(train, train, 2) == pytest.approx(values[:4].sum() / 6)  # loose: our own numbers
    assert pca_error(train, new, 6) == pytest.approx(0, abs=1e-20)  # loose: the same
    assert pca_error(train, new, 1) > pca_error(train, new, 3) > 0
    for wrong in (0, 7):
        with pytest.raises(ValueError, match="components"):
            pca_error(train, new, wrong)


def test_beating_a_baseline():
    """Most seeds decide, and no seed is run for nothing."""
    ran = []

    def error(seed):
        ran.append(seed)
        return {0: 0.5, 1: 2.0, 2: 0.5}[seed]

    assert_beats_baseline(error, 1.0, at_most=0.9)
    assert ran == [0, 1, 2]
    ran.clear()
    assert_beats_baseline(lambda seed: error(2 * seed), 1.0, at_most=0.9)
    assert ran == [0, 2]


@pytest.mark.parametrize(
    ("errors", "clue"),
    [
        ([1.0, 1.0, 1.0], "more than the baseline"),
        ([0.5, 1.2, 1.3], "depends on the seed"),
        ([1.4, 1.1, 1.0], "non-linearity"),
        ([math.nan] * 3, "error for seed 0"),
        ([None] * 3, "error for seed 0"),
        ([-1.0] * 3, "negative"),
        ([True] * 3, "error for seed 0"),
        ([[0.1]] * 3, "error for seed 0"),
        ([0.8, "0.1", 0.1], "error for seed 1"),
    ],
)
def test_not_beating_a_baseline(errors, clue):
    """A model that only equals it, one that needs luck, and results that are no error fail."""
    with pytest.raises(AssertionError, match=clue):
        assert_beats_baseline(lambda seed: errors[seed], 1.0, at_most=0.9)


def test_false_failures_are_as_stated():
    """With runs that miss the limit in one of ten cases, three seeds fail in 2.8 % and five in 0.86 %."""
    rng = np.random.default_rng(0)

    def rate(seeds):
        failed = 0
        for _ in range(20_000):
            try:
                assert_beats_baseline(lambda seed: 1.0 if rng.random() < 0.1 else 0.1, 1.0, at_most=0.5, seeds=seeds)
            except AssertionError:
                failed += 1
        return failed / 20_000

    assert abs(rate((0, 1, 2)) - 0.028) < 0.006
    assert abs(rate((0, 1, 2, 3, 4)) - 0.00856) < 0.0035
    for seeds in ((), (0, 1), (0, 0, 1)):
        with pytest.raises(ValueError, match="odd number"):
            assert_beats_baseline(lambda seed: 0.1, 1.0, at_most=0.5, seeds=seeds)
