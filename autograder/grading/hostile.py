"""The hostile set: what every test must survive and call failed, whatever a student's function gives back.

Each hostile notebook is the reference solution with one cell more at its end, which replaces everything that its
answers define by one thing that does the same wrong for all.
"""

from __future__ import annotations

import ast
from typing import Any

from autograder.notebook import Master

KINDS = {
    "none": "None",
    "wrong-type": "{'unexpected': 1}",
    "empty": "[]",
    "nan": "float('nan')",
    "string": "'hello'",
    "object": "object()",
    "raises": "_raise()",
    "hang": "_hang()",
}
"""Kind → the expression that every replaced function returns."""

HANG = "hang"

_CELL = """\
class HostileError(Exception):
    pass


def _raise():
    raise HostileError("on purpose")


def _hang():
    import time

    while True:
        time.sleep(1)


class _Hostile:
    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _hostile


def _hostile(*args, **kwargs):
    return {value}


"""


def defined_names(master: Master) -> tuple[list[str], list[str]]:
    """The functions and the classes that the master's answer cells define at their top level."""
    functions, classes = [], []
    for cell in master.cells:
        if not cell.is_answer or cell.kind.value != "code":
            continue
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.append(node.name)
            elif isinstance(node, ast.ClassDef):
                classes.append(node.name)
    return functions, classes


def hostile_notebook(notebook: dict[str, Any], master: Master, kind: str) -> dict[str, Any]:
    """The submission `notebook` with everything replaced by what `kind` stands for."""
    functions, classes = defined_names(master)
    lines = [f"{name} = _hostile" for name in functions] + [f"{name} = _Hostile" for name in classes]
    source = _CELL.replace("{value}", KINDS[kind]) + "\n".join(lines)
    cell: dict[str, Any] = {
        "id": "hostile",
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
    return {**notebook, "cells": [*notebook["cells"], cell]}
