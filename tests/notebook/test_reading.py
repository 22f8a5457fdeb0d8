"""Reading hostile and mistaken files: a sentence for the student, and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import tarfile
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import SubmissionRejected
from autograder.notebook import reading
from autograder.notebook.reading import read_notebook

from .conftest import Notebook, Take
from .helpers import code


def notebook(cells: Any, **more: Any) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, **more}).encode()


def archive(name: str = "ada.ipynb") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "{}")
    return buffer.getvalue()


def tape(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        file.addfile(tarfile.TarInfo("ada.ipynb"))
    return buffer.getvalue()


REJECTED = {
    "empty": (b" \n", "The file is empty"),
    "zip": (archive(), "a zip archive, not a notebook. Unpack it"),
    "docx": (archive("[Content_Types].xml"), "an Office document, not a notebook. In Jupyter"),
    "tar": (tape("w:"), "a tar archive, not a notebook. Unpack it"),
    "tar.gz": (tape("w:gz"), "a gzip archive, not a notebook. Unpack it"),
    "tar.bz2": (tape("w:bz2"), "a bzip2 archive, not a notebook. Unpack it"),
    "tar.xz": (tape("w:xz"), "an xz archive, not a notebook. Unpack it"),
    "pickle": (pickle.dumps(["ada"], 2), "a Python pickle, not a notebook"),
    "pdf": (b"%PDF-1.7", "a PDF document"),
    "html": (b"\n<!DOCTYPE html><html>", "This is an HTML page"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "text": (b"hello", "begins with a brace"),
    "bad utf-8": (b'{"cells": "\xff"}', "not valid UTF-8"),
    "bad utf-16": (b"\xff\xfe{\x00\x00\xd8", "broken UTF-16"),
    "truncated": (notebook([code("x")])[:-20], "cut off"),
    "truncated text": (b'{"cells": "abc', "cut off"),
    "conflict": (b'{"cells": [\n<<<<<<< HEAD\n]}', "merge-conflict"),
    "no json": (b"{'cells': []}", "not valid JSON"),
    "digits": (b'{"nbformat": ' + b"1" * 5000 + b"}", "not valid JSON"),
    "doubled key": (b'{"cells": [], "cells": []}', "the key ‘cells’ stands twice"),
    "list": (b"[]", "JSON, but not a notebook"),
    "no cells": (b"{}", "it has no cells"),
    "version": (notebook([], nbformat=99), "version 99"),
    "cells": (notebook({"a": 1}), "list of cells is missing or damaged"),
    "cell": (notebook([1]), "Cell 1 of the notebook is damaged"),
    "source": (notebook([code("x", source=[1])]), "its source is no text"),
    "kind": (notebook([code("x", cell_type=["code"])]), "neither code nor text"),
    "worksheets": (json.dumps({"nbformat": 3, "worksheets": [1]}).encode(), "worksheets are damaged"),
    "sheet": (json.dumps({"nbformat": 3, "worksheets": [{"cells": 1}]}).encode(), "list of cells"),
    "deep": (b'{"a":' * 100_000, "nested more than 64 levels"),
    "many cells": (notebook([code("")] * 100_000), "has 100000 cells; at most 2000"),
    "long cell": (notebook([code("x" * 300_000)]), "Cell 1 holds 300,000 characters"),
    "long cells": (notebook([code("x" * 190_000)] * 11), "in all; at most 2,000,000"),
}


@pytest.mark.parametrize(("data", "reason"), REJECTED.values(), ids=REJECTED.keys())
def test_unreadable_file_is_rejected_with_a_reason(data: bytes, reason: str) -> None:
    """Each kind of damage has a sentence of its own, fit to be shown."""
    with pytest.raises(SubmissionRejected, match=reason) as caught:
        read_notebook(data, "ada.ipynb")
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")


def test_large_notebook_is_rejected_before_it_is_read() -> None:
    """The cap is on bytes and can be set."""
    with pytest.raises(SubmissionRejected, match=r"too large \(100 MiB; at most 20 MiB\)"):
        read_notebook(bytes(100 * 2**20))
    with pytest.raises(SubmissionRejected, match="too large"):
        read_notebook(notebook([]), max_bytes=10)


def test_percent_file_of_many_cells_is_rejected() -> None:
    """The count is taken before any cell is built."""
    with pytest.raises(SubmissionRejected, match="at most 2000"):
        read_notebook(b"# %%\n" * 100_000, "ada.py")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    """A notebook that some editor encoded otherwise is read."""
    data = json.dumps({"cells": [code("x = 'ü'")], "nbformat": 4}, ensure_ascii=False).encode(encoding)
    assert read_notebook(data).cells[0].source == "x = 'ü'"


def test_harmless_oddities_are_read() -> None:
    """NaN in an output, a missing source, half a character and metadata of a wrong type reject nobody."""
    data = notebook([code("a\ud800", outputs=[float("nan")], metadata=3), {"cell_type": "code"}])
    assert [cell.source for cell in read_notebook(data).cells] == ["a\ufffd", ""]


def test_deep_text_is_no_depth() -> None:
    """Brackets inside strings do not count."""
    assert read_notebook(notebook([code('x = "' + "[" * 1000 + '\\"')])).cells


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
KEYS = ["cells", "metadata", "nbformat", "worksheets", "cell_type", "source", "id", "nbgrader", "autograder"]
notebook_like = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([2, 3, 4]) | json_values,
        "metadata": json_values | st.dictionaries(st.sampled_from(KEYS), json_values, max_size=3),
        "worksheets": json_values,
        "cells": json_values
        | st.lists(
            st.dictionaries(st.sampled_from(KEYS), json_values | st.sampled_from(["code", "markdown", "raw"])),
            max_size=4,
        ),
    },
)


@settings(max_examples=150, deadline=None)
@given(value=notebook_like | json_values)
def test_any_json_is_read_or_rejected(value: Any) -> None:
    """Random JSON leads to cells or to a rejection."""
    with contextlib.suppress(SubmissionRejected):
        read_notebook(json.dumps(value).encode())


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), name=st.sampled_from(["a.py", "a.ipynb"]))
def test_any_bytes_are_read_or_rejected(data: bytes, name: str) -> None:
    """Random bytes lead to cells or to a rejection."""
    with contextlib.suppress(SubmissionRejected):
        read_notebook(data, name)


def test_mutated_notebooks_are_taken_or_rejected(take: Take, blank: Notebook, solved: Notebook) -> None:
    """Values replaced, cells copied, moved, re-typed and dropped: an Intake or a rejection, never anything else."""

    @settings(max_examples=200, deadline=None)
    @given(data=st.data())
    def mutate(data: st.DataObject) -> None:
        mutant = json.loads(json.dumps(data.draw(st.sampled_from([blank, solved]))))
        cells = mutant["cells"]
        for _ in range(data.draw(st.integers(1, 6))):
            source, target = (data.draw(st.integers(0, len(cells) - 1)) for _ in range(2))
            what = data.draw(st.sampled_from(["copy", "move", "type", "drop", "value", "cut"]))
            if what == "copy":
                cells.insert(target, json.loads(json.dumps(cells[source])))
            elif what == "move":
                cells.insert(target, cells.pop(source))
            elif what == "type":
                cells[source]["cell_type"] = data.draw(st.sampled_from(["code", "markdown", "raw"]))
            elif what == "drop" and len(cells) > 1:
                cells.pop(source)
            elif what == "value":
                cells[source][data.draw(st.sampled_from(["id", "metadata", "source", "outputs"]))] = data.draw(
                    json_values
                )
            elif what == "cut":
                cells[source]["source"] = "".join(map(str, cells[source].get("source") or ""))[: target * 9]
        with contextlib.suppress(SubmissionRejected):
            take(json.dumps(mutant).encode())

    mutate()


def test_hostile_repetition_costs_no_more_than_its_size(take: Take, blank: Notebook) -> None:
    """A thousand copies of everything and a thousand near misses are taken in; sentences stay few."""
    cells = [code(f"def cosine(u, v):\n    return {number}", id="cosine-answer-1") for number in range(900)]
    cells += [code("\n".join(f"line {number} {line}" for line in range(24))) for number in range(900)]
    blank["cells"] = cells
    intake = take(blank)
    assert len(intake.cells) == 1801
    assert len(intake.repairs) <= 100


def test_caps_are_named() -> None:
    """The caps stand as constants that documentation can name."""
    assert reading.MAX_BYTES == 20 * 2**20
    assert (reading.MAX_CELLS, reading.MAX_DEPTH) == (2_000, 64)
