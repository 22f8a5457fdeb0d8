"""Values that cross and come back, what is too large or odd to cross, and frames that somebody forged."""

from __future__ import annotations

import contextlib
import enum
import struct
import sys
import tracemalloc
from collections import Counter, OrderedDict, defaultdict, namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import codec, decoding
from autograder.sandbox.codec import CodecError, Reference, encode
from autograder.sandbox.decoding import decode

torch = pytest.importorskip("torch")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)
KEYS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters(exclude_categories=["Cs"])), st.binary()
)
DTYPES = [name for name in codec.DTYPES if name != "bfloat16"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
VALUES = st.recursive(
    st.one_of(SCALARS, ARRAYS),
    lambda inner: st.one_of(st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(KEYS, inner)),
    max_leaves=15,
)


def same(left: Any, right: Any) -> bool:
    """Whether two values are of exactly the same types and the same down to the bits of their floats."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return all(map(same, left, right)) and all(map(same, left.values(), right.values()))
    return repr(left) == repr(right)


def around(value: Any) -> Any:
    """The value as it arrives."""
    return decode(encode(value))


def handle(value: Any) -> Reference:
    """What the student's side says of an object that stays there."""
    return Reference("handle", 1, type(value).__name__)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_value_round_trip(value: Any) -> None:
    """Every plain value arrives as it was, types included."""
    assert same(around(value), value)


@pytest.mark.parametrize("name", codec.DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_tensor_round_trip(name: str, shape: tuple[int, ...]) -> None:
    """Tensors of every type arrive with their type, shape and content, scalars and empty ones too."""
    dtype = getattr(torch, name)
    values = torch.arange(int(np.prod(shape))).reshape(shape).to(torch.float64).to(dtype)
    arrived = around(values)
    assert type(arrived) is torch.Tensor
    assert arrived.dtype is dtype
    assert arrived.shape == values.shape
    assert arrived.tolist() == values.tolist()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12).reshape(3, 4).T,
        np.arange(12)[::-2],
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.array([1.5, np.nan], dtype=">f8"),
        np.broadcast_to(np.float32(2.0), (3, 2)),
        np.asfortranarray(np.ones((2, 3))),
    ],
)
def test_array_of_unusual_layout(array: Any) -> None:
    """Transposed, reversed, big-endian, broadcast arrays arrive as plain ones of this machine's byte order."""
    arrived = around(array)
    assert type(arrived) is np.ndarray
    assert arrived.dtype == array.dtype.newbyteorder("=")
    assert arrived.flags.writeable
    np.testing.assert_array_equal(arrived, array)


@pytest.mark.parametrize("scalar", [np.float64(1.5), np.float32(1.5), np.int8(-3), np.bool_(True), np.complex64(1j)])
def test_numpy_scalar(scalar: Any) -> None:
    """A numpy scalar arrives as an array without dimensions."""
    arrived = around(scalar)
    assert type(arrived) is np.ndarray
    assert arrived.shape == ()
    assert arrived.dtype == scalar.dtype
    assert arrived == scalar


class Shout(str):
    """A text that claims to be whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __str__(self) -> str:
        return "forged"


class Sly(np.ndarray):
    """An array that answers for itself."""

    def __array_function__(self, *_: Any) -> Any:
        return True


class Colour(enum.IntEnum):
    RED = 1


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (Shout("true"), "true"),
        (Colour.RED, 1),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (Pair(1, 2), (1, 2)),
        (bytearray(b"xy"), b"xy"),
        (np.str_("text"), "text"),
        (np.bytes_(b"text"), b"text"),
        (np.arange(3).view(Sly), np.arange(3)),
        ({np.int64(1): "a", np.float64(2.5): "b", (np.int8(1), Shout("c")): "d"}, {1: "a", 2.5: "b", (1, "c"): "d"}),
        ({Shout("k"): 1}, {"k": 1}),
    ],
)
def test_subclass_is_reduced(sent: Any, arrived: Any) -> None:
    """Subclasses and keys that are no builtins arrive as the exact builtin or array that they are made of."""
    assert same(around(sent), arrived)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        torch.tensor([1.0, 2.0], requires_grad=True) * 1,
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]).T[0:1].flatten()[:2],
        torch.tensor([1 + 0j, 2 + 0j]).conj().real,
    ],
)
def test_tensor_is_reduced(tensor: Any) -> None:
    """Parameters, results with a gradient and views arrive as plain tensors of their own memory."""
    arrived = around(tensor)
    assert type(arrived) is torch.Tensor
    assert not arrived.requires_grad
    assert arrived.tolist() == tensor.tolist()
    assert arrived.claimed_device == "cpu"


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        frozenset(),
        object(),
        len,
        range(3),
        memoryview(b"x"),
        np.array([object()]),
        np.array(["text"]),
        np.datetime64("2025-01-01"),
        np.longdouble(1),
        np.ma.masked_array([1, 2], [True, False]),
        torch.ones(2, 2).to_sparse(),
        torch.empty(3, device="meta"),
        torch.nn.Linear(2, 2),
        {frozenset(): 1},
        {(1, frozenset()): 1},
        {Shout("a"): 1, "a": 2},
    ],
)
def test_object_without_plain_form(value: Any) -> None:
    """What has no plain form is referred to, as a whole, and is refused where there is nothing to refer to."""
    assert decode(encode([value], handle), lambda reference: reference) == [handle(value)]
    with pytest.raises(CodecError, match="cannot be sent"):
        encode(value)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def containing_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (nested(100), "nested deeper"),
        (containing_itself(), "contains itself"),
        ([None] * (codec.MAX_ITEMS + 1), "items"),
        ([np.zeros(0)] * (codec.MAX_ITEMS // 10), "items"),
        (10 ** (3 * codec.MAX_INT_BYTES), "integer"),
        (np.broadcast_to(np.float64(0), (10**6, 10**6)), "larger than"),
        (torch.zeros(1).expand(10**9), "larger than"),
        (bytes(codec.MAX_FRAME + 1), "larger than"),
        ("\ud800", "surrogates"),
        (defaultdict(int, {"\ud800": 1}), "surrogates"),
    ],
)
def test_encode_over_a_cap(value: Any, message: str) -> None:
    """What is too deep, too many, too long or no text is refused where it is sent, without being built."""
    with pytest.raises(CodecError, match=message):
        encode(value)


def test_largest_integer_and_depth() -> None:
    """What stands just at the caps still crosses."""
    largest = 2 ** (8 * codec.MAX_INT_BYTES - 1) - 1
    for value in (largest, -largest, nested(codec.MAX_DEPTH)):
        assert around(value) == value


def array_frame(code: int, *shape: int, payload: bytes = b"") -> bytes:
    return bytes((code, len(shape))) + struct.pack(f"<{len(shape)}Q", *shape) + payload


HUGE = 2**32 - 1
FORGED = {
    "nothing": b"",
    "unknown tag": b"Z",
    "left over": b"NN",
    "short integer": b"i\0\0",
    "huge text": b"s" + struct.pack("<I", HUGE),
    "huge bytes": b"b" + struct.pack("<I", HUGE) + b"x" * 9,
    "huge list": b"l" + struct.pack("<I", HUGE),
    "huge tuple": b"t" + struct.pack("<I", HUGE) + b"N",
    "huge dictionary": b"m" + struct.pack("<I", HUGE) + b"NN",
    "huge integer": b"I" + struct.pack("<I", HUGE),
    "long integer": b"I" + struct.pack("<I", codec.MAX_INT_BYTES + 1) + bytes(codec.MAX_INT_BYTES + 1),
    "more items than bytes": b"l" + struct.pack("<I", 9) + b"N" * 8,
    "too deep": (b"l" + struct.pack("<I", 1)) * 5000 + b"N",
    "text that is no UTF-8": b"s" + struct.pack("<I", 1) + b"\xff",
    "surrogate": b"s" + struct.pack("<I", 3) + "\ud800".encode("utf-8", "surrogatepass"),
    "list as key": b"m" + struct.pack("<I", 1) + b"l\0\0\0\0N",
    "array as key": b"m" + struct.pack("<I", 1) + b"a" + array_frame(1, payload=b"\0") + b"N",
    "doubled key": b"m" + struct.pack("<I", 2) + b"TNTN",
    "equal keys": b"m" + struct.pack("<I", 2) + b"TN" + b"i" + struct.pack("<q", 1) + b"N",
    "bool of two": b"a" + array_frame(0, 1, payload=b"\2"),
    "unknown dtype": b"a" + array_frame(len(codec.DTYPES), 1, payload=b"\0"),
    "bfloat16 array": b"a" + array_frame(14, 1, payload=b"\0\0"),
    "33 dimensions": b"a" + array_frame(1, *[1] * 33, payload=b"\0"),
    "shape overflow": b"a" + array_frame(4, 2**32, 2**32),
    "shape overflow to nothing": b"a" + array_frame(4, 2**63, 2),
    "empty but huge": b"a" + array_frame(4, 2**40, 2**40, 0),
    "empty but huge first": b"a" + array_frame(4, 0, 2**63),
    "empty but huge tensor": b"x\0" + array_frame(14, 2**40, 0, 2**40),
    "short payload": b"a" + array_frame(4, 2, payload=bytes(15)),
    "long payload": b"a" + array_frame(4, 2, payload=bytes(17)),
    "label that is not ASCII": b"r\0\0\0\0\1\xff",
    "device that is not ASCII": b"x\1\xff" + array_frame(1, payload=b"\0"),
    "reference": b"r\0\0\0\0\0",
    "callback": b"k\0\0\0\0\0",
    "many empty tensors": b"l" + struct.pack("<I", 10**5) + (b"x\0" + array_frame(1, 0)) * 10**5,
}


@pytest.mark.parametrize("frame", FORGED.values(), ids=FORGED)
def test_forged_frame(frame: bytes) -> None:
    """A frame that `encode` could not have written raises CodecError."""
    with pytest.raises(CodecError):
        decode(frame)


def test_colliding_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys chosen to share one hash do not keep the reader busy for ever."""
    monkeypatch.setattr(decoding, "_KEY_SECONDS", 0.5)
    modulus = sys.hash_info.modulus
    keys = b"".join(b"I" + struct.pack("<I", 16) + (k * modulus).to_bytes(16, "little") + b"N" for k in range(400_000))
    with pytest.raises(CodecError, match="too long"):
        decode(b"m" + struct.pack("<I", 400_000) + keys)


def test_arrays_where_none_are_expected() -> None:
    """Arrays and tensors are refused where the reader wants neither."""
    assert decode(encode(["text", 1]), arrays=False) == ["text", 1]
    for value in (np.ones(2), torch.ones(2), np.float64(1)):
        with pytest.raises(CodecError, match="not expected"):
            decode(encode([value]), arrays=False)


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_random_frames(data: bytes) -> None:
    """Random bytes are a value or a CodecError."""
    with contextlib.suppress(CodecError):
        decode(data, lambda reference: reference)


def test_mutated_frames() -> None:
    """Twenty thousand damaged frames raise nothing but CodecError and cost little memory."""
    rng = np.random.default_rng(1)
    plain = [None, True, 2**70, 1.5, 1j, "tëxt", b"b", (1,), {"k": [1], (1, "x"): 2.0}]
    arrays = [np.arange(6).reshape(2, 3), torch.ones(2, dtype=torch.bfloat16), np.zeros((2, 2), bool)]
    whole = encode(("ok", 1, plain, *arrays, object()), handle)
    tracemalloc.start()
    good = 0
    for _ in range(20_000):
        frame = bytearray(whole)
        for _ in range(rng.integers(1, 4)):
            place, kind = int(rng.integers(len(frame))), rng.integers(4)
            if kind == 0:
                frame[place] = int(rng.integers(256))
            elif kind == 1:
                frame[place : place + 4] = HUGE.to_bytes(4, "little")
            elif kind == 2:
                del frame[place : place + int(rng.integers(1, 9))]
            else:
                frame[place:place] = frame[: int(rng.integers(1, 40))]
        try:
            decode(bytes(frame), lambda reference: reference)
            good += 1
        except CodecError:
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < good < 20_000
    assert peak < 20 * 2**20
