"""What a value is, told by its exact type alone.

A value under test comes from hostile code. Its methods, `__eq__` and `__len__` included, would run in the grader, so
none is called before `type(value)` *is* one of the types below; a subclass does not count. The one place that looks
at types is `kind_of`, and everything else in this room asks it first.

What an author compares with may be richer (the reference solution's own namespace): numpy scalars, torch parameters
and, on the expected side only, subclasses of tuple and dict, which `reduced` makes plain as the wire does.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np


class Kind(StrEnum):
    """The families of values that comparisons know."""

    NONE = "None"
    NUMBER = "number"
    ARRAY = "array"
    TENSOR = "tensor"
    TEXT = "text"
    BYTES = "bytes"
    LIST = "list"
    TUPLE = "tuple"
    DICT = "dict"
    UNSUPPORTED = "unsupported type"


class Family(StrEnum):
    """What the numbers of a value are; the order of the members is the order in which one may stand for the next."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOATING = "floating"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number, array or tensor. `value` is a Python number where the shape is (), else an ndarray."""

    kind: Kind
    family: Family
    dtype: str  # "float32", "bfloat16", …; the name of the type for Python numbers
    shape: tuple[int, ...]
    value: Any


_NUMPY_SCALARS: Final = frozenset(np.dtype(code).type for code in "?bhilqBHILQefdgFDG")
_KINDS: Final[dict[type, Kind]] = {
    type(None): Kind.NONE,
    bool: Kind.NUMBER,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    complex: Kind.NUMBER,
    str: Kind.TEXT,
    bytes: Kind.BYTES,
    list: Kind.LIST,
    tuple: Kind.TUPLE,
    dict: Kind.DICT,
    np.ndarray: Kind.ARRAY,
    **dict.fromkeys(_NUMPY_SCALARS, Kind.ARRAY),
}
_PYTHON_FAMILIES: Final[dict[type, Family]] = {
    bool: Family.BOOLEAN,
    int: Family.INTEGER,
    float: Family.FLOATING,
    complex: Family.COMPLEX,
}
_NUMPY_FAMILIES: Final = {
    "b": Family.BOOLEAN,
    "i": Family.INTEGER,
    "u": Family.INTEGER,
    "f": Family.FLOATING,
    "c": Family.COMPLEX,
}
_TORCH_FAMILIES: Final = {
    "bool": Family.BOOLEAN,
    **dict.fromkeys(("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"), Family.INTEGER),
    **dict.fromkeys(("bfloat16", "float16", "float32", "float64"), Family.FLOATING),
    **dict.fromkeys(("complex64", "complex128"), Family.COMPLEX),
}
NUMERIC: Final = frozenset({Kind.NUMBER, Kind.ARRAY, Kind.TENSOR})
SEQUENCES: Final = frozenset({Kind.LIST, Kind.TUPLE})


def kind_of(value: object) -> Kind:
    """What `value` is, without calling anything of it."""
    exact = type(value)
    if type(exact) is type:  # a metaclass of its own could run code in the look-up
        return _KINDS.get(exact, Kind.UNSUPPORTED)
    return Kind.TENSOR if _is_tensor_type(exact) else Kind.UNSUPPORTED


def _is_tensor_type(exact: type) -> bool:
    torch = sys.modules.get("torch")  # where torch was never imported no value can be a tensor
    if torch is None or not hasattr(torch, "nn"):  # absent, or half imported
        return False
    return exact is torch.Tensor or exact is torch.nn.Parameter


def reduced(expected: object) -> object:
    """An expected value as the wire would carry it: a named tuple is a tuple, an ordered dict a dict."""
    exact = type(expected)
    if type(exact) is not type or exact in _KINDS:
        return expected
    if issubclass(exact, tuple):
        return tuple(tuple.__iter__(expected))  # type: ignore[arg-type]  # the base's method: no override runs
    if issubclass(exact, dict):
        return dict(dict.items(expected))  # type: ignore[arg-type]
    return expected


def numeric(value: Any) -> Numeric | None:
    """The numbers of a number, array or tensor; None where its dtype or layout has no comparison."""
    kind = kind_of(value)
    if kind is Kind.NUMBER:
        return Numeric(kind, _PYTHON_FAMILIES[type(value)], type(value).__name__, (), value)
    if kind is Kind.TENSOR:
        return _tensor(value)
    if kind is not Kind.ARRAY:
        return None
    family = _NUMPY_FAMILIES.get(value.dtype.kind)
    return None if family is None else _from_array(Kind.ARRAY, family, value.dtype.name, np.asarray(value))


def _tensor(value: Any) -> Numeric | None:
    torch = sys.modules["torch"]
    dtype = str(value.dtype).removeprefix("torch.")
    family = _TORCH_FAMILIES.get(dtype)
    if family is None or value.layout is not torch.strided or value.device.type == "meta":
        return None
    # the base's method: a tensor carries attributes, and one named `detach` would be called instead
    plain = torch.Tensor.detach(value).cpu().resolve_conj().resolve_neg()
    if dtype == "bfloat16":  # numpy has none; float32 holds every bfloat16 exactly
        plain = plain.to(torch.float32)
    return _from_array(Kind.TENSOR, family, dtype, plain.numpy())


def _from_array(kind: Kind, family: Family, dtype: str, array: np.ndarray[Any, Any]) -> Numeric:
    if array.shape:
        return Numeric(kind, family, dtype, array.shape, array)
    number: Any = array.item()
    if dtype.startswith(("longdouble", "float128", "float96")):  # .item() of these stays a numpy scalar
        number = float(number)
    elif dtype.startswith(("clongdouble", "complex256", "complex192")):
        number = complex(number)
    return Numeric(kind, family, dtype, (), number)
