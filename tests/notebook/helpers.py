"""How tests handle notebooks as plain JSON."""

from __future__ import annotations

import copy
from typing import Any

Notebook = dict[str, Any]


def at(notebook: Notebook, name: str) -> int:
    """The position of the cell with this id."""
    return next(index for index, cell in enumerate(notebook["cells"]) if cell["id"].startswith(name))


def cell(notebook: Notebook, name: str) -> dict[str, Any]:
    found: dict[str, Any] = notebook["cells"][at(notebook, name)]
    return found


def text(notebook: Notebook, name: str) -> str:
    return "".join(cell(notebook, name)["source"])


def code(source: str, /, **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
        **more,
    }


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "own", "metadata": {}, "source": source}


def without_ids(notebook: Notebook) -> Notebook:
    """What an editor leaves that keeps no metadata."""
    bare = copy.deepcopy(notebook)
    bare["metadata"] = {}
    bare["nbformat_minor"] = 2
    for one in bare["cells"]:
        del one["id"]
        one["metadata"] = {}
    return bare


def run(cells: Any) -> dict[str, Any]:
    """The namespace after all cells that run; a cell that raises is passed over, as in a notebook."""
    space: dict[str, Any] = {}
    for one in cells:
        if one.runs:
            try:
                exec(one.source, space)
            except NotImplementedError:
                continue
    return space
