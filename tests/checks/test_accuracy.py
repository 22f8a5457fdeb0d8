"""A tolerance measured from the reference in two precisions."""

import numpy as np
import pytest

from autograder.checks import assert_as_exact, assert_close

X = np.random.default_rng(0).normal(size=50_000)


def variance(x):
    return ((x - x.mean()) ** 2).mean()


def stable(x):
    """A long product sum that float32 cannot do to 1e-6, in float32 throughout."""
    return np.cumsum(x, dtype=x.dtype)


EXACT, ROUNDED = stable(X), stable(X.astype(np.float32))


def test_reference_says_how_exact_a_result_can_be():
    """Another order of summing in float32 passes, although most of it is farther off than a fixed tolerance."""
    other = (np.cumsum(X[::-1].astype(np.float32), dtype=np.float32)[-1] - np.concatenate(
        [np.cumsum(X[::-1].astype(np.float32), dtype=np.float32)[::-1][1:], np.zeros(1, np.float32)]
    ))  # fmt: skip
    assert_as_exact(other, EXACT, ROUNDED)
    assert_as_exact(EXACT, EXACT, ROUNDED)


def test_lower_precision_and_wrong_formulas_fail():
    """Sums in float16, a difference of large numbers and an off-by-one are farther off than rounding explains."""
    exact, rounded = variance(X + 1000), variance((X + 1000).astype(np.float32))
    single = (X + 1000).astype(np.float32)
    with pytest.raises(AssertionError, match="what float32 arithmetic explains"):
        assert_as_exact((single**2).mean() - single.mean() ** 2, exact, rounded)
    with pytest.raises(AssertionError, match="what float32 arithmetic explains"):
        assert_as_exact(np.cumsum(X.astype(np.float16), dtype=np.float16).astype(np.float32), EXACT, ROUNDED)
    with pytest.raises(AssertionError):
        assert_as_exact(np.roll(ROUNDED, 1), EXACT, ROUNDED)


def test_small_results_are_as_exact_as_large_ones():
    """What always is allowed goes with the size of the result."""
    exact = np.array([1e-5, 3e-6])
    assert_as_exact(exact * (1 + 1e-6), exact, exact.astype(np.float32))
    with pytest.raises(AssertionError, match="arithmetic explains"):
        assert_as_exact(exact + 1e-6, exact, exact.astype(np.float32))
    assert_as_exact(np.zeros(2, np.float32), np.zeros(2), np.zeros(2, np.float32))


@pytest.mark.parametrize("wrong", [None, [], "x", 1.0, True, np.nan, np.empty(0), np.full(3, np.nan), np.ones((3, 1)),
                                   np.ones(1), [1.0, 2.0, 3.0], {}, np.ones(3, bool)])  # fmt: skip
def test_what_is_no_result(wrong):
    """Wrong types and shapes fail, broadcastable ones included."""
    with pytest.raises(AssertionError):
        assert_as_exact(wrong, np.arange(3.0), np.arange(3, dtype=np.float32))


def test_authors_mistakes():
    """A factor below one and two shapes of the reference are the author's."""
    with pytest.raises(ValueError, match="factor"):
        assert_as_exact(1.0, 1.0, 1.0, factor=0.5)
    with pytest.raises(ValueError, match="two shapes"):
        assert_as_exact(np.ones(3), np.ones(3), np.ones(2))
    assert_close(1.0, 1.0)
