"""What assert_close and its kin accept, refuse and say."""

import collections
import math

import numpy as np
import pytest

from autograder.checks import (
    assert_close,
    assert_count,
    assert_equal,
    assert_ranking,
    assert_type,
    assert_unchanged,
)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1.0 + 1e-7, 1.0),
        (1, 1.0),
        (np.array(1), 1.0),
        (np.array(0.5, dtype=np.float32), 0.5),
        (0.5, np.float64(0.5)),
        (0.5, np.float32(0.5)),
        (1.0, 1 + 0j),
        (3, np.int64(3)),
        ((1.0, 2.0), [1.0, 2.0]),
        (np.ones(3, dtype=np.float32) * 1.00005, np.ones(3)),
        (np.empty((0, 3)), np.empty((0, 3))),
        ({"a": [1.0]}, {"a": (1.0,)}),
        (np.array([math.inf, -math.inf]), np.array([math.inf, -math.inf])),
        (3e-17, 0.0),
        (1e-13, 0.0),
        (1e-13, -2e-16),
        (None, None),
        ("w", "w"),
        ((1, 2), collections.namedtuple("Pair", "x y")(1, 2)),
        ({"a": 1}, collections.OrderedDict(a=1)),
        (10**400, 10**400),
    ],
)
def test_close_accepts_the_right_value_in_its_usual_forms(actual, expected):
    """Numbers, 0-d values, sequences and float widths stand for each other."""
    assert_close(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (1.00001, 1.0, "expected 1.0, got 1.00001; largest error 1e-05, allowed 1e-06 relative"),
        (True, 1, "expected an integer, got a bool"),
        (1, True, "expected a bool, got an integer"),
        (2.0, 2, "expected an integer, got a float"),
        (10**400, 1.0, "got inf"),
        (1j, 1.0, "got a complex number"),
        ("1.0", 1.0, r"got text \(str\)"),
        (None, 1.0, "expected a float, got None"),
        (math.nan, 1.0, "got nan"),
        (math.nan, math.nan, "got nan"),
        (math.inf, 1.0, "got inf"),
        (1.0, math.inf, "expected inf, got 1.0"),
        (-math.inf, math.inf, "expected inf, got -inf"),
        (np.array([1.0]), 1.0, r"expected a float, got a float64 array of shape \(1,\)"),
        (1.0, np.array([1.0]), "got a float"),
        (np.array(1.0), np.ones(3), r"of shape \(3,\), got a single float64"),
        (np.ones((1, 3)), np.ones(3), r"expected shape \(3,\), got \(1, 3\)"),
        (np.empty(0), np.ones(3), r"expected shape \(3,\), got \(0,\)"),
        (np.ones(3, dtype=int), np.ones(3), "expected a float64 array"),
        (np.ones(3), np.ones(3, dtype=int), "expected a int64 array"),
        (np.ones(3, dtype=bool), np.ones(3), "got a bool array"),
        ([1.0, 1.0], np.ones(2), "got a list of 2 items"),
        (np.array(["a"]), np.ones(1), "unsupported dtype"),
        (np.array([None]), np.array([None]), "unsupported dtype"),
        ([1.0], [1.0, 2.0], "expected 2 items, got 1"),
        ([], [1.0], "expected 1 item, got 0"),
        ({"a": 1}, {"b": 1}, "1 key missing, first 'b'; 1 key too many, first 'a'"),
        ({1: 1}, {True: 1}, "key missing"),
        ({"a": [1.0, 2.5]}, {"a": [1.0, 2.0]}, r"at \['a'\]\[1\]: expected 2.0, got 2.5"),
        (0.0, 1e-9, "got 0.0"),
        (1e-8, 0.0, "got 1e-08"),
        (np.zeros(2), np.array([1e-9, 1e-10]), "2 of 2 values differ"),
        (b"a", "a", "expected text"),
        ({1}, {1}, "unsupported type"),
    ],
)
def test_close_refuses_the_wrong_value_and_says_why(actual, expected, words):
    """Each wrong kind, shape, length or number fails, in words that name it."""
    with pytest.raises(AssertionError, match=words):
        assert_close(actual, expected)


def test_close_of_a_large_array_names_the_first_difference_only():
    """The message counts the differences and quotes one, never the array."""
    expected = np.arange(10_000.0).reshape(100, 100)
    actual = expected.copy()
    actual[3, 4] += 1
    actual[7, 7] = np.nan
    with pytest.raises(AssertionError) as caught:
        assert_close(actual, expected)
    assert str(caught.value).startswith("2 of 10000 values differ, first at [3, 4]: expected 304.0, got 305.0; largest")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1, 1.0),
        (np.array(1.0), 1.0),
        ((1.0,), [1.0]),
        (np.ones(2, dtype=np.float32), np.ones(2)),
        (np.ones(2, dtype=np.int32), np.ones(2, dtype=np.int64)),
    ],
)
def test_exact_forbids_every_liberty(actual, expected):
    """With exact=True the very type and dtype are asked for, and equal values of another type fail."""
    assert_close(actual, expected)
    with pytest.raises(AssertionError):
        assert_close(actual, expected, exact=True)
    assert_close(expected, expected, exact=True)


def test_tolerances_given_replace_the_defaults():
    """rtol and atol widen or narrow the bound; atol=0 makes tiny values count."""
    assert_close(1.1, 1.0, rtol=0.2)
    assert_close(0.1, 0.0, atol=0.2)
    with pytest.raises(AssertionError):
        assert_close(1.0 + 1e-10, 1.0, rtol=1e-12)
    assert_close(0.0, 4e-18)
    with pytest.raises(AssertionError):
        assert_close(0.0, 4e-18, atol=0)


@pytest.mark.parametrize("bound", [-1.0, math.nan, math.inf])
def test_a_tolerance_that_is_no_bound_is_the_authors_fault(bound):
    """A negative or endless tolerance is refused before anything is compared."""
    with pytest.raises(ValueError, match="tolerance"):
        assert_close(1.0, 1.0, rtol=bound)


def test_a_half_buys_no_tolerance():
    """Rounding to float16 does not widen what is expected in float32 or float64."""
    rounded = np.float16(0.1001)
    assert_close(np.array(rounded), np.float16(0.1))
    for expected in (np.float32(0.1), 0.1):
        with pytest.raises(AssertionError):
            assert_close(np.array(rounded), expected)


def test_nan_counts_as_equal_only_where_asked_for_and_expected():
    """nan_ok takes NaN for NaN and for nothing else."""
    assert_close(np.array([1.0, np.nan]), np.array([1.0, np.nan]), nan_ok=True)
    with pytest.raises(AssertionError):
        assert_close(np.array([np.nan, 1.0]), np.array([1.0, np.nan]), nan_ok=True)


def test_endless_nesting_fails_instead_of_overflowing():
    """Lists nested deeper than the wire allows are a difference, not a RecursionError."""
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(AssertionError, match="nested deeper"):
        assert_close(deep, deep)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [(True, 1), (1.0, 1), (1, 1.0), ([True], [1]), ({"a": 1.0}, {"a": 1}), ("a", b"a"), (1.0 + 1e-15, 1.0), (0, False)],
)
def test_equal_tells_types_apart_at_any_depth(actual, expected):
    """True, 1 and 1.0 are three values, and nothing is rounded."""
    with pytest.raises(AssertionError):
        assert_equal(actual, expected)


def test_equal_accepts_usual_forms_and_exact_refuses_them():
    """A tuple for a list and a 0-d array for an int are equal unless `exact`."""
    assert_equal((1, "a", None, b"x", True), [1, "a", None, b"x", True])
    assert_equal(np.array(3), 3)
    for actual, expected in (((1,), [1]), (np.array(3), 3)):
        with pytest.raises(AssertionError):
            assert_equal(actual, expected, exact=True)


def test_equal_points_at_the_first_difference_of_long_texts():
    """Two long texts are not printed whole."""
    with pytest.raises(AssertionError, match="they differ from position 500") as caught:
        assert_equal("a" * 1000, "a" * 500 + "b" + "a" * 499)
    assert len(str(caught.value)) < 250


def test_integers_beyond_64_bits_are_compared_and_told():
    """Huge integers neither overflow nor break the message."""
    with pytest.raises(AssertionError, match="an integer of 20001 bits"):
        assert_equal(2**20_000, 1)
    with pytest.raises(AssertionError):
        assert_equal(np.array([2**63 - 1]), np.array([2**63], dtype=np.uint64))


@pytest.mark.parametrize("actual", [12, np.array(12), np.array(12, dtype=np.uint8)])
def test_count_accepts_whole_numbers(actual):
    """An int or a 0-d integer array is a count."""
    assert_count(actual, 12)


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (12.0, "a count is a whole number"),
        (np.array(12.0), "a count is a whole number"),
        (True, "a count is a whole number"),
        (13, "expected 12, got 13"),
        ("12", "expected a count"),
        (None, "expected a count"),
        (np.array([12]), "expected a count"),
    ],
)
def test_count_refuses_all_else(actual, words):
    """A float, a bool, an array of one and a text are no counts, and the message says so."""
    with pytest.raises(AssertionError, match=words):
        assert_count(actual, 12)


def test_unchanged_sees_type_dtype_and_value():
    """An argument that came back with another dtype was changed; a NaN that stayed was not."""
    before = {"w": np.array([1.0, np.nan])}
    assert_unchanged({"w": np.array([1.0, np.nan])}, before)
    with pytest.raises(AssertionError, match=r"the weights was changed: at \['w'\]"):
        assert_unchanged({"w": np.array([1.0, np.nan], dtype=np.float32)}, before, "the weights")


def test_ranking_accepts_rounded_scores_and_tuples_or_lists():
    """The order is exact, the scores are close."""
    assert_ranking([[2, 0.9 + 1e-9], (0, 0.5)], [(2, 0.9), (0, 0.5)])


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        ([(0, 0.5), (2, 0.9)], "rank 0: expected 2, got 0"),
        ([(2, 0.9)], "expected 2 pairs, got 1"),
        ([(2, 0.9), (0, 0.6)], "rank 1, score of 0: expected 0.5"),
        ([(2.0, 0.9), (0, 0.5)], "rank 0: expected 2, got 2.0"),
        ([2, 0], "no .item, score. pair at rank 0"),
        ({2: 0.9, 0: 0.5}, "no list"),
        (None, "no list"),
    ],
)
def test_ranking_refuses_other_orders_scores_and_forms(actual, words):
    """The message names the first rank that is wrong."""
    with pytest.raises(AssertionError, match=words):
        assert_ranking(actual, [(2, 0.9), (0, 0.5)])


def test_type_is_exact():
    """A bool is not an int, and several types may be allowed."""
    assert_type(1, int, float)
    with pytest.raises(AssertionError, match="expected int, got a bool"):
        assert_type(True, int)
    with pytest.raises(ValueError, match="at least one"):
        assert_type(True)
