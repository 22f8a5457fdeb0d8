"""Frames for the readers to choke on: valid ones of every kind, and what becomes of them when they are mutated."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox import codec
from autograder.sandbox.codec import Reference, encode

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]

TAGS = b"NTFiIdcsbltmaxrk"
_LENGTHS = (0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 1023, 1024, 1025, 65535, 65536,
            10**6, 10**6 + 1, 2**24, 2**27, 2**27 + 64, 2**27 + 65, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)  # fmt: skip
_SIZES = (*_LENGTHS, 2**33, 2**53, 2**61, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
_MOST = 1 << 16
"""Bytes that a mutated frame is cut to."""


class Stays:
    """An object that has no form of its own, so that a handle stands for it."""


def refer(value: object) -> Reference:
    return Reference("handle", random.getrandbits(32), type(value).__name__)


def any_value(chance: random.Random, depth: int = 0) -> Any:
    """A value of any kind that can cross."""
    kinds = _SCALARS if depth > 3 or chance.random() < 0.5 else _CONTAINERS
    return chance.choice(kinds)(chance, depth)


def _array(chance: random.Random, depth: int) -> Any:
    shape = [chance.choice((0, 1, 2, 3, 5)) for _ in range(chance.randrange(4))]
    name = chance.choice(codec.DTYPES[:-1])
    return np.arange(int(np.prod(shape))).reshape(shape).astype(name)


def _tensor(chance: random.Random, depth: int) -> Any:
    if torch is None:
        return None
    shape = [chance.choice((0, 1, 2, 3)) for _ in range(chance.randrange(4))]
    return torch.zeros(shape, dtype=getattr(torch, chance.choice(codec.DTYPES)))


def _text(chance: random.Random, depth: int) -> str:
    alphabet = "aé€😀\0\n\x1b‮ " * 8
    return "".join(chance.choices(alphabet, k=chance.choice((0, 1, 5, 40))))


def _bytes(chance: random.Random, depth: int) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 5, 40)))


def _list(chance: random.Random, depth: int) -> list[Any]:
    return [any_value(chance, depth + 1) for _ in range(chance.choice((0, 1, 2, 5)))]


def _mapping(chance: random.Random, depth: int) -> dict[Any, Any]:
    keys = [_text, _integer, _bytes, lambda *_: (1, "a", None), lambda *_: None, lambda *_: 2.5]
    return {chance.choice(keys)(chance, depth): any_value(chance, depth + 1) for _ in range(chance.choice((0, 1, 3)))}


def _integer(chance: random.Random, depth: int) -> int:
    return chance.choice(
        (0, 1, -1, 2**63 - 1, -(2**63), 2**64, -(2**200), chance.getrandbits(8 * chance.randrange(120)))
    )


Make = Callable[[random.Random, int], Any]
_SCALARS: list[Make] = [
    lambda *_: None, lambda *_: True, lambda *_: False, _integer, _text, _bytes,
    lambda chance, _: chance.choice((0.0, -0.0, 1.5, float("nan"), float("inf"), 5e-324)),
    lambda chance, _: complex(chance.random(), float("nan")),
    lambda *_: Stays(), _array, _tensor,
]  # fmt: skip
_CONTAINERS: list[Make] = [_list, lambda chance, depth: tuple(_list(chance, depth)), _mapping]


def any_message(chance: random.Random) -> tuple[Any, ...]:
    """A message as one process of a student's would send it, or one very much like it."""
    number = chance.getrandbits(62)
    return chance.choice(
        [
            ("hello",),
            ("ok", number, any_value(chance)),
            ("error", number, "ValueError", _text(chance, 0), ("Exception", "object"), _text(chance, 0)),
            ("callback", chance.randrange(3), (any_value(chance),), {"a": any_value(chance)}),
            ("done", chance.randrange(9), any_outputs(chance), any_error(chance), chance.random()),
            ("exit", chance.randrange(9), chance.choice((0, 9, 139, 256)), chance.random()),
            (any_value(chance), *_list(chance, 0)),
        ]
    )


def any_outputs(chance: random.Random) -> Any:
    """What a cell showed, mostly well formed; any part may be something else."""
    data = {"text/plain": _text(chance, 0), "image/png": "iVBORw0KGgo="}
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": "stdout", "text": _text(chance, 0)},
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1},
        {"output_type": "error", "ename": "E", "evalue": _text(chance, 0), "traceback": [_text(chance, 0)]},
    ]
    chosen = chance.choices(outputs, k=chance.randrange(4))
    return [odd_part(chance, output) for output in chosen] if chance.random() < 0.9 else any_value(chance)


def any_error(chance: random.Random) -> Any:
    """What a cell says that it raised."""
    error = {"name": "E", "message": _text(chance, 0), "cell": 1, "line": 2, "bases": ["Exception"], "traceback": ""}
    return chance.choice((None, error, odd_part(chance, error), any_value(chance)))


def odd_part(chance: random.Random, mapping: dict[str, Any]) -> dict[Any, Any]:
    """The mapping with, mostly, one entry exchanged, dropped or added."""
    changed: dict[Any, Any] = dict(mapping)
    key = chance.choice(list(mapping))
    what = chance.randrange(5)
    if what == 0:
        changed[key] = any_value(chance)
    elif what == 1:
        del changed[key]
    elif what == 2:
        changed[chance.choice((None, 1, "x", b"x"))] = any_value(chance)
    return changed


def valid_frame(chance: random.Random) -> bytes:
    """A frame that `encode` wrote."""
    return encode(any_message(chance) if chance.random() < 0.7 else any_value(chance), refer)


def mutate(frame: bytes, other: bytes, chance: random.Random) -> bytes:
    """The frame after one to four mutations; `other` is what is spliced into it."""
    data = bytearray(frame)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        chance.choice(_MUTATIONS)(data, other, chance)
    return bytes(data[:_MOST])


def _place(data: bytearray, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _flip(data: bytearray, other: bytes, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 8))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _set_byte(data: bytearray, other: bytes, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def _cut(data: bytearray, other: bytes, chance: random.Random) -> None:
    first, last = sorted((_place(data, chance), _place(data, chance)))
    del data[first : chance.choice((last, min(last, first + 4), len(data)))]


def _splice(data: bytearray, other: bytes, chance: random.Random) -> None:
    first, last = sorted(chance.choices(range(len(other) + 1), k=2))
    place = _place(data, chance)
    data[place : chance.choice((place, place + last - first))] = other[first:last]


def _repeat(data: bytearray, other: bytes, chance: random.Random) -> None:
    first, last = sorted((_place(data, chance), _place(data, chance)))
    data[last:last] = data[first:last] * chance.choice((1, 2, 16, 256))
    del data[_MOST:]


def _change_length(data: bytearray, other: bytes, chance: random.Random) -> None:
    """A count where one may stand: behind a tag, or anywhere."""
    tags = [place + 1 for place, byte in enumerate(data[:256]) if byte in b"Isbltmrk"] or [0]
    place = chance.choice(tags) if chance.random() < 0.7 else _place(data, chance)
    near = len(data) - place - 4 + chance.randrange(-2, 3)
    data[place : place + 4] = struct.pack("<I", chance.choice((*_LENGTHS, max(0, near))))


def _change_shape(data: bytearray, other: bytes, chance: random.Random) -> None:
    place = _place(data, chance)
    data[place : place + 8] = struct.pack("<Q", chance.choice(_SIZES))


def _swap_type(data: bytearray, other: bytes, chance: random.Random) -> None:
    tags = [place for place, byte in enumerate(data[:1024]) if byte in TAGS]
    if tags:
        data[chance.choice(tags)] = chance.choice(TAGS)


def _change_dtype(data: bytearray, other: bytes, chance: random.Random) -> None:
    headers = [place + 1 for place, byte in enumerate(data[:1024]) if byte == ord("a") and place + 2 < len(data)]
    if headers:
        place = chance.choice(headers)
        data[place + chance.randrange(2)] = chance.choice((0, 14, 15, 31, 32, 33, chance.randrange(16)))


def _nest(data: bytearray, other: bytes, chance: random.Random) -> None:
    depth = chance.choice((1, 10, 63, 64, 65, 1000))
    data[0:0] = chance.choice((b"l", b"t", b"m")).join([struct.pack("<I", 1)] * depth)
    data[0:0] = b"l"


_MUTATIONS = (_flip, _set_byte, _cut, _splice, _repeat, _change_length, _change_length, _change_shape, _swap_type,
              _swap_type, _change_dtype, _nest)  # fmt: skip
