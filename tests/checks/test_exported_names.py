"""What others may import from this room."""

import autograder.checks as room

PUBLIC = [
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


def test_public_names_are_these():
    """A name that appears or goes is noticed, and every one is there."""
    assert sorted(room.__all__) == sorted(PUBLIC)
    assert all(hasattr(room, name) for name in PUBLIC)
