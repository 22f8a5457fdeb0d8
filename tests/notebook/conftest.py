"""A small course notebook with every kind of cell, and what is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autograder.notebook import (
    Intake,
    Master,
    NotebookQuestion,
    Release,
    Template,
    read_master,
    read_submission,
    student_notebook,
    submission_notebook,
    to_bytes,
)

MASTER = '''\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---
# The author's own remark.

# %% [markdown]
# # Angles between vectors, a text of more than forty characters

# %% locked=true
import math


def norm(u):
    return math.sqrt(sum(x * x for x in u))

# %%
import random

# %% [markdown] question="cosine"
# Write `cosine`.

# %% question="cosine"
def cosine(u, v):
    """The cosine."""
    ### BEGIN SOLUTION
    return sum(a * b for a, b in zip(u, v)) / norm(u) / norm(v)
    ### END SOLUTION


def angle(u, v):
    ### BEGIN SOLUTION
    return math.acos(cosine(u, v))
    ### END SOLUTION

# %% [markdown]
# ## Guess a number before you run it, please

# %% question="guess"
### BEGIN SOLUTION: guess = None
guess = 0.5
### END SOLUTION

# %% [markdown]
# ## Say why the angle matters more than the length

# %% [markdown] question="why"
# ### BEGIN SOLUTION
# Because scale is noise.
# ### END SOLUTION

# %% [markdown]
# The end of it.
'''

PUBLIC = {
    "test_angles.py": '''\
"""Public tests."""
from __future__ import annotations

import pytest

LIMIT = 1


@pytest.fixture
def vectors():
    return [1, 0], [0, 1]


@pytest.mark.question("cosine", points=1)
def test_right_angle(student, vectors):
    """It's \\'quoted\\' and """ "odd"
    assert student.call("cosine", *vectors) == 0


@pytest.mark.question("guess", points=1)
def test_guess(student):
    assert student.get("guess") is not None
'''
}

QUESTIONS = (
    NotebookQuestion("cosine", Decimal(4), Decimal(1)),
    NotebookQuestion("guess", Decimal("1.5"), Decimal(1)),
    NotebookQuestion("why", Decimal(3), written=True),
)

Notebook = dict[str, Any]
Take = Callable[..., Intake]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a course file and says where."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def master(write: Callable[[str, str], Path]) -> Master:
    return read_master(write("master.py", MASTER), QUESTIONS)


@pytest.fixture
def release() -> Release:
    return Release("angles", "Angles", "angles.ipynb", QUESTIONS, PUBLIC)


@pytest.fixture
def blank(master: Master, release: Release) -> Notebook:
    return student_notebook(master, release)


@pytest.fixture
def solved(master: Master, release: Release) -> Notebook:
    return submission_notebook(master, release)


@pytest.fixture
def template(blank: Notebook) -> Template:
    return Template.from_json(json.loads(json.dumps(Template.from_notebook(blank).to_json())))


@pytest.fixture
def take(template: Template) -> Take:
    """Takes a notebook in, after a trip through JSON both ways."""

    def take_in(notebook: Notebook | bytes, name: str = "ada.ipynb") -> Intake:
        data = notebook if isinstance(notebook, bytes) else to_bytes(notebook)
        intake = read_submission(data, name, template)
        assert Intake.from_json(json.loads(json.dumps(intake.to_json()))) == intake
        return intake

    return take_in
