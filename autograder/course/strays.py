"""Code that looks like a test, or that pytest would collect as one, but is not read as a test of the assignment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.fixtures import statements
from autograder.course.marks import Function, mark_name


@dataclass(frozen=True, slots=True)
class Stray:
    """Where it is, what is wrong, what to do; `node` if it is a function."""

    line: int
    name: str
    message: str
    remedy: str
    node: Function | None = None


def strays(tree: ast.Module) -> Iterator[Stray]:
    """Every stray test of a module."""
    top = set(tree.body)
    for node in statements(tree):
        if isinstance(node, ast.ClassDef):
            yield from _in_class(node)
        elif isinstance(node, Function):
            marked = any(mark_name(mark) == "question" for mark in node.decorator_list)
            if node.name.startswith("test_") and node not in top:
                wrong = "the test is not at the top level of the file"
                yield Stray(node.lineno, node.name, wrong, "move it out of the block", node)
            elif marked and not node.name.startswith("test_"):
                wrong = f"`{node.name}` has a question mark, but its name does not begin with test_"
                yield Stray(node.lineno, node.name, wrong, f"rename it to test_{node.name}", node)
        else:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("test_"):
                wrong = f"tests import from the test module `{node.module}`: when it changes, they are not run again"
                yield Stray(node.lineno, node.module or "", wrong, "move what both need into a helper module")
            for name in bound_names(node):
                if name.startswith("test_"):
                    wrong = f"`{name}` is a test that is not written out here"
                    yield Stray(node.lineno, name, wrong, "define it with `def`, or give what you import another name")


def bound_names(node: ast.stmt) -> Iterator[str]:
    """The names that an import or an assignment binds."""
    if isinstance(node, ast.ImportFrom | ast.Import):
        yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _in_class(node: ast.ClassDef) -> Iterator[Stray]:
    bases = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases]
    if node.name.startswith("Test") or any(base.endswith("TestCase") for base in bases):
        for method in node.body:
            if isinstance(method, Function) and method.name.startswith("test"):
                wrong = f"the test is in the class {node.name}"
                yield Stray(method.lineno, method.name, wrong, "move it to module level, without `self`", method)
