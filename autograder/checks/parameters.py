"""What a test learns of a module that stays in the student's process: its parameters, one by one.

A module cannot cross, but names, shapes and numbers can. `parameters_of` walks `module.named_parameters()` over there
by a handle on its generator, ten short requests for each parameter, so no helper cell is needed and no matrix crosses
that nobody asks for. Parameters that share their memory (tied weights) are told by its address.

What the student's process says of its module is a claim, like every result. A test that wants more than a claim looks
at what the module does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import prod
from typing import Any, Final, Protocol

from autograder.checks.kinds import Kind, kind_of
from autograder.checks.reading import leaves_of, numbers_of, some
from autograder.checks.wording import describe, fail, plural, quote, short
from autograder.errors import StudentError

_MOST: Final = 10_000
"""Parameters of one module that are looked at; an endless generator stops here."""


class Handle(Protocol):
    """A handle on an object in the student's process: what a test's `Remote` is."""

    def call(self, method: str, *args: Any, **kw: Any) -> Any: ...

    def keep(self, method: str, *args: Any, **kw: Any) -> Handle: ...

    def get(self, attribute: str) -> Any: ...

    def value(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter under one of its names. Two with the same `storage` share their memory."""

    name: str
    shape: tuple[int, ...]
    dtype: str  # "float32"
    device: str  # "cpu", "cuda:0"
    trainable: bool
    storage: int
    handle: Handle

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


def parameters_of(module: Handle) -> list[Parameter]:
    """The parameters of a module in the student's process, a shared one under each of its names.

    Anything that is no module (None, data, an object without `named_parameters`) fails the test.
    """
    __tracebackhide__ = True
    if not is_handle(module):
        fail(f"expected a module, got {describe(module)}")
    pairs = module.keep("named_parameters", remove_duplicate=False)
    found: list[Parameter] = []
    while (pair := _next(pairs)) is not None:
        if len(found) == _MOST:
            fail(f"the module has more than {_MOST:,} parameters")
        found.append(_parameter(pair, -1 - len(found)))
    if not found:
        fail("the module has no parameters: are its layers attributes of it (lists need a ModuleList)?")
    return found


def is_handle(value: object) -> bool:
    """Whether `value` stands for an object in the student's process; asks its type alone."""
    exact = type(value)
    return kind_of(value) is Kind.UNSUPPORTED and all(callable(getattr(exact, name, None)) for name in ("keep", "call"))


def _next(pairs: Handle) -> Handle | None:
    try:
        return pairs.keep("__next__")
    except StudentError as error:
        if error.type == "StopIteration":
            return None
        raise


def _parameter(pair: Handle, own: int) -> Parameter:
    """`own` is the storage of an empty one, which has no memory."""
    name, handle = pair.call("__getitem__", 0), pair.keep("__getitem__", 1)
    shape, trainable, address = handle.get("shape"), handle.get("requires_grad"), handle.call("data_ptr")
    plain = type(name) is str and type(trainable) is bool and type(address) is int
    if not plain or type(shape) is not tuple or any(type(length) is not int for length in shape):
        raise AssertionError("named_parameters() of the module gives something else than names and parameters")
    if not address and prod(shape):  # on the device "meta" there is no memory, and a tensor's hash is its identity
        identity = handle.call("__hash__")
        address = -abs(identity) if type(identity) is int else 0
    return Parameter(
        name, shape, _text_of(handle, "dtype").removeprefix("torch."), _text_of(handle, "device"), trainable,
        address or own, handle,
    )  # fmt: skip


def _text_of(handle: Handle, attribute: str) -> str:
    value = handle.get(attribute)
    text = value.call("__str__") if is_handle(value) else value
    return text if type(text) is str else "unknown"


def values_of(module: Handle) -> dict[str, Any]:
    """The parameters of a module as data, by name: a copy, so that before and after a training step can be compared."""
    return {parameter.name: parameter.handle.value() for parameter in parameters_of(module)}


def gradients_of(module: Handle) -> dict[str, Any]:
    """The `.grad` of each trainable parameter of a module, by name: a tensor, or None where nothing reached it."""
    return {parameter.name: parameter.handle.get("grad") for parameter in parameters_of(module) if parameter.trainable}


def assert_parameter_count(parameters: Any, expected: int, *, trainable_only: bool = False) -> None:
    """Pass if `parameters` hold exactly `expected` numbers, a shared parameter counted once.

    `parameters` is a module in the student's process, or data: arrays in lists, tuples and dicts. Data are all counted,
    since nobody can see which of them share their memory.
    """
    __tracebackhide__ = True
    if type(expected) is not int or expected < 0:
        raise ValueError(f"expected={expected!r}: a count is a whole number")
    if not is_handle(parameters):
        count = sum(prod(numbers_of(leaf).shape) for leaf in leaves_of(parameters, "parameters").values())
        if count != expected:
            fail(f"expected {expected:,} parameters, got {count:,}")
        return
    every = parameters_of(parameters)
    counted = [parameter for parameter in every if parameter.trainable or not trainable_only]
    count = sum(parameter.size for parameter in _distinct(counted))
    if count != expected:
        fail(f"expected {expected:,} parameters, got {count:,}{_clue(counted, count, expected)}")


def _distinct(parameters: list[Parameter]) -> list[Parameter]:
    """One for each piece of memory: the largest, where one is a part of another that begins at the same place."""
    largest: dict[int, Parameter] = {}
    for parameter in parameters:
        if parameter.storage not in largest or parameter.size > largest[parameter.storage].size:
            largest[parameter.storage] = parameter
    return list(largest.values())


def _clue(parameters: list[Parameter], count: int, expected: int) -> str:
    """What the difference looks like, where it looks like something."""
    tied: defaultdict[int, list[str]] = defaultdict(list)
    for parameter in parameters:
        tied[parameter.storage].append(parameter.name)
    shared = [" = ".join(map(short, names)) for names in tied.values() if len(names) > 1]
    if sum(parameter.size for parameter in parameters) == expected:
        return f": {some(shared)} is one parameter, and counts once; should each name have its own?"
    surplus = [parameter.name for parameter in _distinct(parameters) if parameter.size == count - expected]
    if surplus:
        return f": too many by the size of {some(surplus)}. Should it be tied to another, or not be there?"
    biases = sum(parameter.shape[0] for parameter in _distinct(parameters) if len(parameter.shape) > 1)
    if expected - count == biases:
        return ": as many are missing as the layers have outputs. Where are the biases?"
    return f", in {plural(len(tied), 'tensor')}"


def assert_dtypes(module: Handle, dtype: str) -> None:
    """Pass if every parameter of a module is of `dtype`: "float32", "bfloat16"."""
    __tracebackhide__ = True
    wrong = [f"{short(each.name)} ({short(each.dtype)})" for each in parameters_of(module) if each.dtype != dtype]
    if wrong:
        fail(f"expected parameters of {dtype}, not {some(wrong)}")


def assert_tied(module: Handle, *names: str) -> None:
    """Pass if the parameters `names` of a module are one: they share their memory, and have the same shape."""
    __tracebackhide__ = True
    if len(names) < 2:
        raise ValueError("assert_tied needs at least two names")
    known = {parameter.name: parameter for parameter in parameters_of(module)}
    missing = [name for name in names if name not in known]
    if missing:
        fail(f"the module has no parameter {quote(missing[0])}")
    if len({(known[name].storage, known[name].shape) for name in names}) > 1:
        fail(f"{some(list(names))} are separate parameters: equal numbers are not enough, assign the one to the other")
