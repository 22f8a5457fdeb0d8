"""The course that is attacked: two questions, and a canary in every place that no student may read.

`vault` asks for one function per kind of value; its hidden tests draw their inputs. `till` asks for two easy ones.
A canary is a distinct random text. Where one can be read outside, it says by itself from where it came.
"""

from __future__ import annotations

import importlib.util
import json
import re
import secrets
from pathlib import Path
from textwrap import dedent

TORCH = importlib.util.find_spec("torch") is not None
PATTERN = "canary-[0-9a-f]{24}"
PLACE = re.compile(r"PLANT\(([^)]*)\)")
INPUT = "a hidden input"
"""The one canary that student code does get to see: it is what a hidden test calls a function with."""
HINT = "Compare with the lecture."
FILES = {
    "course.yml": """
        # PLANT(course.yml)
        course: redteam
        title: A course under attack
        timezone: UTC
        assignments: [vault]
        roster: roster.csv
        """,
    "roster.csv": """
        student,name,email,section
        mallory,Mallory,mallory@example.org,1
        neighbour,PLANT(roster.csv),neighbour@example.org,1
        honest,Honest,honest@example.org,1
        """,
    "assignments/vault/assignment.yml": """
        # PLANT(assignment.yml)
        assignment: vault
        title: The vault
        limits: {notebook_seconds: 10, test_seconds: 2, prepare_seconds: 2, memory: 512 MiB}
        files: [data/numbers.txt]
        questions:
          - {id: vault, title: What is kept, kind: code, points: POINTS}
          - {id: till, title: What is open, kind: code, points: 2}
        """,
    "assignments/vault/data/numbers.txt": "1 2 3\n",
    "assignments/vault/public/test_public.py": """
        import pytest
        from autograder.checks import assert_close

        @pytest.mark.question("vault", points=1)
        def test_public(student):
            \"\"\"number(0) is 0.5.\"\"\"
            assert_close(student.call("number", 0.0), 0.5)
        """,
    "solutions/vault/master.py": """
        # %% [markdown]
        # # The vault, told in more than forty characters

        # %%
        import math
        import numpy as np
        IMPORT_TORCH

        # %% question="vault"
        ### BEGIN SOLUTION
        # PLANT(the solution)
        COMBINATION = "PLANT(the solution's memory)"
        RIGHT_VAULT
        ### END SOLUTION

        # %% question="till"
        ### BEGIN SOLUTION
        RIGHT_TILL
        ### END SOLUTION
        """,
    "solutions/vault/wrong/open.py": """
        # loses: test_number
        # PLANT(a known wrong answer)
        # %% question="vault"
        def number(x):
            return 0.0
        """,
    "tests/hidden/vault/test_vault.py": """
        import pytest
        from autograder.checks import assert_close, assert_count, assert_equal

        # PLANT(the file of hidden tests)

        @pytest.mark.question("vault", points=1, hint="HINT")
        def test_number(student, reference, rng):
            secret = "PLANT(test_number)"
            x = float(rng.normal())
            assert_close(student.call("number", x), reference.number(x)), secret

        @pytest.mark.question("vault", points=1, hint="HINT")
        def test_array(student, reference, rng):
            secret = "PLANT(test_array)"
            x = rng.normal(size=4)
            assert_close(student.call("array", x), reference.array(x)), secret

        @pytest.mark.question("vault", points=1, hint="HINT")
        def test_text(student, reference):
            secret = "PLANT(test_text)"
            word = "PLANT(a hidden input)"
            assert_equal(student.call("text", word), reference.text(word)), secret

        @pytest.mark.question("vault", points=1, hint="HINT")
        def test_listing(student, reference, rng):
            secret = "PLANT(test_listing)"
            n = int(rng.integers(5, 9))
            assert_equal(student.call("listing", n), reference.listing(n)), secret

        @pytest.mark.question("vault", points=1, hint="HINT")
        def test_count(student, reference, rng):
            secret = "PLANT(test_count)"
            values = rng.integers(0, 9, size=7).tolist()
            for _ in range(2):
                assert_count(student.call("count", values), reference.count(values)), secret
        """,
    "tests/hidden/vault/__pycache__/test_vault.cpython-311.pyc": "PLANT(a compiled test)",
    "tests/hidden/vault/.pytest_cache/v/cache/lastfailed": "PLANT(a cache of pytest's)",
    "tests/hidden/vault/test_till.py": """
        import pytest
        from autograder.checks import assert_equal

        @pytest.mark.question("till", points=1)
        def test_total(student, reference, rng):
            secret = "PLANT(test_total)"
            values = rng.integers(0, 99, size=8).tolist()
            assert_equal(student.call("total", values), reference.total(values)), secret

        @pytest.mark.question("till", points=1)
        def test_words(student):
            secret = "PLANT(test_words)"
            assert_equal(student.call("words", "a b c"), ["a", "b", "c"]), secret
        """,
}
TENSOR_TEST = """

        @pytest.mark.question("vault", points=1, hint="HINT")
        def test_tensor(student, reference, rng):
            import torch
            secret = "PLANT(test_tensor)"
            x = torch.tensor(rng.normal(size=3), dtype=torch.float32)
            assert_close(student.call("tensor", x), reference.tensor(x)), secret
"""
RIGHT_VAULT = """\
def number(x):
    return x * x + 0.5

def array(x):
    return 2 * x + 1

def text(word):
    return word.upper()

def listing(n):
    return [k * k for k in range(n)]

def count(values):
    return sum(value % 2 for value in values)

def tensor(x):
    return 2 * x + 1
"""
WRONG_VAULT = """\
def number(x):
    return 0.0

def array(x):
    return np.zeros(4)

def text(word):
    return "?"

def listing(n):
    return []

def count(values):
    return -1

def tensor(x):
    return x
"""
RIGHT_TILL = """\
def total(values):
    result = 0
    for value in values:
        result += value
    return result

def words(text):
    return text.split()
"""
NEIGHBOUR = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": "# PLANT(the neighbour's submission)\n" + RIGHT_VAULT,
        }
    ],
}
HIDDEN_VAULT = ("test_number", "test_array", "test_text", "test_listing", "test_count")
VAULT = frozenset({"test_public", *HIDDEN_VAULT, *(["test_tensor"] if TORCH else [])})
"""The tests whose answers are wrong."""
TILL = frozenset({"test_total", "test_words"})
"""Those whose answers are right."""


def write_course(root: Path) -> dict[str, str]:
    """Write the course below `root`; place → the canary that was planted there."""
    planted: dict[str, str] = {}

    def plant(match: re.Match[str]) -> str:
        return planted.setdefault(match[1], f"canary-{secrets.token_hex(12)}")

    for name, text in FILES.items():
        full = dedent((text + TENSOR_TEST) if TORCH and name.endswith("test_vault.py") else text).lstrip()
        full = full.replace("IMPORT_TORCH", "import torch" if TORCH else "").replace("HINT", HINT)
        full = full.replace("POINTS", str(len(VAULT)))
        full = full.replace("RIGHT_VAULT", RIGHT_VAULT).replace("RIGHT_TILL", RIGHT_TILL)
        write(root / name, re.sub(PLACE, plant, full))
    write(root / "submissions" / "neighbour.ipynb", re.sub(PLACE, plant, json.dumps(NEIGHBOUR)))
    write(root / ".autograder" / "gradebook.db", re.sub(PLACE, plant, "PLANT(the gradebook)"))
    return planted


def write(path: Path, text: str) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
