"""Masters and variants: what authors write, and everything that is wrong with it at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jupytext
import pytest

from autograder.errors import CourseError
from autograder.notebook import CellKind, Master, Release, apply_variant, read_master, read_variant, submission_notebook

from .conftest import MASTER, QUESTIONS
from .helpers import run, text

Write = Callable[[str, str], Path]


def problems(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(CourseError) as caught:
        read_master(path, QUESTIONS)
    assert all(problem.remedy for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_reference_cells_are_runnable_code(master: Master) -> None:
    """The reference is the master's code in order, with the lines at which it stands in the file."""
    cells = master.reference_cells()
    assert all(cell.kind is CellKind.CODE for cell in cells)
    lines = MASTER.split("\n")
    assert all(lines[cell.line - 1] == cell.source.split("\n")[0] for cell in cells)
    assert master.questions() == ("cosine", "guess", "why")


def test_markers_part_what_students_get(master: Master) -> None:
    """Students get the stub at the region's indentation; the solved cell has no marker left."""
    cosine, guess = (
        next(cell for cell in master.cells if cell.question == name and cell.is_answer) for name in ("cosine", "guess")
    )
    assert cosine.released.count("\n    raise NotImplementedError  # your code here") == 2
    assert "zip" not in cosine.released
    assert "SOLUTION" not in cosine.solved
    assert (guess.released, guess.solved) == ("guess = None", "guess = 0.5")


def test_ipynb_master_equals_percent_master(master: Master, write: Write) -> None:
    """Both formats of a master give the same cells."""
    notebook = jupytext.reads(MASTER, fmt="py:percent")
    notebook.cells = [cell for cell in notebook.cells if "own remark" not in cell.source]
    path = write("master.ipynb", json.dumps(notebook))
    other = read_master(path, QUESTIONS)
    assert [(cell.kind, cell.source, cell.question, cell.locked) for cell in other.cells] == [
        (cell.kind, cell.source, cell.question, cell.locked) for cell in master.cells
    ]


def test_all_problems_are_reported_at_once(write: Write) -> None:
    """Every fault has its line, in one error."""
    source = """\
# %% question="cosine" lokced=true
def f():
    ### BEGIN SOLUTION
    ### BEGIN SOLUTION
    ### END SOLUTION

# %%
### END SOLUTION
### Begin Solution
### BEGIN SOLUTION
1
### END SOLUTION

# %% question="nonsense"
### BEGIN SOLUTION
### END SOLUTION

# %% question="guess"
guess = 1

# %% question="guess" locked=true
2

# %% question=@ locked="no"
"""
    found = problems(write("master.py", source))
    assert found == [
        (1, "unknown key in a cell header"),
        (24, "the value cannot be read"),
        (24, "'no' is neither true nor false"),
        (4, "a solution begins inside a solution"),
        (8, "a solution ends that never began"),
        (9, "this looks like a solution marker but is none"),
        (10, "a solution stands outside a question's cell"),
        (22, "a locked cell cannot be an answer"),
        (15, "this question is not in assignment.yml"),
        (19, "this question has no solution region"),
        (None, "this question never appears in the master notebook"),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('# %% question="cosine"\n### BEGIN SOLUTION\n', "a solution begins and never ends"),
        ('# %% question="no id"\n1\n', "'no id' is no question id"),
        ('# %% [raw] question="cosine"\n# ### BEGIN SOLUTION\n# ### END SOLUTION\n', "a raw cell holds a solution"),
        (
            '# %% question="cosine" tags=["locked"]\n### BEGIN SOLUTION\n### END SOLUTION\n',
            "a locked cell holds a solution",
        ),
        (
            '# %% [markdown] question="cosine"\n# ### BEGIN SOLUTION\n# ### END SOLUTION\n',
            "the answer of a code question stands in a Markdown cell",
        ),
        (
            '# %% question="why"\n### BEGIN SOLUTION\n### END SOLUTION\n',
            "the answer of a written question stands in a code cell",
        ),
    ],
)
def test_each_fault_is_named(write: Write, source: str, message: str) -> None:
    """A fault of its own kind has a sentence of its own."""
    assert message in [found for _, found in problems(write("master.py", source))]


def test_unreadable_masters_are_the_authors_fault(write: Write, tmp_path: Path) -> None:
    """A missing file, broken JSON and another encoding are course errors."""
    for path in (tmp_path / "none.py", write("broken.ipynb", "{")):
        assert problems(path)
    (tmp_path / "latin.py").write_bytes(b"# %%\n# \xe4\n")
    assert problems(tmp_path / "latin.py") == [(2, "this is not UTF-8")]


def test_variant_replaces_one_answer(master: Master, release: Release, write: Write) -> None:
    """A mistake takes the place of the master's answer; the rest and all ids stay."""
    path = write(
        "wrong/always_one.py",
        '# loses: test_a, test_b\n# Why.\n\n# %% question="cosine"\ndef cosine(u, v):\n    return 1\n',
    )
    variant = read_variant(path)
    assert (variant.name, variant.loses, variant.questions()) == ("always_one", ("test_a", "test_b"), ("cosine",))
    varied = submission_notebook(apply_variant(master, variant), release)
    plain = submission_notebook(master, release)
    assert text(varied, "cosine-answer") == "def cosine(u, v):\n    return 1"
    assert [cell["id"] for cell in varied["cells"]] == [cell["id"] for cell in plain["cells"]]
    assert sum(one != other for one, other in zip(varied["cells"], plain["cells"], strict=True)) == 1


def test_variant_of_a_written_answer_is_an_answer_still(master: Master, release: Release, write: Write) -> None:
    """Prose can be varied too."""
    path = write("right/other.py", '# %% [markdown] question="why"\n# Because.\n')
    assert text(submission_notebook(apply_variant(master, read_variant(path)), release), "why-answer") == "Because."


@pytest.mark.parametrize(("given", "expected"), [(1, ["1", ""]), (2, ["1", "2"]), (3, ["1", "2\n\n\n3"])])
def test_variant_lays_its_cells_over_the_masters(write: Write, given: int, expected: list[str]) -> None:
    """With fewer cells the master's others become empty, with more the rest joins the last."""
    master = read_master(
        write("master.py", '# %% question="q"\n### BEGIN SOLUTION\n9\n### END SOLUTION\n# %% question="q"\n8\n')
    )
    path = write("right/v.py", "".join(f'# %% question="q"\n{number + 1}\n' for number in range(given)))
    assert [cell.source for cell in apply_variant(master, read_variant(path)).cells] == expected


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("wrong/v.py", '# %% question="cosine"\n1\n', "does not say which tests it loses"),
        ("wrong/v.py", '# loses: a b\n# %% question="cosine"\n1\n', "'a b' is no name of a test"),
        ("wrong/v.py", '# loses: test_a, test_a\n# %% question="cosine"\n1\n', "test_a is named twice"),
        ("right/v.py", '# loses: test_a\n# %% question="cosine"\n1\n', "a right variant loses nothing"),
        ("right/v.py", "# nothing\n", "the variant changes nothing"),
        ("right/v.py", "x = 1\n# %%\n2\n", "code before the first cell header"),
        ("right/v.py", "# %%\n2\n", "a cell of a variant names no question"),
        ("right/v.py", '# %% [raw] question="cosine"\n2\n', "a raw cell answers nothing"),
        ("right/v.py", '# %% question="nonsense"\n2\n', "the master has no such question"),
        ("right/v.py", '# %% question="why"\n2\n', "the answer is of another kind"),
    ],
)
def test_faults_of_variants_are_named(master: Master, write: Write, name: str, source: str, message: str) -> None:
    """Each fault of a variant is a course error with a remedy."""
    with pytest.raises(CourseError, match=message):
        apply_variant(master, read_variant(write(name, source)))


def test_missing_variant_is_a_course_error(tmp_path: Path) -> None:
    """A path that is no file is the author's fault."""
    with pytest.raises(CourseError, match="cannot be read"):
        read_variant(tmp_path / "none.py")


def test_solution_runs_as_a_submission(master: Master) -> None:
    """The reference does what its cells say."""
    space: dict[str, object] = {}
    for cell in master.reference_cells():
        exec(cell.source, space)
    assert space["guess"] == 0.5
    assert run(()) == {}
