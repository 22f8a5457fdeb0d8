"""Bytes from a stranger → the cells of a notebook, or SubmissionRejected with a sentence that a student can act on.

    bytes → size cap → text (UTF-8, or UTF-16 with its mark) → depth cap → JSON → cells (nbformat 2 to 4), or .py

Only a cell's kind, source, id and metadata are kept; outputs and attachments, the bulk of a notebook, are dropped at
once. nbformat is not used: it costs 1.2 s to import and raises whatever it likes on hostile input, and of an old
notebook only kinds and sources are wanted.
"""

from __future__ import annotations

import codecs
import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NoReturn

from autograder.errors import SubmissionRejected
from autograder.notebook.cells import CellKind, shown
from autograder.notebook.mistaken import has_conflict, mistaken_for
from autograder.notebook.percent import count_headers, read_percent

MAX_BYTES = 20 * 2**20
MAX_DEPTH = 64  # of JSON; a notebook needs about ten
MAX_CELLS = 2_000
MAX_CELL_CHARACTERS = 200_000
MAX_SOURCE_CHARACTERS = 2_000_000

_RESAVE = "Open it in Jupyter or Colab, save it, and submit it again."
# one step per string, whatever it holds: the closing quote is optional, so that no start is tried twice
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can spell half a character; nothing else can
_BRACKETS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NOT_BRACKETS = bytes(value for value in range(256) if value not in b"[]{}")


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell as it was submitted. `metadata` and `ids` are claims."""

    index: int
    kind: CellKind
    source: str
    ids: tuple[str, ...] = ()  # what the cell says it is, most trusted first
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawNotebook:
    """A notebook as it was submitted. `notes` say what was unusual about the file."""

    cells: tuple[RawCell, ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def refuse_large(size: int, max_bytes: int) -> None:
    """Reject a file of `size` bytes if that is more than `max_bytes`."""
    if size > max_bytes:
        _reject(
            f"The notebook is too large ({size / 2**20:.0f} MiB; at most {max_bytes / 2**20:.0f} MiB). "
            "Clear its outputs (Edit → Clear Outputs of All Cells), save it, and submit it again."
        )


def read_notebook(data: bytes, file_name: str = "", *, max_bytes: int = MAX_BYTES) -> RawNotebook:
    """The cells of a notebook: ipynb, or Python in percent format, told apart by what is in it.

    The name decides only one thing: Python without cell headers is accepted from a `.py` file alone.
    """
    refuse_large(len(data), max_bytes)
    reason = mistaken_for(data)
    if reason is not None:
        _reject(reason)
    text, notes = _decode(data)
    if text.lstrip()[:1] in ("{", "["):
        notebook = _read_json(text)
    elif file_name.lower().endswith(".py") or count_headers(text):
        notebook = _read_python(text)
    else:
        _reject(f"This is not a notebook: a notebook is JSON and begins with a brace. {_RESAVE}")
    _check_sizes(notebook.cells)
    return RawNotebook(notebook.cells, notebook.metadata, (*notes, *notebook.notes))


def _reject(sentence: str) -> NoReturn:
    raise SubmissionRejected(sentence)


def _decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), ("The file was encoded as UTF-16; it was read all the same.",)
        except UnicodeDecodeError:
            _reject(f"The file is broken UTF-16. {_RESAVE}")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        _reject(f"The file is not valid UTF-8 (byte {error.start + 1} is wrong): it is damaged. {_RESAVE}")


# ---- JSON


def _read_json(text: str) -> RawNotebook:
    if _depth(text) > MAX_DEPTH:
        _reject(f"The notebook is nested more than {MAX_DEPTH} levels deep; no real notebook is. {_RESAVE}")
    try:
        content = json.loads(text, object_pairs_hook=_unique, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        if has_conflict(text):
            _reject("The notebook holds Git merge-conflict lines (<<<<<<<). Resolve the conflict and submit it again.")
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            _reject(f"The notebook is cut off: the file ends too early. {_RESAVE}")
        _reject(f"The notebook is not valid JSON (line {error.lineno}: {error.msg}). {_RESAVE}")
    except (ValueError, RecursionError):  # a number of ten thousand digits
        _reject(f"The notebook is not valid JSON. {_RESAVE}")
    if not isinstance(content, dict):
        _reject(f"This is JSON, but not a notebook. {_RESAVE}")
    cells = _json_cells(content)
    metadata = content.get("metadata")
    return RawNotebook(tuple(_raw_cells(cells)), metadata if isinstance(metadata, dict) else {})


def _depth(text: str) -> int:
    """How deep brackets nest outside strings, without recursion."""
    brackets = _STRING.sub(b"", text.encode("utf-8", "replace")).translate(_BRACKETS, _NOT_BRACKETS)
    return max(accumulate(array("b", brackets)), default=0)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without doubled keys: two readers would see two different notebooks."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        _reject(f"The notebook is damaged: the key ‘{shown(key)}’ stands twice in one place. {_RESAVE}")
    return found


def _json_cells(content: dict[str, Any]) -> list[Any]:
    """The list of cells of nbformat 4, or of all worksheets of nbformat 2 and 3."""
    version = content.get("nbformat")
    if isinstance(version, bool) or not isinstance(version, int):
        if "cells" not in content and "worksheets" not in content:
            _reject(f"This is JSON, but not a notebook: it has no cells. {_RESAVE}")
        version = 4 if "cells" in content else 3
    if not 2 <= version <= 4:
        _reject(
            f"The notebook's format is version {shown(str(version))}; versions 2 to 4 can be read. "
            "Save it with a current Jupyter and submit it again."
        )
    if version == 4:
        cells = content.get("cells")
    else:
        sheets = content.get("worksheets")
        if not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
            _reject(f"The notebook's worksheets are damaged. {_RESAVE}")
        parts = [sheet.get("cells", []) for sheet in sheets]
        cells = [cell for part in parts for cell in part] if all(isinstance(part, list) for part in parts) else None
    if not isinstance(cells, list):
        _reject(f"The notebook's list of cells is missing or damaged. {_RESAVE}")
    _check_count(len(cells))
    return cells


def _raw_cells(cells: list[Any]) -> Iterator[RawCell]:
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict):
            _reject(f"Cell {index + 1} of the notebook is damaged: it is no cell at all. {_RESAVE}")
        metadata = cell.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        kind, source = _kind_and_source(index, cell)
        source = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", source.replace("\r\n", "\n"))
        yield RawCell(index, kind, source, _ids(cell.get("id"), metadata), metadata)


def _kind_and_source(index: int, cell: dict[str, Any]) -> tuple[CellKind, str]:
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input", ""))  # nbformat 3 keeps code in "input"
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        _reject(f"Cell {index + 1} of the notebook is damaged: its source is no text. {_RESAVE}")
    if kind == "heading":  # nbformat 3
        return CellKind.MARKDOWN, f"# {source}"
    if kind == "html":  # nbformat 2
        return CellKind.MARKDOWN, source
    if not isinstance(kind, str) or kind not in ("code", "markdown", "raw"):
        _reject(f"Cell {index + 1} of the notebook is damaged: it is neither code nor text. {_RESAVE}")
    return CellKind(kind), source


def _ids(own: Any, metadata: dict[str, Any]) -> tuple[str, ...]:
    """Ids from the format's own field, from nbgrader's metadata (which copies keep) and from where Colab puts them."""
    nbgrader = metadata.get("nbgrader")
    claims = (own, nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None, metadata.get("id"))
    return tuple(dict.fromkeys(claim for claim in claims if isinstance(claim, str)))


# ---- Python


def _read_python(text: str) -> RawNotebook:
    if has_conflict(text):
        _reject("The file holds Git merge-conflict lines (<<<<<<<). Resolve the conflict and submit it again.")
    if "\0" in text:
        _reject(f"This is not a notebook: it is not text. {_RESAVE}")
    headers = count_headers(text)
    _check_count(headers)
    _check_total(len(text))
    notes = () if headers else ("The file has no cell markers (# %%); it was read as one cell of code.",)
    cells = read_percent(text)
    return RawNotebook(
        tuple(
            RawCell(index, cell.kind, cell.source, _ids(cell.options.get("id"), cell.options), cell.options)
            for index, cell in enumerate(cells)
        ),
        notes=notes,
    )


# ---- caps


def _check_count(cells: int) -> None:
    if cells > MAX_CELLS:
        _reject(f"The notebook has {cells} cells; at most {MAX_CELLS} can be graded. Delete what is not needed.")


def _check_total(characters: int) -> None:
    if characters > MAX_SOURCE_CHARACTERS:
        _reject(
            f"The cells hold {characters:,} characters in all; at most {MAX_SOURCE_CHARACTERS:,} can be read. "
            "Put data into files, and submit it again."
        )


def _check_sizes(cells: tuple[RawCell, ...]) -> None:
    for cell in cells:
        if len(cell.source) > MAX_CELL_CHARACTERS:
            _reject(
                f"Cell {cell.index + 1} holds {len(cell.source):,} characters; at most {MAX_CELL_CHARACTERS:,} "
                "can be read. Put data into a file, shorten the cell, and submit it again."
            )
    _check_total(sum(len(cell.source) for cell in cells))
