"""The honest set and how it is graded: one assignment, whose answer can be computed by whatever means.

    squares(numbers)   the sum of the squares of whole numbers
    answer             squares(range(1, 11))

The notebooks do it in unusual ways. So the unusual thing happens in a cell, in a snapshot, twice in one snapshot, and
in a snapshot of a prepared set-up in which it had happened already. `notebooks/<name>.ipy` are cells in percent format;
their second line names a fence of `fences` under which they must lose marks. Three more are made here, as their
text is unusual.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.course import load_assignment, load_course
from autograder.errors import InfrastructureError
from autograder.grading.attempt import CellToRun, Patience
from autograder.grading.material import Material, load_material
from autograder.grading.submission import run_submission
from autograder.grading.workshop import Graded, Submitted, Workshop
from autograder.results import Verdict

from .fences import FENCES

JOBS = 2
MOST_POINTS = 4
_TRIES = 3
FOLDER = Path(__file__).with_name("notebooks")
COURSE = {
    "course.yml": """
        course: honest
        title: Honest work
        timezone: UTC
        assignments: [squares]
        """,
    "assignments/squares/assignment.yml": """
        assignment: squares
        title: Sums of squares
        limits: {notebook_seconds: 60, test_seconds: 20, prepare_seconds: 20, memory: 2 GiB}
        questions: [{id: squares, title: Squares, kind: code, points: 4}]
        """,
    "solutions/squares/master.py": """
        # %%
        import matplotlib.pyplot as plt
        import numpy as np
        import torch
        import torch.optim

        # %% question="squares"
        ### BEGIN SOLUTION
        def squares(numbers):
            return sum(number * number for number in numbers)

        answer = squares(range(1, 11))
        ### END SOLUTION
        """,
    "tests/hidden/squares/test_squares.py": """
        import pytest
        from autograder.checks import assert_equal
        from autograder.grading import prepared


        def numbers(rng):
            return rng.integers(1, 20, size=12).tolist()


        @pytest.mark.question("squares", points=1)
        def test_in_the_notebook(student):
            assert_equal(student.get("answer"), 385)


        @pytest.mark.question("squares", points=1)
        def test_in_a_test(student, reference, rng):
            given = numbers(rng)
            assert_equal(student.call("squares", given), reference.squares(given))


        @pytest.mark.question("squares", points=1)
        def test_twice_in_a_test(student, reference, rng):
            for _ in range(2):
                given = numbers(rng)
                assert_equal(student.call("squares", given), reference.squares(given))


        @prepared
        def done_before(student):
            return student.keep("squares", [1, 2, 3])


        @pytest.mark.question("squares", points=1)
        def test_after_a_set_up(student, done_before, reference, rng):
            given = numbers(rng)
            assert_equal(done_before.value(), 14)
            assert_equal(student.call("squares", given), reference.squares(given))
        """,
}
PLAIN = "def squares(numbers):\n    return sum(number * number for number in numbers)\n\nanswer = squares(range(1, 11))"
_HEADER = re.compile(r"# (?P<about>.+)\n# fails under: (?P<fence>[a-z-]+)\n")
_HEADINGS = re.compile(r"^# %%\n", re.MULTILINE)


@dataclass(frozen=True)
class Honest:
    """A right notebook, and the name of the too strict fence under which it must lose marks."""

    name: str
    fence: str
    cells: tuple[str, ...]


def read_honest(path: Path) -> Honest:
    """One of the files."""
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    assert header is not None, f"{path} says neither what it is about nor under which fence it fails"
    _, *cells = _HEADINGS.split(text)
    return Honest(path.stem, header["fence"], tuple(cell.strip("\n") for cell in cells))


def made_here() -> list[Honest]:
    """Notebooks whose text is what is unusual."""
    chain = ["total, numbers = 0, list(range(1, 11))"]
    chain += [f"value_{n} = {f'value_{n - 1} + ' if n else ''}{n % 7}" for n in range(296)]
    chain += [f"assert value_295 == {sum(n % 7 for n in range(296))}", PLAIN]
    table = ", ".join(f"{n}: {n * n}" for n in range(10_000))
    sums = " + ".join(["0"] * 300)
    long = f"TABLE = {{{table}}}\ndef squares(numbers):\n    return {sums} + sum(TABLE[n] for n in numbers)"
    lines = [
        *PLAIN.splitlines(),
        'text = """two',
        'lines"""',
        "assert text == 'two\\nlines'",
        "if True:",
        "\tanswer += 0",
    ]
    return [
        Honest("three_hundred_cells", "hundred-cells", tuple(chain)),
        Honest("long_lines", "short-lines", (long, "answer = squares(range(1, 11))")),
        Honest("windows_line_ends", "no-carriage-returns", ("import math\r\n", "\r\n".join(lines) + "\r\n")),
    ]


def honest_set() -> dict[str, Honest]:
    """All notebooks by name."""
    found = [*map(read_honest, sorted(FOLDER.glob("*.ipy"))), *made_here()]
    return {honest.name: honest for honest in found}


def notebook_of(cells: tuple[str, ...]) -> bytes:
    """A notebook file, as an editor writes it that knows nothing of the assignment's cells."""
    code: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    parts = [{**code, "id": f"c{number}", "source": source} for number, source in enumerate(cells)]
    about = {"autograder": {"assignment": "squares", "notebook": "squares.ipynb"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": parts}).encode()


def write_course(root: Path) -> Material:
    """The course below `root`, ready to be graded."""
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip())
    return load_material(load_assignment(load_course(root), "squares"))


def grade_one(workshop: Workshop, folder: Path, honest: Honest) -> Graded:
    """Hand in one notebook and grade it, through the whole way from file to report."""
    path = folder / f"{honest.name}.ipynb"
    path.write_bytes(notebook_of(honest.cells))
    return workshop.grade(Submitted(honest.name, {"squares.ipynb": path}), honest.name)


def grade_all(workshop: Workshop, folder: Path) -> dict[str, Graded]:
    """Grade every notebook, some at once."""
    notebooks = honest_set()
    with ThreadPoolExecutor(JOBS) as pool:
        done = pool.map(lambda honest: grade_one(workshop, folder, honest), notebooks.values())
        return dict(zip(notebooks, done, strict=True))


def complaints(graded: Graded) -> list[str]:
    """What was not as it should be: marks that were lost, with the reason, and cells that failed but should not."""
    report, evidence = graded.grading.report, graded.grading.evidence
    found = [f"{report.outcome}: {report.points} points, {report.reason}"] if report.points != MOST_POINTS else []
    found += [f"{name}: {one.detail}" for name, one in graded.verdicts.items() if one.verdict is not Verdict.PASSED]
    wrong_on_purpose = report.student == "mistakes"
    return found + [f"cell {e.cell}, {e.line}: {e.name}: {e.message}" for e in evidence.errors if not wrong_on_purpose]


def grade_under(workshop: Workshop, fence: str, cells: tuple[str, ...]) -> set[str]:
    """The tests that are lost under a fence that is too strict."""
    strict = FENCES[fence]
    short = {"notebook_seconds": 10, "test_seconds": 4}
    limits = replace(workshop.limits, **{**short, **strict.limits})
    sources = [*([strict.cell] if strict.cell else []), *cells]
    todo = [CellToRun(number, source) for number, source in enumerate(sources)]
    for _ in range(_TRIES):
        workshop.warm_up()
        assert workshop._crew is not None
        crew = replace(workshop._crew, limits=limits, patience=Patience(lambda seconds: 8.0, second_chance=False))
        with suppress(InfrastructureError):  # the machine's fault, which `Workshop.grade` tries again, too
            verdicts = run_submission(crew, [todo], workshop.material.planned).verdicts
            assert Verdict.UNDECIDED not in {verdict.verdict for verdict in verdicts.values()}, verdicts
            return {test for test, verdict in verdicts.items() if verdict.verdict is Verdict.FAILED}
    raise AssertionError("the machine failed at every try")
