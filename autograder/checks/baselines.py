"""What a trained model has to beat: PCA, bigrams, and the assertion that it does, for more than one seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.checks.likelihood import END
from autograder.checks.reading import Array, real_of
from autograder.checks.wording import fail


def pca_error(train: Array, held_out: Array, components: int) -> float:
    """The mean squared error per element of `held_out` (n, d) behind the first principal `components` of `train`.

    Centred by the mean of `train`, exact (singular value decomposition), in float64. The best that any linear
    auto-encoder with that many units can do on `train` (Baldi and Hornik, Neural Networks 2, 1989).
    """
    known, new = np.asarray(train, dtype=np.float64), np.asarray(held_out, dtype=np.float64)
    if known.ndim != 2 or new.ndim != 2 or known.shape[1] != new.shape[1] or not 0 < components <= known.shape[1]:
        raise ValueError("two matrices with the same number of columns, and at most that many components")
    centre = known.mean(axis=0)
    axes = np.linalg.svd(known - centre, full_matrices=False)[2][:components]
    return float(np.mean((new - centre - (new - centre) @ axes.T @ axes) ** 2))


def bigram(sentences: Sequence[Sequence[str]], vocabulary: Sequence[str], *, weight: float = 0.75) -> BigramProb:
    """An interpolated bigram model of tokenized sentences: `prob(context, word)` over the words of `vocabulary`.

    `weight` of the share of pairs that go on with the word (once the word before was seen), and the rest of add-one
    counts of single words (Jelinek and Mercer, 1980). `vocabulary` has the end marker; the first word follows `None`.
    """
    return BigramProb(sentences, vocabulary, weight)


class BigramProb:
    """The model that `bigram` makes; called like a student's `prob`."""

    def __init__(self, sentences: Sequence[Sequence[str]], vocabulary: Sequence[str], weight: float) -> None:
        if not 0 < weight < 1 or END not in vocabulary:
            raise ValueError(f"a weight between 0 and 1, and a vocabulary with the end marker {END}")
        self.weight = weight
        self.vocabulary = frozenset(vocabulary)
        self.singles: Counter[str] = Counter()
        self.pairs: Counter[tuple[str | None, str]] = Counter()
        self.firsts: Counter[str | None] = Counter()
        for sentence in sentences:
            words = [*sentence, END]
            self.singles.update(words)
            for pair in zip([None, *words[:-1]], words, strict=True):
                self.pairs[pair] += 1
                self.firsts[pair[0]] += 1
        if not self.vocabulary >= self.singles.keys():
            raise ValueError("a word of the sentences is not in the vocabulary")

    def __call__(self, context: Sequence[str], word: str) -> float:
        """The probability of `word` after the last word of `context`."""
        if word not in self.vocabulary:
            raise ValueError(f"{word!r} is not in the vocabulary")
        before = context[-1] if context else None
        single = (self.singles[word] + 1) / (self.singles.total() + len(self.vocabulary))
        if not self.firsts[before]:
            return single
        return self.weight * self.pairs[before, word] / self.firsts[before] + (1 - self.weight) * single


def assert_beats_baseline(
    error: Callable[[int], Any], baseline: float, *, at_most: float, seeds: Sequence[int] = (0, 1, 2)
) -> None:
    """Pass if `error(seed)` is at most `at_most` times `baseline` for most of the seeds, an odd number of them.

    Smaller is better: a held-out error, a perplexity. Stops as soon as the majority is decided. If one run of a right
    solution misses the limit with probability p, all together do with 3p² − 2p³ for three seeds (0.0003 for p = 0.01)
    and 10p³ − 15p⁴ + 6p⁵ for five (0.00001): the binomial distribution. `baseline` is computed by the test, with
    `pca_error` or `bigram`; choose `at_most` between right solutions and the mistakes that the test is about.
    """
    __tracebackhide__ = True
    if not seeds or len(seeds) % 2 == 0 or len({*seeds}) != len(seeds):
        raise ValueError("an odd number of different seeds, so that most of them decide")
    if not (np.isfinite(baseline) and baseline > 0 and at_most > 0):
        raise ValueError("a baseline is a positive number, and so is the part of it that is asked for")
    most = len(seeds) // 2 + 1
    shares: list[float] = []
    for seed in seeds:
        shares.append(real_of(error(seed), f"the error for seed {seed}") / baseline)
        if shares[-1] < 0:
            fail(f"the error for seed {seed} is negative")
        good = sum(share <= at_most for share in shares)
        if good == most:
            return
        if len(shares) - good == most:
            break
    told = ", ".join(f"{share:.3g}" for share in shares)
    if min(shares) <= at_most:
        clue = "it depends on the seed: train longer, or start from smaller weights"
    elif max(shares) - min(shares) < 1e-3:
        clue = "every seed ends at the same place: does the model learn at all, and can it do more than the baseline?"
    else:
        clue = "does it train long enough, and can it express more than the baseline (is there a non-linearity)?"
    fail(f"the error is {told} times the baseline's, at most {at_most:g} was asked for most seeds; {clue}")
