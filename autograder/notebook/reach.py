"""Whether the public tests of a question find, where their check cell stands, what they use of the notebook.

A student runs the check right below the answer, when nothing further down has been run. The grader runs the same tests
at the notebook's end, so a helper that is defined too late would be noticed by students alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.errors import Problem
from autograder.notebook.cells import CellKind
from autograder.notebook.master import Master, MasterCell
from autograder.notebook.source import bound_names, parse, top_definitions

_ASKING = frozenset({"call", "get", "keep", "new"})  # what a `student` is asked for by name


def out_of_reach(master: Master, last_answer: int, question: str, tests: str) -> Iterator[Problem]:
    """A problem for each name that `tests`, the packed tests, use and that only cells below the check cell define.

    `last_answer`: the index of the cell that the check cell follows. A name that no cell defines is no concern here.
    """
    wanted = _asked_names(tests) - _names_in(master.cells[: last_answer + 1])
    for index, cell in enumerate(master.cells[last_answer + 1 :], start=last_answer + 1):
        late = sorted(wanted & _names_in([cell]))
        wanted -= {*late}
        for name in late:
            wrong = f"the public tests of {question!r} use {name!r}, but it is defined only below their check cell"
            remedy = f"move this cell above the last answer of {question!r}"
            yield Problem(master.path, cell.line, f"cell {index + 1}", wrong, remedy)


def _asked_names(tests: str) -> set[str]:
    """The names for which these tests ask the notebook in plain text: `student.call("name", …)`."""
    tree = parse(tests)
    return {
        node.args[0].value.partition(".")[0]
        for definition in (_used_definitions(tree) if tree is not None else ())
        for node in ast.walk(definition)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _ASKING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "student"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def _used_definitions(tree: ast.Module) -> list[ast.AST]:
    """The tests, and the helpers and fixtures that they use; helpers of other questions' tests are packed, too."""
    found = {node.name: node for node in top_definitions(tree)}
    used = [name for name in found if name.startswith("test_")]
    for name in used:  # grows while it is walked
        for node in ast.walk(found[name]):
            other = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else None
            if other in found and other not in used:
                used.append(other)
    return [found[name] for name in used]


def _names_in(cells: Sequence[MasterCell]) -> set[str]:
    """What the code cells define, assign or import at their top level."""
    names: set[str] = set()
    for cell in cells:
        if cell.kind is CellKind.CODE:
            names |= bound_names(cell.solved)
            tree = parse(cell.solved)
            for node in tree.body if tree is not None else ():
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    return names
