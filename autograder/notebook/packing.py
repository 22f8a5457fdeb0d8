"""Packs public tests into the notebook, so that the lone notebook suffices to check an answer.

A file's module is kept whole except for the tests of other questions: imports, helpers and fixtures come along. What is
packed must be one module, so `from __future__` lines go first, once, and two files that define the same name in
different ways cannot be packed together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from autograder.errors import CourseError, Problem
from autograder.notebook.source import first_line, normal, parse, top_definitions

_Test = ast.FunctionDef | ast.AsyncFunctionDef


def pack_public_tests(sources: Mapping[str, str], question: str) -> str:
    """One module with the public tests of `question` out of `sources` (file name → source); "" if there are none.

    CourseError if a source is no Python or if two files contradict each other.
    """
    problems: list[Problem] = []
    future: dict[str, None] = {}
    defined: dict[str, tuple[str, str]] = {}  # name → (file, source)
    parts: list[str] = []
    for file in sorted(sources):
        try:
            tree = ast.parse(sources[file])
        except (SyntaxError, ValueError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            problems.append(Problem(file, line, None, f"this is no valid Python: {error}", "correct the syntax"))
            continue
        if not any(_question(test) == question for test in _tests(tree)):
            continue
        for name, line, source in _definitions(tree, sources[file], question):
            other, same = defined.setdefault(name, (file, source))
            if same != source:
                remedy = f"rename one, or move both tests of {question!r} into one file"
                problems.append(Problem(file, line, name, f"{other} defines this name in another way", remedy))
        parts.append(_packed(tree, sources[file], question, future))
    if problems:
        raise CourseError(problems)
    return "\n\n\n".join([*(["\n".join(future)] if future else []), *parts]) + "\n" if parts else ""


def text_literal(text: str) -> str:
    """A Python literal of exactly this text, over several lines and readable wherever that is possible."""
    candidates = []
    for quotes in ("'''", '"""'):
        if "\\" in text:
            candidates.append(f"r{quotes}{text}{quotes}")
        else:
            candidates.append(f"{quotes}\\\n{text}{quotes}")
    escaped = text.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")
    candidates.append(f"'''\\\n{escaped}'''")
    for candidate in candidates if "\n" in text and _plain(text) else ():
        try:
            if ast.literal_eval(candidate) == text:
                return candidate
        except (SyntaxError, ValueError):
            continue
    return repr(text) if _plain(text.replace("\n", "")) else ascii(text)


def check_cell_source(question: str, tests: str, install: str, points: Decimal | None = None) -> str:
    """The source of a check cell, with the question's points. Without our package it prints one line, no traceback."""
    advice = f"The checks need the course's package 'autograder' ({install}). Then run this cell again."
    remark = "" if tests else "  # this question has no public tests"
    worth = "" if points is None else f"points={points.normalize():f}, "
    return (
        "# Runs the public tests of this question. Do not edit this cell; it is not graded.\n"
        "try:\n"
        "    from autograder import check\n"
        "except ImportError:\n"
        f"    print({advice!r})\n"
        "else:\n"
        f'    check("{question}", {worth}tests={text_literal(tests)}){remark}'
    )


@dataclass(frozen=True, slots=True)
class PackedCheck:
    """What a check cell holds. `points` are the question's; None in a cell that does not say."""

    question: str
    tests: str
    points: Decimal | None = None


def read_check_cell(source: str) -> PackedCheck | None:
    """The inverse of `check_cell_source`; None if this is no check cell. Nothing is run."""
    tree = parse(source) if "check(" in source else None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
            question = node.args[0] if len(node.args) == 1 else None
            values: dict[str | None, Any] = {
                keyword.arg: keyword.value.value for keyword in node.keywords if isinstance(keyword.value, ast.Constant)
            }
            tests, points = values.get("tests"), values.get("points")
            if isinstance(question, ast.Constant) and isinstance(question.value, str) and isinstance(tests, str):
                number = isinstance(points, int | float) and not isinstance(points, bool)
                return PackedCheck(question.value, tests, Decimal(str(points)) if number else None)
    return None


def _plain(text: str) -> bool:
    """Whether the text can stand in a source file as it is."""
    return all(character in "\n\t" or character.isprintable() for character in text)


def _tests(tree: ast.Module) -> Iterator[_Test]:
    for node in top_definitions(tree):
        if not isinstance(node, ast.ClassDef) and node.name.startswith("test_"):
            yield node


def _question(test: _Test) -> str | None:
    """The question that `@pytest.mark.question("id", …)` names."""
    for decorator in test.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr == "question"
            and decorator.args
            and isinstance(decorator.args[0], ast.Constant)
            and isinstance(decorator.args[0].value, str)
        ):
            return decorator.args[0].value
    return None


def _definitions(tree: ast.Module, source: str, question: str) -> Iterator[tuple[str, int, str]]:
    """(name, line, normal source) of what the file defines and what would be packed."""
    others = {test.name for test in _tests(tree) if _question(test) != question}
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        for name in names:
            if name not in others:
                yield name, node.lineno, normal(ast.get_source_segment(source, node) or "")


def _packed(tree: ast.Module, source: str, question: str, future: dict[str, None]) -> str:
    """The file's text without the tests of other questions; its `from __future__` lines move to `future`."""
    lines: list[str | None] = list(source.split("\n"))
    unwanted: list[tuple[int, int]] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            future[ast.unparse(node)] = None
            unwanted.append((node.lineno, node.end_lineno or node.lineno))
    for test in _tests(tree):
        if _question(test) != question:
            unwanted.append((first_line(test), test.end_lineno or test.lineno))
    for first, last in unwanted:
        while last < len(lines) and not (lines[last] or "").strip():
            last += 1  # the blank lines that follow go too
        lines[first - 1 : last] = [None] * (last - first + 1)
    return "\n".join(line for line in lines if line is not None).strip("\n")
