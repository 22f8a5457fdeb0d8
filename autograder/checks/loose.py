"""A lint for tests: it refuses the forms of comparison that pass wrong work, and names the strict one.

Each rule stands for a wrong answer that some grader really passed: `np.allclose` broadcasts and takes an empty result,
`zip` stops at the shorter list, `not err > tol` and `if err > tol: fail` let NaN through, `assert student.call(…) == 1`
takes True, `assert student.call(…)` takes the text "no", a loop over an empty result checks nothing, and
`pytest.raises(Exception)` takes a timeout. The source is parsed, never imported or run.

What is known of a student's value follows its name through a function from top to bottom, without branches: see
`forms`. A line where the loose form is right (two values of the author's own, say) carries `# loose: <why>` and is left
alone.
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

from autograder.checks import forms
from autograder.checks.forms import ALL, FRESH, SIZE, TYPE
from autograder.errors import Problem

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
    lint = _Lint(prepared=frozenset(_prepared_names(tree)))
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


def _prepared_names(tree: ast.Module) -> Iterator[str]:
    """The set-ups of a module: what a test gets of one came from the student."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            marks = {name for decorator in node.decorator_list for name in forms.names(decorator)}
            if "prepared" in marks:
                yield node.name


@dataclass
class _Lint(ast.NodeVisitor):
    """Walks one module in source order. `known`: name that holds a student's value → what was established of it."""

    prepared: frozenset[str] = frozenset()
    found: list[tuple[int, int, str, str, str]] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)  # local name → full name
    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def _report(self, node: ast.expr | ast.stmt, rule: str, message: str, remedy: str) -> None:
        self.found.append((node.lineno, node.end_lineno or node.lineno, rule, message, remedy))

    # ---- names and what is known of them

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self.modules[bound] = alias.name if alias.asname else bound

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer = self.known
        given = {argument.arg for argument in node.args.args}
        self.known = {name: facts for name, facts in outer.items() if name not in given}
        self.known |= dict.fromkeys(given & self.prepared, FRESH)
        self.generic_visit(node)
        self.known = outer

    def _full_name(self, node: ast.expr) -> str:
        """The dotted name of what is called, aliases of imports resolved: `np.allclose` → `numpy.allclose`."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self._full_name(node.value)}.{node.attr}"
        return ""

    def _check(self, node: ast.AST) -> str | None:
        """The name of the assertion of ours that `node` calls, which may see anything."""
        name = self._full_name(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        return name if name.startswith("assert_") else None

    def _fetches(self, node: ast.AST) -> bool:
        """Whether `node` asks the student for a value, as in `student.call("f")` or `student.new("C").get("x")`."""
        return any(
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr in forms.FETCHES
            and "student" in forms.names(part.func)
            for part in ast.walk(node)
        )

    def _facts(self, node: ast.AST) -> frozenset[str] | None:
        """What is known of the student's values in an expression: of the least known one; None if there is none."""
        if self._check(node):
            return None
        if self._fetches(node):
            return FRESH
        facts = [self.known[name] for name in forms.names(node) if name in self.known]
        return frozenset.intersection(*facts) if facts else None

    def _is_open(self, node: ast.AST) -> bool:
        """Whether an operator on `node` could meet something of the student's that nothing has looked at."""
        facts = self._facts(node)
        return facts is not None and ALL not in facts

    def _establish(self, node: ast.expr, facts: frozenset[str]) -> None:
        if isinstance(node, ast.Name) and node.id in self.known:
            self.known[node.id] |= facts
        elif isinstance(node, ast.Call) and self._full_name(node.func) == "len" and node.args:
            self._establish(node.args[0], frozenset({SIZE}))

    def _bind(self, target: ast.AST, value: ast.expr) -> None:
        facts = self._facts(value)
        for name in forms.names(target):
            if facts is None or ALL in facts:
                self.known.pop(name, None)
            else:
                self.known[name] = facts if isinstance(value, ast.Name) else FRESH

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        if node.value is not None:
            self._bind(node.target, node.value)

    # ---- calls

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = self._full_name(node.func)
        method = name.rpartition(".")[2] if isinstance(node.func, ast.Attribute) else ""
        if name in forms.CALLS:
            rule, trouble, remedy = forms.CALLS[name]
            self._report(node, rule, f"{name} {trouble}", remedy)
        elif name.startswith("numpy.testing."):
            self._report(node, "loose-call", f"{name} broadcasts and takes NaN for NaN", forms.CLOSE)
        elif method in forms.METHODS:
            rule, trouble, remedy = forms.METHODS[method]
            self._report(node, rule, f".{method}() {trouble}", remedy)
        elif name in ("zip", "map") and not forms.is_strict(node) and (name == "zip" or len(node.args) > 2):
            remedy = "write zip(…, strict=True) or compare the lists"
            self._report(node, "zip", f"{name} stops at the shorter one", remedy)
        elif name in ("set", "frozenset", "sorted") and node.args:
            self._look_at_collected(node, name)
        elif name.rpartition(".")[2] == "assert_raises" and node.args:
            self._look_at_raises(node)
        check = self._check(node)
        if check is not None and node.args:
            self._establish(node.args[0], forms.established(check, node.args))

    def _look_at_collected(self, node: ast.Call, name: str) -> None:
        facts = self._facts(node.args[0])
        if facts is None or ALL in facts or (name == "sorted" and TYPE in facts):
            return
        if name == "sorted":
            remedy = "assert_type(result, list) first, or compare in order"
            self._report(node, "sorted", "sorted() takes a tuple or a dict for a list, and hides the order", remedy)
        else:
            message = f"{name}() hides how often a value comes, and its order"
            self._report(node, "set", message, "compare lists: assert_equal(sorted(result), sorted(expected))")

    def _look_at_raises(self, node: ast.Call) -> None:
        kinds = [self._full_name(kind) for kind in forms.kinds_of(node.args[0])]
        if any(forms.catches_everything(kind) for kind in kinds):
            message = "takes whatever goes wrong: a misspelt name, a function that is not written yet"
            self._report(node, "raises-anything", message, "name the exception that the text asks for")

    # ---- statements that let something through

    def visit_Assert(self, node: ast.Assert) -> None:
        self.generic_visit(node)
        for part in ast.walk(node.test):
            if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not) and forms.orders(part.operand):
                self._report(node, "not-greater", "`not a > b` is true of NaN", forms.WITHIN)
            elif isinstance(part, ast.Compare):
                self._look_at_comparison(node, part)
            elif isinstance(part, ast.Call):
                self._look_at_asserted_call(node, part)
        self._look_at_truth(node, node.test)

    def _look_at_comparison(self, statement: ast.Assert, node: ast.Compare) -> None:
        name = forms.measured(node)
        ordered = any(isinstance(sign, forms.ORDER) for sign in node.ops)
        if name is not None and TYPE in self.known.get(name, FRESH):
            self.known[name] |= {SIZE}
        elif self._is_open(node) and not forms.identity(node):
            message = "compares a student's value by its own operators: True == 1, and an object may say yes"
            self._report(statement, "bare-compare", message, forms.WITHIN if ordered else forms.EQUAL)
        if ordered and any(self._picks(side) for side in (node.left, *node.comparators)):
            self._report(statement, "max-of-nan", "max() and min() pass over a NaN that is not the first", forms.WITHIN)

    def _picks(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self._full_name(node.func) in ("max", "min") and len(node.args) == 1

    def _look_at_asserted_call(self, statement: ast.Assert, node: ast.Call) -> None:
        name = self._full_name(node.func)
        if name == "isinstance" and len(node.args) == 2:
            kinds = [self._full_name(kind) for kind in forms.kinds_of(node.args[1])]
            if any(forms.lets_bool_through(kind) for kind in kinds):
                remedy = "use autograder.checks.assert_type, or assert_count for a whole number"
                self._report(statement, "isinstance-int", "True is an int, too", remedy)
            self._establish(node.args[0], forms.established("assert_type", node.args))
        elif self._is_all_of_comparison(node, name):
            message = "all() and any() of a comparison broadcast, and all() is true of nothing"
            self._report(statement, "all-of-comparison", message, forms.CLOSE)

    def _is_all_of_comparison(self, node: ast.Call, name: str) -> bool:
        if name in ("numpy.all", "torch.all", "numpy.alltrue", "numpy.any", "torch.any"):
            return any(isinstance(part, ast.Compare) for argument in node.args for part in ast.walk(argument))
        return (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in ("all", "any")
            and isinstance(node.func.value, ast.Compare)
        )

    def _look_at_truth(self, statement: ast.Assert, node: ast.expr) -> None:
        """Whether an assertion asks a student's value, or a function of it, whether it is true."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self._look_at_truth(statement, node.operand)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self._look_at_truth(statement, value)
        elif not isinstance(node, ast.Compare) and self._is_open(node):
            if isinstance(node, ast.Call) and self._has_a_rule(node):
                return
            message = "asks whether it is true: so is the text “no”, and None is not"
            self._report(statement, "truth", message, "use assert_equal(…, True) or assert_equal(…, False)")

    def _has_a_rule(self, node: ast.Call) -> bool:
        name = self._full_name(node.func)
        known = name in forms.CALLS or name.rpartition(".")[2] in forms.METHODS or name == "isinstance"
        return known or self._is_all_of_comparison(node, name)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if forms.orders(node.test) and any(self._fails(statement) for statement in node.body):
            message = "NaN is not greater than anything and passes"
            self._report(node.body[0], "fail-if-greater", message, forms.WITHIN)
        elif self._is_open(node.test) and not node.orelse and self._asserts(node.body):
            message = "a result for which this is not so meets no check at all"
            self._report(node.test, "check-if", message, "assert it first (assert_type, assert_shape), then check")
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        facts = self._facts(node.iter)
        if facts is not None and SIZE not in facts and self._asserts(node.body):
            message = "a loop over an empty result checks nothing"
            self._report(node.iter, "loop", message, "assert the length first: assert_count(len(result), …)")
        self._bind(node.target, node.iter)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_Try(self, node: ast.Try) -> None:
        self.generic_visit(node)
        for handler in node.handlers:
            kinds = [self._full_name(kind) for kind in forms.kinds_of(handler.type)] if handler.type else ["Exception"]
            everything = any(forms.catches_everything(kind) or kind == "AssertionError" for kind in kinds)
            if everything and self._touches(node.body) and not self._ends(handler.body):
                message = "whatever the student's code raises here passes, a crash and a timeout too"
                self._report(handler.body[0], "swallowed", message, forms.RAISES)

    def visit_With(self, node: ast.With) -> None:
        self.generic_visit(node)
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and self._full_name(call.func) == "contextlib.suppress":
                kinds = [self._full_name(kind) for kind in call.args]
                if any(map(forms.catches_everything, kinds)) and self._touches(node.body):
                    message = "whatever the student's code raises here passes, a crash and a timeout too"
                    self._report(call, "swallowed", message, forms.RAISES)

    def _touches(self, body: list[ast.stmt]) -> bool:
        return self._asserts(body) or any(self._fetches(statement) for statement in body)

    def _asserts(self, body: list[ast.stmt]) -> bool:
        parts = [part for statement in body for part in ast.walk(statement)]
        return any(isinstance(part, ast.Assert) or self._check(part) is not None for part in parts)

    def _ends(self, body: list[ast.stmt]) -> bool:
        parts = [part for statement in body for part in ast.walk(statement)]
        return self._asserts(body) or any(isinstance(part, ast.Raise) for part in parts) or any(map(self._fails, body))

    def _fails(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            return "AssertionError" in forms.names(statement.exc)
        if isinstance(statement, ast.Assert):
            return isinstance(statement.test, ast.Constant) and not statement.test.value
        return (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Call)
            and self._full_name(statement.value.func) == "pytest.fail"
        )
