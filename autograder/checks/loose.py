"""A lint for tests: it refuses the forms of comparison that pass wrong work, and names the strict one.

Each rule stands for a wrong answer that some grader really passed: `np.allclose` broadcasts and takes an empty result,
`zip` stops at the shorter list, `not err > tol` and `if err > tol: fail` let NaN through, `assert student.call(…) == 1`
takes True, and `pytest.raises(Exception)` takes a timeout. The source is parsed, never imported or run.

A line where the loose form is right (two values of the author's own, say) carries `# loose: <why>` and is left alone.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from autograder.errors import Problem

_CLOSE: Final = "use autograder.checks.assert_close, which asks for the same type, shape and finiteness"
_EQUAL: Final = "use autograder.checks.assert_equal (assert_count for a whole number, assert_close for floats)"
_WITHIN: Final = "use autograder.checks.assert_within, which NaN fails"
_RAISES: Final = "use autograder.checks.assert_raises(ValueError, student.call, …)"

# full name of the function → (what is wrong with it, what to do)
_CALLS: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(
        ("numpy.allclose", "numpy.isclose", "torch.allclose", "torch.isclose", "math.isclose", "cmath.isclose"),
        ("broadcasts, ignores types, or takes an empty result", _CLOSE),
    ),
    **dict.fromkeys(
        ("numpy.array_equal", "numpy.array_equiv", "torch.equal"),
        ("takes True for 1, or breaks on what is no array", _EQUAL),
    ),
    "torch.testing.assert_close": ("breaks on what is no tensor, so the test ends undecided", _CLOSE),
    "pytest.approx": ("ignores types and takes an int for a float", _CLOSE),
    "pytest.raises": ("takes a timeout or a crash of the student's code for the exception asked for", _RAISES),
}
_METHODS: Final = {"allclose": _CLOSE, "isclose": _CLOSE}
_FETCHES: Final = frozenset({"call", "get", "new", "keep", "value"})  # what brings a value of the student's
_ORDER: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_EXEMPT: Final = re.compile(r"#\s*loose:\s*\S")


def find_loose_comparisons(source: Path | str, file: Path | str | None = None) -> list[Problem]:
    """Every loose comparison in a test module, given as a path or as source text (`file` then names it)."""
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    name = file if file is not None else source if isinstance(source, Path) else "<source>"
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        return [Problem(name, line, "syntax", f"not valid Python: {error}", "correct the file")]
    exempt = _exempt_lines(text)
    lint = _Lint()
    lint.visit(tree)
    found = sorted(set(lint.found))
    return [
        Problem(name, first, rule, message, remedy)
        for first, last, rule, message, remedy in found
        if exempt.isdisjoint(range(first, last + 1))
    ]


def _exempt_lines(text: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT and _EXEMPT.match(token.string)}


def _orders(node: ast.AST) -> bool:
    """Whether an ordering (<, <=, >, >=) stands anywhere in `node`."""
    return any(
        isinstance(part, ast.Compare) and any(isinstance(sign, _ORDER) for sign in part.ops) for part in ast.walk(node)
    )


def _names(target: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


@dataclass
class _Lint(ast.NodeVisitor):
    """Walks one module in source order. `unchecked`: names that hold a student's value as it came."""

    found: list[tuple[int, int, str, str, str]] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)  # local name → full name
    unchecked: set[str] = field(default_factory=set)

    def _report(self, node: ast.expr | ast.stmt, rule: str, message: str, remedy: str) -> None:
        self.found.append((node.lineno, node.end_lineno or node.lineno, rule, message, remedy))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self.modules[bound] = alias.name if alias.asname else bound

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.unchecked = set()
        self.generic_visit(node)

    def _full_name(self, node: ast.expr) -> str:
        """The dotted name of what is called, aliases of imports resolved: `np.allclose` → `numpy.allclose`."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self._full_name(node.value)}.{node.attr}"
        return ""

    def _fetches(self, node: ast.AST) -> bool:
        """Whether `node` asks the student for a value, as in `student.call("f")` or `student.new("C").get("x")`."""
        return any(
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr in _FETCHES
            and "student" in _names(part.func)
            for part in ast.walk(node)
        )

    def _is_check(self, node: ast.AST) -> bool:
        """Whether `node` calls an assertion of ours, which may see anything."""
        return isinstance(node, ast.Call) and self._full_name(node.func).rpartition(".")[2].startswith("assert_")

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        names = {name for target in node.targets for name in _names(target)}
        if self._fetches(node.value) and not self._is_check(node.value):
            self.unchecked |= names
        else:
            self.unchecked -= names

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = self._full_name(node.func)
        method = name.rpartition(".")[2] if isinstance(node.func, ast.Attribute) else ""
        if name in _CALLS:
            trouble, remedy = _CALLS[name]
            self._report(node, "loose-call", f"{name} {trouble}", remedy)
        elif name.startswith("numpy.testing."):
            self._report(node, "loose-call", f"{name} broadcasts and takes NaN for NaN", _CLOSE)
        elif method in _METHODS:
            self._report(node, "loose-call", f".{method}() broadcasts or ignores types", _METHODS[method])
        elif name == "zip" and not self._is_strict(node):
            self._report(node, "zip", "zip stops at the shorter one", "write zip(…, strict=True) or compare the lists")
        if self._is_check(node) and node.args:
            self.unchecked -= set(_names(node.args[0]))

    @staticmethod
    def _is_strict(node: ast.Call) -> bool:
        return any(
            word.arg == "strict" and isinstance(word.value, ast.Constant) and word.value.value is True
            for word in node.keywords
        )

    def visit_Assert(self, node: ast.Assert) -> None:
        self.generic_visit(node)
        for part in ast.walk(node.test):
            if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not) and _orders(part.operand):
                self._report(node, "not-greater", "`not a > b` is true of NaN", _WITHIN)
            elif isinstance(part, ast.Compare) and self._is_unchecked(part):
                ordered = any(isinstance(sign, _ORDER) for sign in part.ops)
                message = "compares a student's value by its own operators: True == 1, and an object may say yes"
                self._report(node, "bare-compare", message, _WITHIN if ordered else _EQUAL)
            elif isinstance(part, ast.Call) and self._is_all_of_comparison(part):
                self._report(
                    node, "all-of-comparison", "all() of a comparison broadcasts and is true of nothing", _CLOSE
                )

    def _is_unchecked(self, node: ast.Compare) -> bool:
        names = {name for side in (node.left, *node.comparators) for name in _names(side)}
        return self._fetches(node) or not self.unchecked.isdisjoint(names)

    def _is_all_of_comparison(self, node: ast.Call) -> bool:
        if self._full_name(node.func) in ("numpy.all", "torch.all", "numpy.alltrue"):
            return any(isinstance(part, ast.Compare) for argument in node.args for part in ast.walk(argument))
        return (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "all"
            and isinstance(node.func.value, ast.Compare)
        )

    def visit_If(self, node: ast.If) -> None:
        self.generic_visit(node)
        if _orders(node.test) and any(self._fails(statement) for statement in node.body):
            self._report(node.body[0], "fail-if-greater", "NaN is not greater than anything and passes", _WITHIN)

    def _fails(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            return "AssertionError" in _names(statement.exc)
        return (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Call)
            and self._full_name(statement.value.func) == "pytest.fail"
        )
