"""What can be told from a cell's source without running it: the names it defines, whether it is an unedited stub.

A student's cell need not be valid Python. Patterns answer first, because they are cheap and never fail; the parser is
asked only where the answer matters, and its failure (a syntax error, or nesting that it cannot bear) is an answer too.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+([^\W\d]\w*)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^([^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})([^`]*)")
# possessive quantifiers: a hostile megabyte of blanks must not be tried in every division
_LINE_MAGIC = re.compile(r"^([ \t]*+)(?:[%!?][^\n]*|[\w.]++\?{1,2}[ \t]*+|[\w, \t]++=[ \t]*+[%!][^\n]*)$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\A\s*%%(\w+)[^\n]*")
_PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "pypy"})


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a function or class stands (1-based lines, decorators included) and its text in normal form."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What a cell binds at its top level: all names, and its functions and classes in detail."""

    bound: frozenset[str]
    definitions: dict[str, Definition]


def normal(source: str) -> str:
    """The source without what an editor may change by itself: line ends, trailing spaces, blank lines."""
    return "\n".join(stripped for line in source.splitlines() if (stripped := line.rstrip()))


def unfenced(source: str) -> str:
    """The code inside the fenced blocks of a Markdown cell; without a fence, the text as it is."""
    code: list[str] = []
    fence: str | None = None
    fenced = False
    for line in source.split("\n"):
        match = _FENCE.fullmatch(line)
        if fence is None:
            if match is not None:
                fence, fenced = match.group(1), True
        elif match is not None and match.group(1).startswith(fence) and not match.group(2).strip():
            fence = None
        else:
            code.append(line)
    return "\n".join(code) if fenced else source


def python_of(source: str) -> str:
    """The cell without IPython's magics, line numbers kept; empty if the cell is in another language."""
    magic = _CELL_MAGIC.match(source)
    if magic is not None:
        if magic.group(1) not in _PYTHON_CELL_MAGICS:
            return ""
        source = "\n" * magic.group().count("\n") + source[magic.end() :]
    return _LINE_MAGIC.sub(r"\1pass", source)


def parse(source: str) -> ast.Module | None:
    """The syntax tree, or None if Python cannot read the source. Never raises and never warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a student's "\d" is no news for us
        for text in (source, python_of(source)):
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


def quick_definitions(source: str) -> frozenset[str]:
    """The functions and classes that seem to be defined at the left margin; text inside a long string may fool it."""
    return frozenset(_DEFINITION.findall(source))


def quick_names(source: str) -> frozenset[str]:
    """`quick_definitions` and the variables that seem to be assigned at the left margin."""
    return quick_definitions(source) | frozenset(_ASSIGNMENT.findall(source))


def definitions(source: str) -> frozenset[str]:
    """The functions and classes that the cell defines at its top level, as the parser sees it if it can."""
    guess = quick_definitions(source)
    tree = parse(source) if guess else None
    return guess if tree is None else frozenset(node.name for node in top_definitions(tree))


def bound_names(source: str) -> frozenset[str]:
    """`definitions` and the variables that are assigned at the top level."""
    guess = quick_names(source)
    tree = parse(source) if guess else None
    return guess if tree is None else _bound(tree)


def _bound(tree: ast.Module) -> frozenset[str]:
    targets: list[ast.expr] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets.append(node.target)
    variables = (leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name))
    return frozenset([*(node.name for node in top_definitions(tree)), *variables])


def top_definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The functions and classes at the top level of a module, in order."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The 1-based line on which a definition begins, its decorators included."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def outline_of(source: str) -> Outline:
    """What the cell binds at its top level, and where; only guessed names if Python cannot read it."""
    tree = parse(source)
    if tree is None:
        return Outline(quick_names(source), {})
    lines = source.split("\n")
    found: dict[str, Definition] = {}
    for node in top_definitions(tree):
        first, last = first_line(node), node.end_lineno or node.lineno
        found[node.name] = Definition(first, last, normal("\n".join(lines[first - 1 : last])))
    return Outline(_bound(tree), found)
