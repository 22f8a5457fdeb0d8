"""Reading what `codec` writes: bytes of a process that may say anything.

Every count is checked against what is left before anything is allocated, so a frame costs the reader at most a small
multiple of its own size; nothing is ever unpickled or evaluated. Whatever is wrong is a CodecError.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograder.sandbox.codec import (
    ARRAY_ITEMS,
    C128,
    DTYPES,
    F64,
    HASHABLE,
    I64,
    MAX_DEPTH,
    MAX_FRAME,
    MAX_INT_BYTES,
    MAX_ITEMS,
    MAX_NDIM,
    NUMPY_DTYPES,
    CodecError,
    Reference,
)

_KEY_SECONDS = 5.0
"""CPU time for the dictionaries of one frame. Keys can be chosen to collide, and then every one meets all others."""
Resolve = Callable[[Reference], Any]
_TAG_KINDS = {ord(b"r"): "handle", ord(b"k"): "callback"}


def no_resolve(reference: Reference) -> Any:
    raise CodecError(f"a {reference.kind} is not expected here")


def decode(data: bytes | memoryview, resolve: Resolve = no_resolve, *, arrays: bool = True) -> Any:
    """The value of one frame; `resolve` turns references into objects. Without `arrays` it holds none, and no tensor.

    Raises CodecError for anything that `encode` could not have written, and nothing else.
    """
    if len(data) > MAX_FRAME + 64:
        raise CodecError("frame too large")
    decoder = _Decoder(memoryview(data), resolve, arrays)
    value = decoder.value(0)
    if decoder.at != len(decoder.data):
        raise CodecError("bytes left over")
    return value


class _Decoder:
    def __init__(self, data: memoryview, resolve: Resolve, arrays: bool) -> None:
        self.data = data
        self.resolve = resolve
        self.arrays = arrays
        self.at = 0
        self.items = 0
        self.started = time.thread_time()

    def take(self, count: int) -> memoryview:
        end = self.at + count
        if count > len(self.data) - self.at:
            raise CodecError("frame too short")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def value(self, depth: int) -> Any:
        self.items += 1
        if self.items > MAX_ITEMS:
            raise CodecError("too many items")
        if depth > MAX_DEPTH:
            raise CodecError("too deep")
        tag = self.take(1)[0]
        reader = _READERS.get(tag)
        if reader is None:
            raise CodecError(f"unknown tag {tag}")
        return reader(self, depth)

    def integer(self, depth: int) -> int:
        length = self.u32()
        if length > MAX_INT_BYTES:
            raise CodecError("integer too large")
        return int.from_bytes(self.take(length), "little", signed=True)

    def text(self, depth: int) -> str:
        try:
            return str(self.take(self.u32()), "utf-8")
        except UnicodeDecodeError as error:
            raise CodecError("text is not UTF-8") from error

    def count(self) -> int:
        count = self.u32()
        if count > len(self.data) - self.at:  # every value is at least one byte
            raise CodecError("more items than bytes")
        return count

    def list(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in range(self.count())]

    def mapping(self, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        count = self.count()
        for place in range(count):
            if place % 1024 == 1023 and time.thread_time() - self.started > _KEY_SECONDS:
                raise CodecError("keys that take too long to read")
            key = self.value(depth + 1)
            if not _is_exact_key(key):
                raise CodecError("unhashable key")
            result[key] = self.value(depth + 1)
        if len(result) != count:
            raise CodecError("doubled key")
        return result

    def array(self, depth: int) -> np.ndarray[Any, Any]:
        name, shape, payload = self.payload()
        if name == "bfloat16":
            raise CodecError("bfloat16 needs a tensor")
        return (
            np.frombuffer(payload, dtype=NUMPY_DTYPES[name].newbyteorder("<")).reshape(shape).astype(NUMPY_DTYPES[name])
        )

    def tensor(self, depth: int) -> Any:
        if not self.arrays:
            raise CodecError("a tensor is not expected here")
        try:
            import torch  # heavy, and not every assignment has it: loaded when the first tensor arrives
        except ImportError as error:
            raise CodecError("a tensor, where there is no torch") from error
        device = self.short()
        name, shape, payload = self.payload()
        raw = np.frombuffer(payload, dtype=NUMPY_DTYPES["int16" if name == "bfloat16" else name]).reshape(shape)
        tensor = torch.from_numpy(raw.copy())
        if name == "bfloat16":
            tensor = tensor.view(torch.bfloat16)
        tensor.claimed_device = device  # what the student's process says
        return tensor

    def payload(self) -> tuple[str, tuple[int, ...], memoryview]:
        if not self.arrays:
            raise CodecError("an array is not expected here")
        self.items += ARRAY_ITEMS
        code, ndim = self.take(2)
        if code >= len(DTYPES) or ndim > MAX_NDIM:
            raise CodecError("unknown dtype or too many dimensions")
        shape = struct.unpack(f"<{ndim}Q", self.take(8 * ndim))
        name = DTYPES[code]
        itemsize = 2 if name == "bfloat16" else NUMPY_DTYPES[name].itemsize
        size = prod(shape) * itemsize
        if size > MAX_FRAME or prod(filter(None, shape)) * itemsize > 2**62:  # the latter for an array without elements
            raise CodecError("array too large")
        payload = self.take(size)
        if name == "bool" and bytes(payload).strip(b"\x00\x01"):
            raise CodecError("a bool that is neither 0 nor 1")
        return name, shape, payload

    def short(self) -> str:
        raw = bytes(self.take(self.take(1)[0]))
        if not raw.isascii():
            raise CodecError("label is not ASCII")
        return raw.decode("ascii")

    def reference(self, depth: int) -> Any:
        kind = _TAG_KINDS[self.data[self.at - 1]]
        number = self.u32()
        return self.resolve(Reference(kind, number, self.short()))


def _is_exact_key(key: Any) -> bool:
    if type(key) is tuple:
        return all(_is_exact_key(part) for part in key)
    return type(key) in HASHABLE


_READERS: dict[int, Callable[[_Decoder, int], Any]] = {
    ord("N"): lambda decoder, depth: None,
    ord("T"): lambda decoder, depth: True,
    ord("F"): lambda decoder, depth: False,
    ord("i"): lambda decoder, depth: I64.unpack(decoder.take(8))[0],
    ord("d"): lambda decoder, depth: F64.unpack(decoder.take(8))[0],
    ord("c"): lambda decoder, depth: complex(*C128.unpack(decoder.take(16))),
    ord("I"): _Decoder.integer,
    ord("s"): _Decoder.text,
    ord("b"): lambda decoder, depth: bytes(decoder.take(decoder.u32())),
    ord("l"): _Decoder.list,
    ord("t"): lambda decoder, depth: tuple(decoder.list(depth)),
    ord("m"): _Decoder.mapping,
    ord("a"): _Decoder.array,
    ord("x"): _Decoder.tensor,
    ord("r"): _Decoder.reference,
    ord("k"): _Decoder.reference,
}
