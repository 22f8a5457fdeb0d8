"""Intake: whatever an editor or a student did to the notebook, the answers are found, and it is said."""

from __future__ import annotations

import copy

import pytest

from autograder.errors import SubmissionRejected
from autograder.notebook import CellKind, CellRole, imported_modules

from .conftest import Notebook, Take
from .helpers import at, cell, code, prose, run, text, without_ids

ANSWER = "def cosine(u, v):\n    return 'mine'\n\n\ndef angle(u, v):\n    return 'angle'"


def test_solved_notebook_needs_no_repair(take: Take, solved: Notebook) -> None:
    """An untouched solution is taken as it is, and its check cells do not run."""
    intake = take(solved)
    assert intake.repairs == () == intake.flags
    assert set(intake.answers) == {"cosine", "guess"}
    assert intake.written == {"why": "Because scale is noise."}
    assert run(intake.cells)["guess"] == 0.5
    assert [one.runs for one in intake.cells if one.role is CellRole.CHECK] == [False, False]


def test_blank_notebook_is_graded_as_blank(take: Take, blank: Notebook) -> None:
    """The student notebook itself is a submission without answers and without repairs."""
    intake = take(blank)
    assert intake.repairs == ()
    assert intake.written == {"why": ""}


def test_lost_metadata_loses_nothing(take: Take, solved: Notebook) -> None:
    """Without ids and metadata the same code runs, and one sentence says so."""
    intake = take(without_ids(solved))
    assert intake.digest == take(solved).digest
    assert intake.repairs[0].startswith("The notebook had lost its cell ids")


def test_digest_ignores_what_cannot_matter(take: Take, solved: Notebook) -> None:
    """Outputs and metadata do not change the digest; one character of code does."""
    other = copy.deepcopy(solved)
    cell(other, "guess-answer")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hi"}]
    other["metadata"]["kernelspec"]["display_name"] = "Julia"
    assert take(other).digest == take(solved).digest
    cell(other, "guess-answer")["source"] = "guess = 1"
    assert take(other).digest != take(solved).digest


@pytest.mark.parametrize("keeps_id", [True, False])
def test_last_of_two_answers_counts(take: Take, solved: Notebook, keeps_id: bool) -> None:
    """Two real answers both run, in order, and are reported."""
    twin = copy.deepcopy(cell(solved, "cosine-answer")) | {"source": ANSWER}
    if not keeps_id:
        twin["id"] = "new"
    solved["cells"].append(twin)
    intake = take(solved)
    assert run(intake.cells)["cosine"](0, 0) == "mine"
    first = at(solved, "cosine-answer") + 1
    assert (
        f"Cells {first} and {len(solved['cells'])}: two copies of the answer to ‘cosine’ were found; "
        "the last one counts." in intake.repairs
    )


@pytest.mark.parametrize("with_id", [True, False])
def test_stub_copy_never_overwrites_an_answer(take: Take, solved: Notebook, blank: Notebook, with_id: bool) -> None:
    """An unedited stub below the answer is left out."""
    stub = copy.deepcopy(cell(blank, "cosine-answer"))
    solved["cells"].append(stub if with_id else code(text(blank, "cosine-answer")))
    intake = take(solved)
    assert intake.cells[-1].role is CellRole.SKIPPED
    assert run(intake.cells)["cosine"]([1, 0], [1, 0]) == 1
    assert "an unedited stub of ‘cosine’ was not run" in " ".join(intake.repairs)


def test_half_a_stub_never_overwrites_an_answer(take: Take, blank: Notebook) -> None:
    """A student who answers one function in each of two copies keeps both."""
    stub = text(blank, "cosine-answer")
    head, tail = stub.split("\n\n\n")
    first = head.replace("raise NotImplementedError  # your code here", "return 1") + "\n\n\n" + tail
    second = head + "\n\n\n" + tail.replace("raise NotImplementedError  # your code here", "return 2")
    cell(blank, "cosine-answer")["source"] = first
    blank["cells"].insert(
        at(blank, "cosine-answer") + 1, copy.deepcopy(cell(blank, "cosine-answer")) | {"source": second}
    )
    space = run(take(blank).cells)
    assert (space["cosine"](0, 0), space["angle"](0, 0)) == (1, 2)


def test_answer_in_own_cell_belongs_to_its_question(take: Take, blank: Notebook) -> None:
    """An answer above the untouched stub counts; the stub does not run after it."""
    blank["cells"].insert(at(blank, "cosine-answer"), code(ANSWER))
    intake = take(blank)
    assert run(intake.cells)["cosine"](0, 0) == "mine"
    assert "mine" in intake.answers["cosine"]
    assert "which you added, counts as an answer to ‘cosine’" in " ".join(intake.repairs)


def test_deleted_answer_is_reported(take: Take, solved: Notebook) -> None:
    """A question without its cell is blank, and the student is told."""
    del solved["cells"][at(solved, "guess-answer")]
    intake = take(solved)
    assert intake.answers["guess"] == ""
    assert "The answer cell of ‘guess’ is missing; the question counts as not answered." in intake.repairs


@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```", "My answer:\n\n~~~\n{}\n~~~\nDone."])
def test_code_in_a_markdown_cell_runs(take: Take, solved: Notebook, fence: str) -> None:
    """An answer whose cell became Markdown is code all the same, out of its fence if it has one."""
    one = cell(solved, "cosine-answer")
    one |= {"cell_type": "markdown", "source": fence.format(ANSWER)}
    intake = take(solved)
    assert run(intake.cells)["cosine"](0, 0) == "mine"
    assert "had become a markdown cell" in intake.repairs[0]
    assert run(take(without_ids(solved)).cells)["cosine"](0, 0) == "mine"


@pytest.mark.parametrize("kind", ["code", "raw"])
def test_written_answer_in_another_kind_is_text(take: Take, solved: Notebook, kind: str) -> None:
    """Prose in a code or raw cell is read and never run."""
    cell(solved, "why-answer").update(cell_type=kind, source="It is the angle.")
    intake = take(solved)
    assert intake.written == {"why": "It is the angle."}
    assert all(one.kind is CellKind.MARKDOWN for one in intake.cells if one.question == "why")


def test_written_answer_below_its_cell_counts(take: Take, blank: Notebook) -> None:
    """Prose in a new cell right below the untouched answer cell is the answer."""
    blank["cells"].insert(at(blank, "why-answer") + 1, prose("Scale."))
    assert take(blank).written == {"why": "Scale."}


def test_written_answer_in_the_prompt_counts(take: Take, blank: Notebook) -> None:
    """What was added to the question's own text is the answer if its cell is blank."""
    prompt = blank["cells"][at(blank, "why-answer") - 1]
    prompt["source"] = "".join(prompt["source"]) + "\n\nBecause."
    intake = take(blank)
    assert intake.written == {"why": "Because."}
    assert "stood in the question's own cell" in intake.repairs[0]


def test_written_answer_is_found_by_position(take: Take, solved: Notebook) -> None:
    """A deleted answer cell whose text stands in a new one is found between its neighbours."""
    solved["cells"][at(solved, "why-answer")] = prose("Mine.")
    intake = take(solved)
    assert intake.written == {"why": "Mine."}
    assert "by its position" in intake.repairs[0]


def test_copies_of_a_written_answer_are_all_kept(take: Take, solved: Notebook) -> None:
    """Two different texts with one id both reach the person who grades."""
    solved["cells"].append(copy.deepcopy(cell(solved, "why-answer")) | {"source": "Also this."})
    assert take(solved).written == {"why": "Because scale is noise.\n\nAlso this."}


def test_edited_locked_cells_come_back(take: Take, solved: Notebook) -> None:
    """Helpers and checks are what was released, whatever the student wrote there."""
    cell(solved, "helper")["source"] = "def norm(u):\n    return 0"
    cell(solved, "cosine-check")["source"] = "check = print"
    intake = take(solved)
    assert run(intake.cells)["norm"]([3, 4]) == 5
    assert len([line for line in intake.repairs if "put back as released" in line]) == 2


def test_deleted_helper_comes_back_before_its_answer(take: Take, solved: Notebook) -> None:
    """A missing helper is put back at its place."""
    del solved["cells"][at(solved, "helper")]
    intake = take(solved)
    assert run(intake.cells)["norm"]([3, 4]) == 5
    back = next(index for index, one in enumerate(intake.cells) if one.index is None)
    assert back == 1
    assert "A locked cell (‘norm’) was missing; it was put back." in intake.repairs


def test_moved_helper_runs_before_the_answer(take: Take, solved: Notebook) -> None:
    """A helper below the answers is run above them; the cell keeps its number."""
    cells = solved["cells"]
    cells.append(cells.pop(at(solved, "helper")))
    intake = take(solved)
    roles = [one.role for one in intake.cells]
    assert roles.index(CellRole.HELPER) < roles.index(CellRole.ANSWER)
    assert f"Cell {len(cells)}: a locked cell had been moved" in intake.repairs[0]


def test_answer_in_the_helper_cell_is_not_lost(take: Take, blank: Notebook) -> None:
    """A student who wrote into the locked cell keeps the answer, and the helper comes back."""
    cell(blank, "helper")["source"] = ANSWER
    space = run(take(blank).cells)
    assert space["cosine"](0, 0) == "mine"
    assert space["norm"]([3, 4]) == 5


def test_answer_in_the_check_cell_is_not_lost(take: Take, blank: Notebook) -> None:
    """A student who wrote into the check cell keeps the answer."""
    cell(blank, "cosine-check")["source"] = ANSWER
    assert run(take(blank).cells)["cosine"](0, 0) == "mine"


def test_work_grown_from_a_copied_helper_runs(take: Take, solved: Notebook) -> None:
    """A copy of a locked cell that became something else is the student's own cell."""
    solved["cells"].append(copy.deepcopy(cell(solved, "helper")) | {"source": "mine = 1"})
    assert run(take(solved).cells)["mine"] == 1


def test_reordered_answers_run_where_they_stand(take: Take, solved: Notebook) -> None:
    """The student's order holds, and is reported."""
    cells = solved["cells"]
    cells.insert(2, cells.pop(at(solved, "guess-answer")))
    intake = take(solved)
    assert [one.question for one in intake.cells if one.role is CellRole.ANSWER] == ["guess", "cosine", "why"]
    assert "had been moved; it was run where it stands" in intake.repairs[0]


def test_forged_metadata_counts_for_nothing(take: Take, solved: Notebook) -> None:
    """Points, locks, roles and grade ids in the student's file change nothing."""
    before = take(solved)
    for one in solved["cells"]:
        nbgrader = {"grade": True, "points": 99, "locked": False, "solution": True, "grade_id": "cosine-answer-1"}
        one["metadata"] = {"nbgrader": nbgrader, "autograder": {"role": "answer", "question": "guess"}}
    solved["metadata"]["autograder"]["questions"] = {"cosine": {"points": 99}}
    after = take(solved)
    assert [(one.role, one.question) for one in after.cells] == [(one.role, one.question) for one in before.cells]


def test_redefined_helper_is_flagged(take: Take, solved: Notebook) -> None:
    """A student's own version of a provided name runs, and people are told."""
    solved["cells"].append(code("def norm(u):\n    return 1"))
    assert take(solved).flags == (f"Cell {len(solved['cells'])} redefines ‘norm’, which a locked cell provides.",)


def test_syntax_error_does_not_hide_an_answer(take: Take, solved: Notebook) -> None:
    """A cell that Python cannot read is still found by name."""
    solved["cells"][at(solved, "cosine-answer")] = code("def cosine(u, v):\n    return (")
    assert "return (" in take(solved).answers["cosine"]


def test_percent_file_is_a_submission(take: Take) -> None:
    """A `.py` file in percent format is taken like a notebook."""
    source = f"# %%\n{ANSWER}\n\n# %%\nguess = 0.25\n"
    intake = take(source.encode(), "ada.py")
    assert run(intake.cells)["guess"] == 0.25
    assert intake.answers["cosine"] == ANSWER


def test_plain_python_is_one_cell(take: Take) -> None:
    """A `.py` file without cell markers is one cell, and it is said."""
    intake = take(ANSWER.encode(), "ada.py")
    assert intake.repairs[0].startswith("The file has no cell markers")
    assert "mine" in intake.answers["cosine"]


def test_old_notebook_is_read(take: Take, solved: Notebook) -> None:
    """nbformat 3 keeps its cells in worksheets and its code in `input`."""
    cells = [
        {"cell_type": "code", "input": one["source"], "language": "python", "outputs": []}
        if one["cell_type"] == "code"
        else {"cell_type": one["cell_type"], "source": one["source"]}
        for one in solved["cells"]
    ]
    cells.insert(0, {"cell_type": "heading", "level": 1, "source": "My title"})
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    assert take(old).digest == take(solved).digest


def test_other_assignment_is_rejected(take: Take, solved: Notebook) -> None:
    """The reason names what it is and what to submit."""
    solved["metadata"]["autograder"]["assignment"] = "gradients\u202e"
    solved["cells"] = [code("x = 1")]
    with pytest.raises(SubmissionRejected, match="the assignment ‘gradients\ufffd’"):
        take(solved)


def test_other_notebook_of_the_assignment_is_rejected(take: Take, solved: Notebook) -> None:
    """An assignment may have several notebooks, and each has its own place."""
    solved["metadata"]["autograder"]["notebook"] = "second.ipynb"
    solved["cells"] = []
    with pytest.raises(SubmissionRejected, match=r"another notebook, ‘second\.ipynb’"):
        take(solved)


def test_wrong_label_on_right_answers_is_graded(take: Take, solved: Notebook) -> None:
    """Answers that clearly belong here count more than the notebook's label."""
    solved["metadata"]["autograder"]["assignment"] = "gradients"
    assert "its answers belong here, so it was graded" in take(solved).repairs[0]


@pytest.mark.parametrize("source", ["import numpy as np", "print(1)"])
def test_foreign_notebook_is_rejected(take: Take, source: str) -> None:
    """A notebook without our metadata and without one of our cells is not graded as blank."""
    foreign = {"cells": [code(source)], "metadata": {}, "nbformat": 4}
    with pytest.raises(SubmissionRejected, match="No cell of this notebook belongs to ‘angles’"):
        take(foreign)


def test_notebook_of_ours_without_cells_is_blank(take: Take, blank: Notebook) -> None:
    """Our metadata and no answer at all is a blank submission."""
    blank["cells"] = []
    intake = take(blank)
    assert [one.role for one in intake.cells] == [CellRole.HELPER]
    assert set(intake.answers.values()) == {""}


def test_imported_modules_are_those_of_cells_that_run(take: Take, solved: Notebook) -> None:
    """Magics, syntax errors and plain dynamic imports do not hide an import; check cells do not count."""
    cell(solved, "guess-answer")["source"] = "%matplotlib inline\nimport torch.nn as nn\n!ls\nguess = 1"
    solved["cells"] += [code("from scipy import stats\n(("), code("__import__('cupy')"), prose("import jax")]
    found = imported_modules(take(solved).cells)
    assert {"math", "random", "torch", "torch.nn", "scipy", "cupy"} <= found
    assert not {"autograder", "jax", "pytest"} & found
