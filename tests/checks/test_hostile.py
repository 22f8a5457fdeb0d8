"""Values made to fool a comparison are seen to fail, and none of their methods runs."""

import contextlib
import enum
import sys

import hypothesis.extra.numpy as numpy_strategies
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograder.checks as checks
from autograder.checks import assert_close, assert_equal
from autograder.errors import StudentError


class Touched(Exception):
    """A method of a hostile value ran."""


class _Meta(type):
    def __hash__(cls):
        raise Touched

    def __eq__(cls, other):
        raise Touched


def _touch(*_args, **_kw):
    raise Touched


_OPERATORS = ["eq", "ne", "lt", "le", "gt", "ge", "abs", "sub", "rsub", "hash", "bool", "float", "int", "index"]
_OTHERS = ["len", "iter", "getitem", "contains", "array", "array_ufunc", "array_function", "torch_function"]
_DUNDERS = [f"__{name}__" for name in (*_OPERATORS, *_OTHERS, "repr", "str", "format", "getattribute")]
_HOSTILE = dict.fromkeys(_DUNDERS, _touch)
Alien = type("Alien", (), _HOSTILE)
Alias = _Meta("Alias", (), dict(_HOSTILE))
FakeFloat = type("FakeFloat", (float,), _HOSTILE)
FakeInt = type("FakeInt", (int,), _HOSTILE)
FakeText = type("FakeText", (str,), _HOSTILE)
FakeList = type("FakeList", (list,), _HOSTILE)
FakeDict = type("FakeDict", (dict,), _HOSTILE)
FakeArray = type("FakeArray", (np.ndarray,), _HOSTILE)


class _Level(enum.IntEnum):
    ONE = 1


HOSTILE = [
    Alien(),
    Alias(),
    FakeFloat(1.0),
    FakeInt(1),
    FakeText("a"),
    FakeList([1.0]),
    FakeDict(a=1.0),
    np.ones(3).view(FakeArray),
    _Level.ONE,
    [Alien()],
    {"a": Alien()},
    (1.0, [FakeFloat(1.0)]),
    np.ma.masked_array([1.0], mask=[True]),
    np.array([object()]),
]
EXPECTED = [None, True, 1, 1.0, "a", b"a", [1.0], (1.0, [1.0]), {"a": 1.0}, np.ones(3), np.float64(1.0), [(0, 1.0)]]
ASSERTIONS = [
    assert_close,
    assert_equal,
    checks.assert_count,
    checks.assert_ranking,
    checks.assert_unchanged,
    lambda actual, expected: assert_close(actual, expected, exact=True),
    lambda actual, _: checks.assert_type(actual, int, float),
    lambda actual, _: checks.assert_shape(actual, (3,)),
    lambda actual, _: checks.assert_dtype(actual, "floating"),
    lambda actual, _: checks.assert_finite(actual),
    lambda actual, _: checks.assert_within(actual, 0, 1),
    lambda actual, _: checks.assert_probabilities(actual),
    lambda actual, _: checks.assert_device(actual, "cuda"),
    lambda actual, _: checks.assert_as_exact(actual, np.full(3, 2.0), np.full(3, 2.0, np.float32)),
    lambda actual, _: checks.assert_parameter_count(actual, 7),
    lambda actual, _: checks.assert_tied(actual, "a", "b"),
    lambda actual, _: checks.assert_dtypes(actual, "float32"),
    lambda actual, _: checks.values_of(actual),
    lambda actual, _: checks.gradients_of(actual),
    lambda actual, _: checks.assert_gradients_close(actual, {"w": np.ones(2)}),
    lambda actual, _: checks.central_differences(lambda _: actual, [np.ones(2)]),
    lambda actual, _: checks.assert_every_parameter_reached(actual),
    lambda actual, _: checks.assert_every_parameter_changes([np.ones(2)], actual),
    lambda actual, _: checks.assert_loss_falls(actual, to=0.5),
    lambda actual, _: checks.assert_overfits(lambda: actual, below=-9e99, steps=2),
    lambda actual, _: checks.assert_beats_baseline(lambda seed: actual, 1.0, at_most=1e-9),
    lambda actual, _: checks.assert_reproducible(lambda seed: actual),
    lambda actual, _: checks.assert_global_seed_untouched(lambda: None, lambda: actual),
    lambda actual, _: checks.assert_normal(actual, mean=0, deviation=1),
    lambda actual, _: checks.assert_frequencies(actual, {"x": 1.0}),
    lambda actual, _: checks.assert_causal(lambda x: actual, np.ones((2, 3))),
    lambda actual, _: checks.assert_rows_independent(lambda x: actual, np.ones((2, 3))),
    lambda actual, _: checks.token_probabilities(lambda context, word: actual, [["x"]]),
    lambda actual, _: checks.assert_sums_to_one(lambda context, word: actual, [[]], ["x", "y", "z"]),
    lambda actual, _: checks.assert_distribution(actual, ["x"]),
    lambda actual, _: checks.assert_perplexity(actual, [0.123]),
    lambda actual, _: checks.assert_remembers(actual, [("x", "y")]),
    lambda actual, _: checks.FakeModel("x")(actual),
    lambda actual, _: checks.assert_conversation(
        lambda said: actual, checks.FakeModel("x"), [checks.Turn("x", calls=1)]
    ),
]


@pytest.mark.parametrize("check", ASSERTIONS)
@pytest.mark.parametrize("hostile", range(len(HOSTILE)))
def test_hostile_value_fails_every_check_untouched(check, hostile):
    """The verdict is a failed assertion, on either side of the comparison and of itself, and no method ran."""
    value = HOSTILE[hostile]
    for expected in EXPECTED:
        with pytest.raises(AssertionError):
            check(value, expected)
    with pytest.raises(AssertionError):
        check(value, value)


@pytest.mark.parametrize("check", ASSERTIONS)
def test_handle_fails_every_check(check, notebook):
    """An object that stayed in the student's process, alone and among data, is a student's fault and no result."""
    handle = notebook("class Odd:\n    pass").new("Odd")
    for value in (handle, [handle], {"w": handle}, [("x", handle)]):
        for expected in EXPECTED:
            with pytest.raises((AssertionError, StudentError)):
                check(value, expected)


def test_hostile_dict_keys_are_never_compared():
    """A key of an unknown type fails the dict before it is looked up."""
    key = type("Key", (), {"__hash__": lambda _: hash("a"), "__eq__": lambda *_: True})()
    with pytest.raises(AssertionError, match="a key is of an unsupported type"):
        assert_equal({key: 1}, {"a": 1})


def test_tensor_subclass_and_shadowed_methods_are_refused():
    """A tensor's subclass is unsupported, and an attribute named like a method is not called."""
    torch = pytest.importorskip("torch")
    subclass = type("Sub", (torch.Tensor,), {"__torch_function__": classmethod(_touch)})
    with pytest.raises(AssertionError, match="unsupported"):
        assert_close(torch.ones(3).as_subclass(subclass), torch.ones(3))
    shadowed = torch.zeros(3)
    shadowed.detach = lambda: torch.ones(3)
    with pytest.raises(AssertionError):
        assert_close(shadowed, torch.ones(3))


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(max_size=8),
    st.binary(max_size=8),
)
keys = st.one_of(
    st.booleans(), st.integers(0, 3), st.text(max_size=3), st.tuples(st.integers(0, 1), st.text(max_size=1))
)
arrays = numpy_strategies.arrays(
    dtype=st.sampled_from(["bool", "int32", "int64", "uint8", "float16", "float32", "float64", "complex64"]),
    shape=numpy_strategies.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    elements={"allow_nan": False},
)
values = st.recursive(
    st.one_of(scalars, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=3),
    ),
    max_leaves=6,
)


@given(values)
def test_every_value_equals_itself(value):
    """Whatever can cross the wire, NaN apart, is close, equal, exact and unchanged."""
    assert_close(value, value)
    assert_equal(value, value)
    assert_close(value, value, exact=True)
    checks.assert_unchanged(value, value)


@given(values, values)
def test_only_assertion_errors_come_out(actual, expected):
    """No pair of values makes a check raise anything but AssertionError, and equality is symmetric."""
    outcomes = []
    for one, other in ((actual, expected), (expected, actual)):
        try:
            assert_equal(one, other)
            outcomes.append(True)
        except AssertionError:
            outcomes.append(False)
    assert outcomes[0] is outcomes[1]
    for check in ASSERTIONS:
        with contextlib.suppress(AssertionError):
            check(actual, expected)


@given(arrays, st.integers(0, 3), st.integers(1, 2))
def test_broadcastable_shapes_fail(array, axis, side):
    """An array with one more axis, or a single element of it, is another value."""
    assume(axis <= array.ndim)
    wider = np.expand_dims(array, axis)
    with pytest.raises(AssertionError):
        assert_close(wider, array)
    with pytest.raises(AssertionError):
        assert_close(array, np.repeat(wider, side, axis=axis))


@given(arrays.filter(lambda array: array.dtype.kind in "fc" and array.size))
def test_one_nan_fails_any_array(array):
    """A single NaN among right values fails, expected or not."""
    spoilt = array.copy()
    spoilt.flat[0] = np.nan
    for expected in (array, spoilt):
        with pytest.raises(AssertionError):
            assert_close(spoilt, expected)


def _as_float(flag):
    return float(flag)


@given(st.booleans())
def test_a_bool_is_no_number(flag):
    """True is neither 1 nor 1.0, in either direction."""
    for number in (int(flag), _as_float(flag), np.array(int(flag))):
        for one, other in ((flag, number), (number, flag)):
            with pytest.raises(AssertionError):
                assert_close(one, other)


def test_checks_work_where_torch_was_never_imported(monkeypatch):
    """Without torch in the process everything but tensors is compared as before."""
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert_close(np.ones(2), np.ones(2))
    with pytest.raises(AssertionError, match="unsupported type"):
        assert_close(Alias(), 1.0)
