"""Submissions of which the points are known."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.peers.task import Task, answer_cell, blank_notebook, fill, load_task, make_submissions, master_notebook

COURSE = Path(__file__).resolve().parent.parent / "torch_three"


@pytest.fixture(scope="module", name="task")
def _task() -> Task:
    return load_task(COURSE)


def test_task_names_functions_points_and_losses(task: Task) -> None:
    """Questions, points and mistakes come from the course's own files, and every question is lost by some mistake."""
    assert {question.id: question.function for question in task.questions} == {
        "relu": "relu",
        "softmax": "softmax_rows",
        "step": "regression_step",
    }
    lost = set().union(*(mistake.loses for mistake in task.mistakes))
    assert lost == {question.id for question in task.questions}


def test_submissions_are_equal_each_time_and_unlike_each_other(task: Task) -> None:
    """A longer batch starts with the shorter one, and no two answers are the same text."""
    short, long = make_submissions(task, 5), make_submissions(task, 15)
    assert long[:5] == short
    assert len({submission.answers["relu"] for submission in long}) == 15


def test_submissions_with_a_mistake_lose_its_points(task: Task) -> None:
    """One in three is wrong, in one question, and all mistakes have their turn."""
    submissions = make_submissions(task, 3 * len(task.mistakes))
    full = {question.id: question.points for question in task.questions}
    wrong = [submission for submission in submissions if submission.points != full]
    assert len(wrong) == len(task.mistakes)
    assert all(list(submission.points.values()).count(Decimal(0)) == 1 for submission in wrong)


def test_blank_notebook_holds_no_solution(task: Task) -> None:
    """Students get stubs that still parse, and no marks."""
    for question in task.questions:
        source = answer_cell(blank_notebook(task), question)["source"]
        compile(source, "<cell>", "exec")
        assert "NotImplementedError" in source
        assert "SOLUTION" not in source


def test_filled_notebook_runs_and_leaves_the_template_alone(task: Task) -> None:
    """The answers stand where the blanks stood; the released notebook can be filled again."""
    released = master_notebook(task)
    before = str(released)
    filled = fill(released, task, make_submissions(task, 1)[0])
    namespace: dict[str, object] = {}
    for cell in filled["cells"]:
        if cell["cell_type"] == "code":
            exec(cell["source"], namespace)
    assert str(released) == before


def test_answer_cell_missing(task: Task) -> None:
    """A notebook without the answer cell is refused, never filled in part."""
    with pytest.raises(LookupError, match="relu"):
        answer_cell({"cells": []}, task.questions[0])
