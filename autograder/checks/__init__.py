"""Strict comparisons for hidden and public tests, and the lint that refuses loose ones."""

from autograder.checks.loose import find_loose_comparisons
from autograder.checks.properties import assert_dtype, assert_finite, assert_probabilities, assert_shape, assert_within
from autograder.checks.raises import assert_raises
from autograder.checks.values import (
    assert_close,
    assert_count,
    assert_equal,
    assert_ranking,
    assert_type,
    assert_unchanged,
)

__all__ = [
    "assert_close",
    "assert_count",
    "assert_dtype",
    "assert_equal",
    "assert_finite",
    "assert_probabilities",
    "assert_raises",
    "assert_ranking",
    "assert_shape",
    "assert_type",
    "assert_unchanged",
    "assert_within",
    "find_loose_comparisons",
]
