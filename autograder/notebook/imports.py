"""Which modules a submission imports, as far as reading can tell. It informs people and never costs a point."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from autograder.notebook.cells import SubmittedCell
from autograder.notebook.source import parse

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([^\W\d][\w.]*)", re.MULTILINE)


def imported_modules(cells: Iterable[SubmittedCell]) -> set[str]:
    """The dotted names that the cells that run import, each with its parents: `torch.nn` gives `torch` too."""
    found: set[str] = set()
    for cell in cells:
        if cell.runs and "import" in cell.source:
            for name in _names(cell.source):
                parts = name.split(".")
                found.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return found


def _names(source: str) -> set[str]:
    tree = parse(source)
    if tree is None:
        return {name.rstrip(".") for name in _IMPORT.findall(source)}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from torch import nn` may name a module or a function: both are listed
            names.update(node.module if alias.name == "*" else f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            names.update(_dynamic(node))
    return names


def _dynamic(call: ast.Call) -> list[str]:
    """The module of `__import__("x")` and `importlib.import_module("x")` where it stands there in plain text."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    if called in ("__import__", "import_module") and call.args:
        argument = call.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
            return [argument.value]
    return []
