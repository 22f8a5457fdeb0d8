"""Values as bytes: the only form in which anything of a student's reaches a test.

One value is a tag byte and a body; all integers are little-endian:

    N T F          None, True, False
    i  int64       I  u32 n, n bytes two's complement      d  float64      c  two float64
    s  u32 n, n bytes UTF-8                                b  u32 n, n bytes
    l t  u32 n, n values (list, tuple)                     m  u32 n, n × (key, value)
    a  u8 dtype, u8 ndim, ndim × u64, payload (ndarray)    x  the same with u8 n, n bytes device name first (tensor)
    r k  u32 number, u8 n, n bytes label (a handle on an object that stays, a callback)

What arrives is built anew from these parts, so it is *exactly* a builtin, an ndarray or a tensor: no subclass, no
method of the sender's. What has no such form is sent as a handle. Nothing is ever unpickled or evaluated. Every count
is checked against what is left before anything is allocated: a frame costs the reader at most a small multiple of its
own size.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MAX_FRAME = 128 * 2**20
"""Largest encoded value in bytes: a 4,000 × 4,000 float64 matrix just crosses."""
MAX_ITEMS = 1_000_000
"""Most values in one frame, containers and their contents counted alike."""
MAX_DEPTH = 64
MAX_INT_BYTES = 1024
"""Python refuses to print integers of more than 4,300 digits; this is well below."""
MAX_NDIM = 32
ARRAY_ITEMS = 16
"""An array or a tensor counts as this many values: an empty one costs the reader a thousand bytes."""
U32 = struct.Struct("<I")
I64 = struct.Struct("<q")
F64 = struct.Struct("<d")
C128 = struct.Struct("<dd")

DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128", "bfloat16",
)  # fmt: skip
_CODES = {name: code for code, name in enumerate(DTYPES)}
NUMPY_DTYPES = {name: np.dtype(name) for name in DTYPES if name != "bfloat16"}
HASHABLE = frozenset({type(None), bool, int, float, complex, str, bytes, tuple})


class CodecError(ValueError):
    """The bytes are no value, or the value is too large to send."""


class Reference(NamedTuple):
    """Stands for an object that stays where it is: `kind` is "handle" (the student's) or "callback" (the grader's)."""

    kind: str
    number: int
    label: str


_KIND_TAGS = {"handle": b"r", "callback": b"k"}

Refer = Callable[[Any], Reference]


def no_reference(value: Any) -> Reference:
    raise CodecError(f"an object of type {type(value).__name__} cannot be sent")


def encode(value: Any, refer: Refer = no_reference) -> bytes:
    """The bytes of `value`; `refer` is asked for every object that has no form of its own.

    Raises CodecError where the value is larger than the caps, refers to itself, or holds text with lone surrogates.
    """
    encoder = _Encoder(refer)
    encoder.put(value, 0)
    return b"".join(encoder.parts)


class _Encoder:
    def __init__(self, refer: Refer) -> None:
        self.refer = refer
        self.parts: list[bytes] = []
        self.size = 0
        self.items = 0

    def add(self, *parts: bytes) -> None:
        for part in parts:
            self.size += len(part)
            self.parts.append(part)
        if self.size > MAX_FRAME:
            raise CodecError(f"the value is larger than {MAX_FRAME // 2**20} MiB")

    def put(self, value: Any, depth: int) -> None:
        self.items += 1
        self.admit(0)
        if depth > MAX_DEPTH:
            raise CodecError(f"the value is nested deeper than {MAX_DEPTH} levels (or contains itself)")
        if value is None:
            self.add(b"N")
        elif value is True:
            self.add(b"T")
        elif value is False:
            self.add(b"F")
        elif type(value) is float:
            self.add(b"d", F64.pack(value))
        elif isinstance(value, np.generic):
            self.numpy_scalar(value)
        elif isinstance(value, int):
            self.integer(int.__int__(value))
        elif isinstance(value, str):
            self.text(str.__str__(value))
        elif isinstance(value, list | tuple):
            self.sequence(value, depth)
        elif isinstance(value, dict):
            self.mapping(value, depth)
        else:
            self.other(value)

    def admit(self, more: int) -> None:
        """Refuse what cannot be sent before time is spent on it."""
        if self.items + more > MAX_ITEMS:
            raise CodecError(f"the value has more than {MAX_ITEMS:,} items")

    def integer(self, value: int) -> None:
        if -(2**63) <= value < 2**63:
            self.add(b"i", I64.pack(value))
            return
        length = value.bit_length() // 8 + 1
        if length > MAX_INT_BYTES:
            raise CodecError(f"an integer of {length:,} bytes is too large to send")
        self.add(b"I", U32.pack(length), value.to_bytes(length, "little", signed=True))

    def text(self, value: str) -> None:
        try:
            data = value.encode()
        except UnicodeEncodeError as error:
            raise CodecError("text with lone surrogates cannot be sent") from error
        self.add(b"s", U32.pack(len(data)), data)

    def sequence(self, value: list[Any] | tuple[Any, ...], depth: int) -> None:
        items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
        copied = list(items)
        self.admit(len(copied))
        self.add(b"l" if isinstance(value, list) else b"t", U32.pack(len(copied)))
        for item in copied:
            self.put(item, depth + 1)

    def mapping(self, value: dict[Any, Any], depth: int) -> None:
        self.admit(2 * dict.__len__(value))
        items = [(_plain_key(key), item) for key, item in dict.items(value)]
        if any(key is _NO_KEY for key, _ in items) or len({key for key, _ in items}) != len(items):
            self.reference(value)
            return
        self.add(b"m", U32.pack(len(items)))
        for key, item in items:
            self.put(key, depth + 1)
            self.put(item, depth + 1)

    def numpy_scalar(self, value: np.generic) -> None:
        if value.dtype.name in NUMPY_DTYPES:
            self.array(np.asarray(value))
        elif isinstance(value, np.str_):
            self.text(str.__str__(value))
        elif isinstance(value, np.bytes_):
            self.other(value.item())
        else:
            self.reference(value)

    def other(self, value: Any) -> None:
        torch = sys.modules.get("torch")
        if isinstance(value, float):
            self.add(b"d", F64.pack(float.__float__(value)))
        elif isinstance(value, complex):
            number = complex.__complex__(value)
            self.add(b"c", C128.pack(number.real, number.imag))
        elif isinstance(value, bytes | bytearray):
            data = bytes(memoryview(value))
            self.add(b"b", U32.pack(len(data)), data)
        elif isinstance(value, np.ndarray):
            if value.dtype.name in NUMPY_DTYPES and not isinstance(value, np.ma.MaskedArray) and value.ndim <= MAX_NDIM:
                self.array(value.view(np.ndarray))
            else:
                self.reference(value)
        elif torch is not None and isinstance(value, torch.Tensor):
            self.tensor(torch, value)
        else:
            self.reference(value)

    def array(self, value: np.ndarray[Any, Any], device: str | None = None, dtype: str | None = None) -> None:
        self.items += ARRAY_ITEMS
        if value.nbytes > MAX_FRAME:
            raise CodecError(f"an array of {value.nbytes / 2**20:,.0f} MiB is larger than {MAX_FRAME // 2**20} MiB")
        name = dtype or value.dtype.name
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        if device is None:
            self.add(b"a")
        else:
            self.add(b"x", _short(device))
        self.add(bytes((_CODES[name], value.ndim)), struct.pack(f"<{value.ndim}Q", *value.shape))
        self.add(little.tobytes())

    def tensor(self, torch: Any, value: Any) -> None:
        dtype = str(value.dtype).removeprefix("torch.")
        plain = value.layout is torch.strided and not value.is_quantized and not value.is_meta
        if dtype not in _CODES or not plain or value.ndim > MAX_NDIM:
            self.reference(value)
            return
        if value.numel() * value.element_size() > MAX_FRAME:
            raise CodecError(f"a tensor of shape {tuple(value.shape)} is larger than {MAX_FRAME // 2**20} MiB")
        with torch.no_grad():
            copied = value.detach().as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg().contiguous()
            if dtype == "bfloat16":
                copied = copied.view(torch.int16)
        self.array(copied.numpy(), device=str(value.device), dtype=dtype)

    def reference(self, value: Any) -> None:
        kind, number, label = self.refer(value)
        self.add(_KIND_TAGS[kind], U32.pack(number), _short(label))


def _short(text: str) -> bytes:
    data = text.encode("ascii", "replace")[:255]
    return bytes((len(data),)) + data


_NO_KEY = object()


def _plain_key(key: Any, depth: int = 0) -> Any:
    """A dictionary's key as an exact builtin, a numpy scalar too; `_NO_KEY` where it has no such form."""
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, tuple) and depth < MAX_DEPTH:
        parts = tuple(_plain_key(part, depth + 1) for part in tuple.__iter__(key))
        return _NO_KEY if any(part is _NO_KEY for part in parts) else parts
    if key is None or type(key) in HASHABLE - {tuple}:
        return key
    for kind in (int, float, complex, str, bytes):
        if isinstance(key, kind):
            return _REDUCED[kind](key)
    return _NO_KEY


_REDUCED: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: lambda key: bytes(memoryview(key)),
}
