"""The hidden tests several times over: what a submission costs with twenty tests instead of three.

Each copy draws numbers of its own and has its share of its question's points, so a mistake loses the same as before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from decimal import Decimal

TWENTY = {"test_relu": 5, "test_softmax": 10, "test_step": 5}
_POINTS = re.compile(r"points=([\d.]+)")


def multiplied(source: str, copies: Mapping[str, int]) -> str:
    """A test file with so many copies of each test; its source as it is where a test is not named."""
    lines = source.splitlines()
    parts, last = [], 0
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name in copies:
            first = min(decorator.lineno for decorator in node.decorator_list) - 1
            parts += lines[last:first]
            last = node.end_lineno or node.lineno
            for number in range(1, copies[node.name] + 1):
                parts += [*_copy(lines[first:last], node.name, number, copies[node.name]), "", ""]
    return "\n".join([*parts, *lines[last:]]) + "\n"


def _copy(lines: list[str], name: str, number: int, of: int) -> list[str]:
    text = "\n".join(lines).replace(f"def {name}(", f"def {name}_{number}(")
    return _POINTS.sub(lambda found: f"points={Decimal(found[1]) / of}", text).splitlines()
