"""Our reader of the percent format agrees with Jupytext, and knows lines."""

from __future__ import annotations

import jupytext
import nbformat
import pytest

from autograder.notebook.percent import count_headers, read_percent

from .conftest import MASTER, Notebook, Take

FORMS = '''\
# -*- coding: utf-8 -*-
# %% [markdown] question="design" points=3
# # Title
#
# text
#   indented

# %% a title [markdown] x=1
"""
doc **md**
"""

# %% my title
#%%
x = 1

# %% [raw]
# raw text

# %% {"question": "q", "tags": ["a", "b"]}
# !pip install x
    # %matplotlib inline
y = 2  # %not

# %% tags=["a", "b"] locked=true
def f():

    return """
text
"""
'''
OWN = {"lines_to_next_cell", "title", "cell_marker"}


@pytest.mark.parametrize("text", [MASTER, FORMS, "x = 1\n", "", "# %%\n"])
def test_reader_agrees_with_jupytext(text: str) -> None:
    """Kinds, sources and keys are Jupytext's."""
    theirs = [
        (cell.cell_type, cell.source.strip("\n"), {key: cell.metadata[key] for key in cell.metadata if key not in OWN})
        for cell in jupytext.reads(text, fmt="py:percent").cells
    ]
    assert [(cell.kind.value, cell.source, cell.options) for cell in read_percent(text)] == theirs


def test_lines_are_those_of_the_file() -> None:
    """`line` is where the source begins, in prose in quotes too."""
    lines = FORMS.split("\n")
    for cell in read_percent(FORMS):
        if cell.source:
            assert cell.source.split("\n")[0].lstrip("# !") in lines[cell.line - 1]


@pytest.mark.parametrize("text", ["# %%", "# %%time", "#%%\r\n", "x\n# %%% a", "##%%", "# %%\tq", "#%%x", " # %%"])
def test_headers_are_counted_as_they_are_read(text: str) -> None:
    """The cheap count is the reader's."""
    assert count_headers(text) == sum(cell.header is not None for cell in read_percent(text + "\n1"))


@pytest.mark.parametrize(
    ("header", "options", "bad"),
    [
        ("a=1 b=True c='x' d=None", {"a": 1, "b": True, "c": "x", "d": None}, ()),
        ("a=[1 b=2", {"b": 2}, ("a",)),
        ("{broken", {}, ("{broken",)),
        ("a=" * 5000, {}, (("a=" * 10),)),
    ],
)
def test_header_values_are_json_or_python_words(header: str, options: dict[str, object], bad: tuple[str, ...]) -> None:
    """What cannot be read is named."""
    (cell,) = read_percent(f"# %% {header}\n1")
    assert (cell.options, cell.bad_options) == (options, bad)


def test_cell_of_another_language_does_not_run() -> None:
    """Jupytext comments such cells out; they are no code of ours."""
    (cell,) = read_percent('# %% language="bash"\n# ls\n')
    assert cell.kind.value == "raw"


def test_notebook_through_jupytext_is_the_same_submission(take: Take, solved: Notebook) -> None:
    """A student may convert the notebook to a percent file and hand that in."""
    before = take(solved)
    for cell in solved["cells"]:
        cell["source"] = "".join(cell["source"])
    script = jupytext.writes(nbformat.from_dict(solved), fmt="py:percent")
    after = take(script.encode(), "ada.py")
    assert after.digest == before.digest
    assert after.repairs == ()
