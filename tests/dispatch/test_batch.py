"""Batches by the real command: what is graded again when something changed, and that nothing else is."""

from __future__ import annotations

import json
import resource
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograder.dispatch import batch
from autograder.dispatch.batch import plan_batch, run_batch
from autograder.dispatch.collect import collect
from autograder.gradebook import Gradebook
from autograder.grading.material import load_material
from autograder.grading.workshop import Workshop
from autograder.results import Outcome

HIDDEN = "tests/hidden/sums/test_sums.py"


def again(classroom: Any, student: str = "bob", *options: str) -> set[str]:
    """Which of a student's failed tests are run again by another batch."""
    before = classroom.clocks(student)
    classroom.grade(*options)
    after = classroom.clocks(student)
    assert after.keys() == before.keys()
    return {test for test in after if after[test] != before[test]}


def planned(classroom: Any, **options: Any) -> list[str]:
    """Who would be graded now."""
    material = load_material(classroom.assignment)
    with Gradebook.open(classroom.gradebook) as gradebook:
        plan = plan_batch(material, gradebook, collect([classroom.submissions], material.assignment), **options)
    return [one.submitted.student for one in plan.todo]


def test_unchanged_batch_starts_no_process(graded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything stands, nothing is warmed up and nothing is graded."""
    monkeypatch.setattr(batch, "Workshop", lambda *_, **__: pytest.fail("a workshop was opened"))
    material = load_material(graded.assignment)
    with Gradebook.open(graded.gradebook) as gradebook:
        plan = plan_batch(material, gradebook, collect([graded.submissions], material.assignment))
        assert sorted(plan.standing) == ["ada", "bob"]
        assert list(run_batch(material, gradebook, plan, jobs=2)) == []


def test_unchanged_batch_gives_the_same_results(graded: Any) -> None:
    """The second time the results are the first ones, to the byte."""
    first = (graded.root / "results.jsonl").read_bytes()
    assert again(graded) == set()
    assert (graded.root / "results.jsonl").read_bytes() == first
    graded.assert_graded_once(2)


def test_saved_again_keeps_verdicts(graded: Any) -> None:
    """A notebook with other outputs and metadata but the same answers is another submission with the same verdicts."""
    old = graded.grade()["bob"]
    graded.submit("bob", graded.wrong, kernelspec={"name": "python3", "display_name": "Python 3"})
    assert planned(graded) == ["bob"]
    assert again(graded) == set()
    new = {result["student"]: result for result in graded.results}["bob"]
    assert new["submission"] != old["submission"]
    assert new["questions"] == old["questions"]


def test_same_answers_of_another_student(graded: Any) -> None:
    """Verdicts hold for answers, whoever gave them."""
    graded.submit("bea", graded.wrong)
    graded.grade()
    assert graded.clocks("bea") == graded.clocks("bob")


def test_one_changed_test_is_run_again(graded: Any) -> None:
    """Only the changed test runs again, for everybody; the others' verdicts are taken over."""
    graded.change(HIDDEN, '"add", 100, 200) == 300', '"add", 100, 300) == 400')
    assert planned(graded) == ["ada", "bob"]
    assert again(graded) == {"test_large"}


def test_changed_hint_reaches_the_report(graded: Any) -> None:
    """A new hint is a change of its test, and the new results have it."""
    graded.change(HIDDEN, "Which of the two numbers counts?", "Both numbers count.")
    bob = graded.grade()["bob"]
    assert [test["message"] for test in bob["questions"][0]["tests"]] == ["Both numbers count.", None]


def test_changed_reference_runs_all_again(graded: Any) -> None:
    """What every test may depend on runs every test again."""
    graded.change("solutions/sums/master.py", "return a + b", "return b + a")
    assert again(graded) == {"test_small", "test_large"}


def test_comment_in_a_test_changes_nothing(graded: Any) -> None:
    """A comment does not make a class be graded again."""
    graded.change(HIDDEN, "def test_large(student):", "def test_large(student):  # two large numbers")
    assert planned(graded) == []


def test_seed_and_fresh(graded: Any) -> None:
    """`--seed` grades again under the new seed, which stays; `--fresh` grades again and keeps it."""
    assert again(graded, "bob", "--seed", "7") == {"test_small", "test_large"}
    assert planned(graded) == []
    assert again(graded, "bob", "--fresh") == {"test_small", "test_large"}
    assert {result["seed"] for result in graded.results} == {7}
    with Gradebook.open(graded.gradebook) as gradebook:
        assert len(gradebook.history("sums", "bob")) == 3


def test_new_hand_in_time_keeps_verdicts(graded: Any) -> None:
    """A time that was told later stands in a new report, whose tests were not run again."""
    times = graded.root / "times.csv"
    times.write_text("student,submitted_at\nbob,2025-02-03T21:30:00-08:00\n")
    assert again(graded, "bob", "--times", str(times)) == set()
    assert {result["student"]: result["submitted_at"] for result in graded.results} == {
        "ada": None,
        "bob": "2025-02-03T21:30:00-08:00",
    }


def test_same_batch_from_elsewhere(graded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder of submissions lies, or from where it is named, makes no difference."""
    graded.submit("ada", to="ada/old.ipynb")
    graded.grade()
    moved = graded.submissions.rename(graded.root / "moved")
    monkeypatch.chdir(moved.parent)
    graded.submissions = Path("moved")
    assert planned(graded) == []


def test_undecided_is_taken_up_again(graded: Any) -> None:
    """What a broken test left undecided is graded by the next batch, once the test is mended."""
    graded.change(HIDDEN, '"take", 3, 2) == 1', '"take", 3, 2) == one')
    ada = graded.grade(expect=3)["ada"]
    assert (ada["outcome"], ada["points"], ada["questions"][1]["points"]) == ("undecided", None, None)
    assert planned(graded) == ["ada", "bob"]
    graded.change(HIDDEN, '"take", 3, 2) == one', '"take", 3, 2) == 1')
    assert graded.grade()["ada"]["points"] == 3.1


@pytest.mark.parametrize("change", ["deleted", "rewritten"])
def test_file_that_changes_meanwhile(graded: Any, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Somebody sorts the folder during the batch: no student is rejected for that, or graded under another's bytes."""
    real, path, kept = Workshop.grade, graded.submissions / "ada.ipynb", {}

    def grade(self: Workshop, submitted: Any, *rest: Any) -> Any:
        if submitted.student == "ada":
            kept["ada"] = path.read_bytes() if path.exists() else kept["ada"]
            path.unlink(missing_ok=True)
            if change == "rewritten":
                path.write_bytes(kept["ada"] + b" ")
        return real(self, submitted, *rest)

    monkeypatch.setattr(Workshop, "grade", grade)
    material = load_material(graded.assignment)
    with Gradebook.open(graded.gradebook) as gradebook:
        plan = plan_batch(material, gradebook, collect([graded.submissions], material.assignment), fresh=True)
        found = {one.report.student: one.report for one in run_batch(material, gradebook, plan, jobs=1, fresh=True)}
    assert found["bob"].outcome == Outcome.GRADED
    assert (found["ada"].outcome, found["ada"].points) == (Outcome.UNDECIDED, None)
    assert "run the same command again" in str(found["ada"].reason)
    path.write_bytes(kept["ada"])
    assert planned(graded) == ["ada"]


def test_spoilt_by_the_machine_is_tried_at_the_end(graded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission that the machine spoilt at every try gets one more when the others are done."""
    real, tried = Workshop._grade, []

    def grade(self: Workshop, submitted: Any, *rest: Any) -> Any:
        tried.append(submitted.student)
        if submitted.student == "ada" and tried.count("ada") <= 3:
            raise OSError(12, "Cannot allocate memory")
        return real(self, submitted, *rest)

    monkeypatch.setattr(Workshop, "_grade", grade)
    monkeypatch.setattr(Workshop, "_restart", lambda self, generation: None)
    material = load_material(graded.assignment)
    with Gradebook.open(graded.gradebook) as gradebook:
        plan = plan_batch(material, gradebook, collect([graded.submissions], material.assignment), fresh=True)
        gradings = list(run_batch(material, gradebook, plan, jobs=1, fresh=True))
    assert tried == ["ada", "ada", "ada", "bob", "ada"]
    assert [(one.report.student, one.report.outcome) for one in gradings] == [
        ("bob", Outcome.GRADED),
        ("ada", Outcome.GRADED),
    ]


def test_key_holds_no_surprise(graded: Any) -> None:
    """Results do not depend on how many are graded at once."""
    one = graded.grade("--fresh", jobs=1)
    four = graded.grade("--fresh", jobs=4)
    for results in (one, four):
        for result in results.values():
            del result["seconds"]
    assert json.dumps(one) == json.dumps(four)


def test_few_open_files(graded: Any) -> None:
    """A shell's small limit on open files is raised before it could spoil anything."""
    limit = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (40, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for number in range(8):
        graded.submit(f"s{number}", f"{graded.wrong}\n# {number}")
    done = graded.run("grade", "sums", graded.submissions, "-j", "8", preexec_fn=limit)
    assert done.returncode == 0
    assert "10 submissions: 10 graded" in done.stdout
