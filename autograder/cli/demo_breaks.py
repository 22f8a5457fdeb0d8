"""What can be wrong with a notebook that was handed in, and what it may cost: the broken ones of the demo's class.

Each kind takes the notebook of somebody who answered everything right and spoils one thing, as editors and students
do. `Cost` is what fairness demands of the grader: a cell that hangs or crashes costs nothing by itself, a spoilt answer
costs its own question, and only a file that is no notebook of this assignment is handed back.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.notebook import to_bytes

Notebook = dict[str, Any]


class Cost(StrEnum):
    """What a fair grader takes off for it."""

    NOTHING = "nothing"
    QUESTION = "its question"
    FILE = "handed back"


@dataclass(frozen=True, slots=True)
class Paper:
    """A right notebook that is about to be spoilt. `function` is what the answer to `question` defines."""

    notebook: Notebook
    question: str
    function: str
    first_try: str  # a wrong answer to `question`
    blank: Notebook
    foreign: Notebook  # another assignment's

    def copy(self) -> Notebook:
        return copy.deepcopy(self.notebook)

    def answer(self, notebook: Notebook) -> int:
        """The place of the answer to `question`."""
        return next(place for place, cell in enumerate(notebook["cells"]) if self._is_answer(cell))

    def stub(self) -> str:
        """That answer as it was released."""
        return source_of(self.blank["cells"][self.answer(self.blank)])

    def _is_answer(self, cell: Notebook) -> bool:
        own = cell["metadata"].get("autograder", {})
        return bool(own.get("role") == "answer" and own.get("question") == self.question)


@dataclass(frozen=True, slots=True)
class Break:
    """One kind of broken submission. `file` is where it lies in the class's folder; a `slow` one runs into a limit."""

    name: str
    says: str
    cost: Cost
    make: Callable[[Paper], bytes]
    file: str = "{student}.ipynb"
    slow: bool = False
    strikes: bool = False  # it needs a question that one function answers


def source_of(cell: Notebook) -> str:
    """A cell's text."""
    return "".join(cell["source"])


def _role(cell: Notebook) -> str | None:
    role: str | None = cell["metadata"].get("autograder", {}).get("role")
    return role


def code_cell(source: str, name: str = "my-own-cell") -> Notebook:
    """A cell that a student added."""
    return {"id": name, "cell_type": "code", "metadata": {}, "source": source, "execution_count": None, "outputs": []}


# ---- cells that students added


def _with_cell(source: str) -> Callable[[Paper], bytes]:
    """The notebook with one more code cell in its middle."""

    def make(paper: Paper) -> bytes:
        notebook = paper.copy()
        notebook["cells"].insert(len(notebook["cells"]) // 2, code_cell(source))
        return to_bytes(notebook)

    return make


# ---- answers that misbehave when they are called


def _with_first_lines(lines: str) -> Callable[[Paper], bytes]:
    """The notebook in which the function of one question begins with other lines."""

    def make(paper: Paper) -> bytes:
        notebook = paper.copy()
        cell = notebook["cells"][paper.answer(notebook)]
        cell["source"] = _begin_with(source_of(cell), paper.function, lines)
        return to_bytes(notebook)

    return make


def _begin_with(source: str, function: str, lines: str) -> str:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            first = next((part for part in node.body if not _is_docstring(part)), node.body[-1])
            text = source.split("\n")
            text[first.lineno - 1 : first.lineno - 1] = [" " * first.col_offset + line for line in lines.split("\n")]
            return "\n".join(text)
    raise ValueError(f"there is no function {function}")


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


# ---- what editors and hands do to cells


def _without_metadata(paper: Paper) -> bytes:
    """As old Colab saves: no cell ids, none of our metadata, and its own ids instead."""
    notebook = paper.copy()
    for number, cell in enumerate(notebook["cells"]):
        del cell["id"]
        cell["metadata"] = {"id": f"Qw3rTy{number:06}"}
    colab = {"colab": {"provenance": []}, "kernelspec": {"display_name": "Python 3", "name": "python3"}}
    return to_bytes(notebook | {"metadata": colab, "nbformat_minor": 0})


def _doubled_with_stub(paper: Paper) -> bytes:
    notebook = paper.copy()
    place = paper.answer(notebook)
    old = copy.deepcopy(notebook["cells"][place])
    notebook["cells"].insert(place + 1, old | {"id": "the-copy", "source": paper.stub()})
    return to_bytes(notebook)


def _doubled_after_first_try(paper: Paper) -> bytes:
    notebook = paper.copy()
    place = paper.answer(notebook)
    old = copy.deepcopy(notebook["cells"][place])
    notebook["cells"].insert(place, old | {"id": "the-copy", "source": paper.first_try})
    return to_bytes(notebook)


def _without_answer(paper: Paper) -> bytes:
    notebook = paper.copy()
    del notebook["cells"][paper.answer(notebook)]
    return to_bytes(notebook)


def _answer_as_markdown(paper: Paper) -> bytes:
    notebook = paper.copy()
    cell = notebook["cells"][paper.answer(notebook)]
    cell["cell_type"] = "markdown"
    del cell["execution_count"], cell["outputs"]
    return to_bytes(notebook)


def _answers_backwards(paper: Paper) -> bytes:
    """All answer cells change places: the last one stands first."""
    notebook = paper.copy()
    cells = notebook["cells"]
    places = [
        place for place, cell in enumerate(cells) if cell["metadata"].get("autograder", {}).get("role") == "answer"
    ]
    for place, cell in zip(places, [cells[place] for place in reversed(places)], strict=True):
        cells[place] = cell
    return to_bytes(notebook)


def _locked_cells_edited(paper: Paper) -> bytes:
    notebook = paper.copy()
    for cell in notebook["cells"]:
        if _role(cell) in ("helper", "check"):
            cell["source"] = "raise SystemExit('I thought that I did not need this')\n"
    return to_bytes(notebook)


def _locked_cells_deleted(paper: Paper) -> bytes:
    notebook = paper.copy()
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["metadata"].get("editable", True)]
    return to_bytes(notebook)


# ---- other files and formats


def _as_percent_script(paper: Paper) -> bytes:
    """As VS Code exports: cells without ids, text as comments."""
    parts = []
    for cell in paper.notebook["cells"]:
        lines = source_of(cell).split("\n")
        if cell["cell_type"] == "code":
            parts.append("\n".join(["# %%", *(f"# {line}" if line.startswith(("%", "!")) else line for line in lines)]))
        else:
            parts.append("\n".join(["# %% [markdown]", *(f"# {line}".rstrip() for line in lines)]))
    return ("\n\n".join(parts) + "\n").encode()


def _as_nbformat_3(paper: Paper) -> bytes:
    cells = []
    for cell in paper.notebook["cells"]:
        if cell["cell_type"] == "code":
            old = {
                "cell_type": "code",
                "input": source_of(cell),
                "language": "python",
                "collapsed": False,
                "outputs": [],
            }
        else:
            old = {"cell_type": cell["cell_type"], "source": source_of(cell)}
        cells.append(old | {"metadata": {}})
    sheet = {"cells": cells, "metadata": {}}
    return json.dumps({"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}).encode()


def _with_bytes(data: bytes) -> Callable[[Paper], bytes]:
    return lambda paper: data


def _cut_off(paper: Paper) -> bytes:
    whole = to_bytes(paper.notebook)
    return whole[: 2 * len(whole) // 3]


def _of_another_assignment(paper: Paper) -> bytes:
    return to_bytes(paper.foreign)


_HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session has expired.</body></html>\n"
_ENDLESS = "steps = 0\nwhile steps >= 0:\n    steps += 1"
_HOG = "numbers = []\nwhile True:\n    numbers.append(bytearray(100_000_000))"
_DRIVE = "!pip install -q transformers\nfrom google.colab import drive\ndrive.mount('/content/drive')"
_PLOT = "losses_so_far.plot(title='was defined in a cell that is deleted now')"

_NOTHING, _QUESTION, _FILE = Cost.NOTHING, Cost.QUESTION, Cost.FILE

BREAKS: tuple[Break, ...] = (
    Break("endless-cell", "a cell that never ends", _NOTHING, _with_cell(_ENDLESS), slow=True),
    Break("endless-function", "an answer that never ends", _QUESTION, _with_first_lines("while True:\n    pass"),
          slow=True, strikes=True),
    Break("exit-cell", "a cell that ends the process: os._exit", _NOTHING, _with_cell("import os\nos._exit(0)")),
    Break("exit-function", "an answer that ends the process: os._exit", _QUESTION,
          _with_first_lines("import os\nos._exit(0)"), strikes=True),
    Break("memory-cell", "a cell that takes all memory", _NOTHING, _with_cell(_HOG)),
    Break("crash-cell", "a cell that crashes Python", _NOTHING, _with_cell("import ctypes\nctypes.string_at(0)")),
    Break("sys-exit-cell", "a cell that calls sys.exit", _NOTHING, _with_cell("import sys\nsys.exit(1)")),
    Break("input-cell", "a cell that waits for the keyboard", _NOTHING, _with_cell("name = input('Your name? ')")),
    Break("error-cell", "a cell with an error", _NOTHING, _with_cell(_PLOT)),
    Break("syntax-cell", "a cell that is no Python", _NOTHING, _with_cell("TODO ask about this in class!!")),
    Break("colab-cell", "a cell that only Colab can run", _NOTHING, _with_cell(_DRIVE)),
    Break("no-metadata", "all cell ids and metadata deleted", _NOTHING, _without_metadata),
    Break("doubled-stub", "an answer doubled, the copy unedited", _NOTHING, _doubled_with_stub, strikes=True),
    Break("doubled-try", "an answer doubled, the first one wrong", _NOTHING, _doubled_after_first_try, strikes=True),
    Break("deleted-answer", "an answer cell deleted", _QUESTION, _without_answer, strikes=True),
    Break("markdown-answer", "an answer cell turned into text", _NOTHING, _answer_as_markdown, strikes=True),
    Break("backwards", "the answers in reverse order", _NOTHING, _answers_backwards),
    Break("locked-edited", "every locked cell edited", _NOTHING, _locked_cells_edited),
    Break("locked-deleted", "every locked cell deleted", _NOTHING, _locked_cells_deleted),
    Break("renamed", "a file of another name, in a folder", _NOTHING, lambda paper: to_bytes(paper.notebook),
          file="{student}/My copy (3).ipynb"),
    Break("script", "a .py file instead of a notebook", _NOTHING, _as_percent_script, file="{student}.py"),
    Break("nbformat-3", "a notebook in a format of 2012", _NOTHING, _as_nbformat_3),
    Break("web-page", "not JSON: a web page saved as .ipynb", _FILE, _with_bytes(_HTML)),
    Break("empty-file", "an empty file", _FILE, _with_bytes(b"")),
    Break("cut-off", "a file that was cut off", _FILE, _cut_off),
    Break("other-assignment", "the notebook of another assignment", _FILE, _of_another_assignment),
)  # fmt: skip
"""Every kind, in the order in which the demo lists them."""
