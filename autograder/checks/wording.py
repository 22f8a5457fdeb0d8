"""How values are named in messages: short, printable, and never a whole array."""

from __future__ import annotations

from types import MemberDescriptorType
from typing import Any, Final

from autograder.checks.kinds import Family, Kind, kind_of, numeric

_LONGEST: Final = 80  # characters of one quoted value
_LARGEST: Final = 256  # bits of an integer that is printed in digits: Python refuses to print very long ones

_PYTHON_NAMES: Final = {
    Family.BOOLEAN: "a bool",
    Family.INTEGER: "an integer",
    Family.FLOATING: "a float",
    Family.COMPLEX: "a complex number",
}


def plural(count: int, noun: str) -> str:
    """`3 items`, `1 item`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def describe(value: Any) -> str:
    """What kind of thing `value` is, without its contents: `a float64 array of shape (3, 2)`."""
    kind = kind_of(value)
    match kind:
        case Kind.NONE:
            return "None"
        case Kind.NUMBER | Kind.ARRAY | Kind.TENSOR:
            return _describe_numeric(value, kind)
        case Kind.LIST | Kind.TUPLE:
            return f"a {kind} of {plural(len(value), 'item')}"
        case Kind.DICT:
            return f"a dict of {plural(len(value), 'item')}"
        case Kind.TEXT:
            return "text (str)"
        case Kind.BYTES:
            return f"{plural(len(value), 'byte')} (bytes)"
    return f"an object of an unsupported type ({short(type_name(value))})"


def type_name(value: Any) -> str:
    """The name of the value's class; of one that stands for another object, what it says in its slot `type_name`.

    A slot is read without running a line of the value's own code.
    """
    slot = vars(type(value)).get("type_name")
    name = slot.__get__(value) if isinstance(slot, MemberDescriptorType) else None
    return name if type(name) is str else type(value).__name__


def _describe_numeric(value: Any, kind: Kind) -> str:
    facts = numeric(value)
    if facts is None:
        return f"a {kind} of an unsupported dtype ({short(str(value.dtype))})"
    if kind is Kind.NUMBER:
        return _PYTHON_NAMES[facts.family]
    if not facts.shape:
        return f"a single {facts.dtype} ({kind} of shape ())"
    return f"a {facts.dtype} {kind} of shape {facts.shape}"


def quote(value: Any) -> str:
    """The contents of a scalar, cut to a line; a container or array is only described."""
    kind = kind_of(value)
    if kind in (Kind.NUMBER, Kind.ARRAY, Kind.TENSOR):
        facts = numeric(value)
        return describe(value) if facts is None or facts.shape else quote_number(facts.value)
    if kind in (Kind.TEXT, Kind.BYTES):
        return short(repr(value[: _LONGEST + 1]))  # repr escapes control, bidi and surrogate characters
    return describe(value)


def quote_number(number: Any) -> str:
    """A Python or numpy number in digits, where it is of a readable length."""
    if type(number) is int and number.bit_length() > _LARGEST:
        return f"an integer of {number.bit_length()} bits"
    return repr(number.item() if hasattr(number, "item") else number)


def short(text: str) -> str:
    """`text` cut to one line of a message."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def fail(message: str) -> None:
    """Raise the AssertionError that a comparison reports."""
    __tracebackhide__ = True
    raise AssertionError(message)
