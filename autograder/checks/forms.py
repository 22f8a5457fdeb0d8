"""The loose forms of comparison, and what is known of a value: the tables of the lint in `loose`.

A name that holds a student's value is *fresh* until a check has looked at it. What a check establishes:

    TYPE   it is of an exact type; what it contains may still be anything
    SIZE   its length or shape is known, so a loop over it does not end early
    ALL    nothing is left that could surprise an operator

A value derived from a fresh one, or taken out of a container of which only the type is known, is fresh again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

TYPE: Final = "type"
SIZE: Final = "size"
ALL: Final = "all"
FRESH: Final[frozenset[str]] = frozenset()
SETTLED: Final = frozenset({TYPE, SIZE, ALL})

CLOSE: Final = "use autograder.checks.assert_close, which asks for the same type, shape and finiteness"
EQUAL: Final = "use autograder.checks.assert_equal (assert_count for a whole number, assert_close for floats)"
WITHIN: Final = "use autograder.checks.assert_within, which NaN fails"
RAISES: Final = "use autograder.checks.assert_raises(ValueError, student.call, …)"

# full name of the function → (rule, what is wrong with it, what to do)
CALLS: Final[dict[str, tuple[str, str, str]]] = {
    **dict.fromkeys(
        ("numpy.allclose", "numpy.isclose", "torch.allclose", "torch.isclose", "math.isclose", "cmath.isclose"),
        ("loose-call", "broadcasts, ignores types, or takes an empty result", CLOSE),
    ),
    **dict.fromkeys(
        ("numpy.array_equal", "numpy.array_equiv", "torch.equal"),
        ("loose-call", "takes True for 1, or breaks on what is no array", EQUAL),
    ),
    "torch.testing.assert_close": ("loose-call", "breaks on what is no tensor, so the test ends undecided", CLOSE),
    "pytest.approx": ("loose-call", "ignores types and takes an int for a float", CLOSE),
    "pytest.raises": ("loose-call", "takes a timeout or a crash of the student's code for the exception", RAISES),
    **dict.fromkeys(
        ("numpy.nanmax", "numpy.nanmin", "numpy.nansum", "numpy.nanmean", "numpy.nanmedian", "numpy.nanstd",
         "numpy.nanvar", "numpy.nan_to_num", "numpy.fmax", "numpy.fmin", "torch.nansum", "torch.nanmean",
         "torch.nanmedian", "torch.nan_to_num", "torch.fmax", "torch.fmin"),
        ("nan-dropped", "leaves out NaN, so a result of NaN passes", "use assert_finite first, or assert_close"),
    ),
}  # fmt: skip
METHODS: Final = {
    "allclose": ("loose-call", "broadcasts or ignores types", CLOSE),
    "isclose": ("loose-call", "broadcasts or ignores types", CLOSE),
    "nan_to_num": CALLS["torch.nan_to_num"],
    "nansum": CALLS["torch.nansum"],
    "nanmean": CALLS["torch.nanmean"],
    **dict.fromkeys(
        ("assertEqual", "assertAlmostEqual", "assertTrue", "assertFalse", "assertListEqual", "assertSequenceEqual"),
        ("loose-call", "compares by the value's own operators", EQUAL),
    ),
}
FETCHES: Final = frozenset({"call", "get", "new", "keep", "value"})  # what brings a value of the student's
ORDER: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_SCALARS: Final = frozenset({"int", "float", "bool", "str", "bytes", "complex"})
_OF_CONTAINERS: Final = {"assert_finite": frozenset({TYPE, ALL}), "assert_dtype": frozenset({TYPE, ALL})}
_INTEGRAL: Final = frozenset(
    {"int", "object", "numbers.Number", "numbers.Complex", "numbers.Real", "numbers.Rational", "numbers.Integral"}
)
_WHATEVER: Final = frozenset({"Exception", "BaseException", "StudentError"})


def names(node: ast.AST) -> Iterator[str]:
    """Every name in an expression or a target."""
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def orders(node: ast.AST) -> bool:
    """Whether an ordering (<, <=, >, >=) stands anywhere in `node`."""
    return any(
        isinstance(part, ast.Compare) and any(isinstance(sign, ORDER) for sign in part.ops) for part in ast.walk(node)
    )


def established(check: str, arguments: list[ast.expr]) -> frozenset[str]:
    """What a passed assertion of ours establishes of its first argument."""
    if check == "assert_type":
        kinds = [argument.id if isinstance(argument, ast.Name) else "" for argument in arguments[1:]]
        return SETTLED if kinds and _SCALARS.issuperset(kinds) else frozenset({TYPE})
    return _OF_CONTAINERS.get(check, SETTLED)


def kinds_of(node: ast.expr) -> list[ast.expr]:
    """The types that an `isinstance` or an `except` names: one, a tuple of them, or `int | float`."""
    if isinstance(node, ast.Tuple):
        return [kind for element in node.elts for kind in kinds_of(element)]
    if isinstance(node, ast.BinOp):
        return kinds_of(node.left) + kinds_of(node.right)
    return [node]


def lets_bool_through(kind: str) -> bool:
    """Whether True is an instance of the type with this name."""
    return kind in _INTEGRAL


def catches_everything(kind: str) -> bool:
    """Whether an exception class of this name stands for whatever a student's code may raise."""
    return kind.rpartition(".")[2] in _WHATEVER


def is_strict(node: ast.Call) -> bool:
    """Whether a call of zip has strict=True."""
    return any(
        word.arg == "strict" and isinstance(word.value, ast.Constant) and word.value.value is True
        for word in node.keywords
    )


def identity(node: ast.Compare) -> bool:
    """Whether a comparison asks `is None`, `is True` or `is False`, which nothing but that value passes."""
    constants = all(isinstance(side, ast.Constant) for side in node.comparators)
    return constants and all(isinstance(sign, ast.Is) for sign in node.ops)


def measured(node: ast.Compare) -> str | None:
    """The name whose length alone a comparison looks at, as in `len(out) == 3`."""
    for side in (node.left, *node.comparators):
        if (
            isinstance(side, ast.Call)
            and isinstance(side.func, ast.Name)
            and side.func.id == "len"
            and len(side.args) == 1
            and isinstance(side.args[0], ast.Name)
        ):
            return side.args[0].id
    return None
