"""Random draws: how often a right sampler fails, and which wrong ones are seen."""

import numpy as np
import pytest

from autograder.checks import assert_frequencies, assert_normal

torch = pytest.importorskip("torch")

TRUE = {"a": 0.5, "b": 0.3, "c": 0.2, "d": 0.0}


def draws(rng, probabilities, n=4000):
    return rng.choice(list(probabilities), size=n, p=list(probabilities.values())).tolist()


def failures(check, runs):
    """In how many of the runs a check fails."""
    failed = 0
    for seed in range(runs):
        try:
            check(np.random.default_rng(seed))
        except AssertionError:
            failed += 1
    return failed


def test_right_samplers_fail_less_often_than_alpha():
    """With alpha at 0.2 instead of a millionth, at most a fifth of the right samplers fails."""
    assert failures(lambda rng: assert_frequencies(draws(rng, TRUE), TRUE, alpha=0.2), 300) <= 75
    assert failures(lambda rng: assert_normal(rng.normal(3, 2, 500), mean=3, deviation=2, alpha=0.2), 300) <= 75


def test_right_samplers_pass():
    """None of many fails at the usual alpha, whatever the outcomes' type."""
    assert failures(lambda rng: assert_frequencies(draws(rng, TRUE), TRUE), 50) == 0
    assert failures(lambda rng: assert_normal(rng.normal(size=(50, 40)), mean=0, deviation=1), 50) == 0
    rng = np.random.default_rng(0)
    assert_frequencies(rng.integers(0, 2, 1000), {0: 0.5, 1: 0.5})


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25},  # uniform: the weights are not used
        {"a": 0.62, "b": 0.26, "c": 0.12, "d": 0.0},  # squared and normalised: another temperature
        {"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0},  # always the most likely one
        {"a": 0.49, "b": 0.3, "c": 0.2, "d": 0.01},  # the impossible, now and then
    ],
)
def test_wrong_frequencies_fail(wrong):
    """Ignored weights, another temperature, greedy choice and an impossible outcome are seen every time."""
    assert failures(lambda rng: assert_frequencies(draws(rng, wrong), TRUE), 20) == 20


@pytest.mark.parametrize(
    "wrong", [None, [], "abab", 1, ["e"], [None], [["a"]], {"a": 4000}, [True, False], [float("nan")]]
)
def test_what_are_no_draws(wrong):
    """Wrong types, nothing and foreign outcomes fail."""
    with pytest.raises(AssertionError):
        assert_frequencies(wrong, TRUE)


def test_single_numbers_of_arrays_are_draws():
    """A list of numpy's integers arrives as arrays without axes: each is a number."""
    draws = np.random.default_rng(0).integers(0, 2, size=2000)
    assert_frequencies([np.array(value) for value in draws], {0: 0.5, 1: 0.5})
    assert_frequencies([torch.tensor(int(value)) for value in draws], {0: 0.5, 1: 0.5})
    with pytest.raises(AssertionError, match="none of the outcomes"):
        assert_frequencies([np.array([value]) for value in draws], {0: 0.5, 1: 0.5})


def test_bool_is_no_outcome():
    """True is not the outcome 1."""
    with pytest.raises(AssertionError, match="none of the outcomes"):
        assert_frequencies([True, False] * 500, {0: 0.5, 1: 0.5})
    with pytest.raises(ValueError, match="sum to 1"):
        assert_frequencies(["a"], {"a": 0.5})


@pytest.mark.parametrize(
    ("noise", "clue"),
    [
        (lambda rng: rng.normal(0.11, 1, 10_000), "mean"),
        (lambda rng: rng.normal(0, 1.11, 10_000), "variance"),
        (lambda rng: rng.normal(0, 0.89, 10_000), "variance"),
        (lambda rng: rng.normal(0, 4, 10_000), "variance"),
        (lambda rng: rng.uniform(-(3**0.5), 3**0.5, 10_000), "not normal"),
        (lambda rng: np.repeat(rng.normal(0, 1, 10), 1000), "mean|deviation|normal"),
        (lambda rng: np.zeros(10_000), "variance"),
        (lambda rng: np.full(10_000, np.nan), "finite"),
        (lambda rng: rng.normal(size=99), "100 draws"),
        (lambda rng: rng.normal(size=200).tolist(), "expected numbers"),
        (lambda rng: None, "expected numbers"),
    ],
)
def test_wrong_noise_fails(noise, clue):
    """A variance for a deviation, uniform noise, one draw for many values, and no noise are seen every time."""
    for seed in range(5):
        with pytest.raises(AssertionError, match=clue):
            assert_normal(noise(np.random.default_rng(seed)), mean=0, deviation=1)
