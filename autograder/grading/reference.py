"""The reference solution's names: the master's code cells, executed once in the grader."""

from __future__ import annotations

import ast
import contextlib
import sys
import types
from collections.abc import Sequence

from autograder.errors import CourseError, Problem

_NAME = "reference_solution"


def load_reference(cells: Sequence[tuple[str, int, str]]) -> types.SimpleNamespace:
    """Execute the masters' code cells, given as (file, line of the cell in it, source), and give their names as
    attributes.

    IPython's magics are left out: a reference is plain Python. Raises CourseError naming the line that failed.
    """
    module = types.ModuleType(_NAME)
    sys.modules[_NAME] = module  # dataclasses and type hints look their module up
    for file, line, source in cells:
        text = "\n" * (line - 1) + _without_magics(source)
        try:
            exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)
        except Exception as error:
            raise CourseError([_problem(file, line, error)]) from error
    return types.SimpleNamespace(**{k: v for k, v in module.__dict__.items() if not k.startswith("__")})


def _without_magics(source: str) -> str:
    with contextlib.suppress(SyntaxError):
        ast.parse(source)
        return source  # a line of a text or of a formula may start like a magic
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))


def _problem(file: str, line: int, error: Exception) -> Problem:
    tb, place = error.__traceback__, line
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == file:
            place = tb.tb_lineno
        tb = tb.tb_next
    if isinstance(error, SyntaxError) and error.lineno:
        place = error.lineno
    message = f"the reference solution fails: {type(error).__name__}: {error}"
    return Problem(file, place, None, message, "run the master notebook from top to bottom and mend this cell")
