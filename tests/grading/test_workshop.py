"""Workshops: files to reports, and what happens when our own processes die under them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import CourseError, InfrastructureError
from autograder.grading import attempt
from autograder.grading.submission import TestVerdict
from autograder.grading.testfolder import prepare_grader_folder
from autograder.grading.workshop import Submitted, Workshop
from autograder.notebook import submission_notebook, to_bytes
from autograder.results import Outcome, Verdict

psutil = pytest.importorskip("psutil")

SLOW = "\n\ndef zero():\n    time.sleep(0.4)\n    return 0\n"


def handed_in(
    folder: Path, material: Any, change: Callable[[dict[str, Any]], None] = lambda notebook: None
) -> Submitted:
    """A submission of the reference, changed."""
    notebook = submission_notebook(material.masters[0], material.releases[0])
    change(notebook)
    path = folder / "ada.ipynb"
    path.write_bytes(to_bytes(notebook))
    return Submitted("ada", {material.assignment.notebooks[0]: path})


def append(source: str) -> Callable[[dict[str, Any]], None]:
    """Adds a text to the answer of the question `calls`."""

    def change(notebook: dict[str, Any]) -> None:
        cell = next(cell for cell in notebook["cells"] if "def zero" in "".join(cell["source"]))
        cell["source"] = "".join(cell["source"]) + "\n" + source

    return change


GET_ASK = "def get_ask():\n    return ask\n"


@pytest.fixture
def own_workshop(small: Any) -> Iterator[Workshop]:
    """A workshop whose processes may be killed."""
    with Workshop(small, jobs=2, seed=5) as workshop:
        workshop.wait_ready()
        yield workshop


def test_reference_gets_full_marks(workshop: Any, small: Any, tmp_path: Path) -> None:
    """The reference's notebook is graded with everything that counts by itself, and its written answer is kept."""
    graded = workshop.grade(handed_in(tmp_path, small, append(GET_ASK)), "00")
    report = graded.grading.report
    assert (report.outcome, report.points, report.manual_points_pending) == (Outcome.GRADED, 8, 2)
    assert (report.submission, report.seed, report.student) == ("sha256:00", 5, "ada")
    assert "Because." in graded.grading.evidence.written["why"]
    assert json.loads(json.dumps(graded.grading.evidence.to_json()))["executed"]
    if report.isolation == "full":  # so groups count the memory; older kernels do not tell the peak of version 2
        assert graded.grading.evidence.peak is None or graded.grading.evidence.peak > 2**20


def test_stored_verdicts_are_taken_over(workshop: Any, small: Any, tmp_path: Path) -> None:
    """Tests with a verdict that still holds are not run again."""
    known = {test.id: TestVerdict(Verdict.FAILED, "stored") for test in small.planned if test.id != "test_first"}
    asked: list[str] = []
    graded = workshop.grade(handed_in(tmp_path, small), "00", lambda answers: asked.append(answers) or known)
    assert asked == [graded.answers]
    assert graded.grading.report.points == 1
    assert {test for test, verdict in graded.verdicts.items() if verdict.detail != "stored"} == {"test_first"}


def test_prints_in_a_failed_test_are_for_staff(workshop: Any, small: Any, tmp_path: Path) -> None:
    """What student code prints while a test calls it stands in what staff read of a test that fails; a test's own
    process prints nothing into another's, and no print of a cell is taken for one of a test's."""
    noisy = append(GET_ASK + "print('in the cell')\ndef zero():\n    print('in the test', flush=True)\n    return 1")
    evidence = workshop.grade(handed_in(tmp_path, small, noisy), "00").grading.evidence
    told = {test: detail for test, detail in evidence.details.items() if "printed by the student's code" in detail}
    assert told
    assert all(detail.count("in the test") == 1 and "in the cell" not in detail for detail in told.values())


def test_forbidden_import_is_flagged(workshop: Any, small: Any, tmp_path: Path) -> None:
    """An import that the assignment asks not to use is told and costs nothing."""
    graded = workshop.grade(handed_in(tmp_path, small, append(GET_ASK + "if 0: import scipy.linalg")), "00")
    assert graded.grading.report.points == 8
    assert any("scipy" in flag for flag in graded.grading.report.flags)


def odd_files(folder: Path) -> dict[str, Path]:
    """Things that are no notebooks."""
    (folder / "text.ipynb").write_text("hello")
    (folder / "deep.ipynb").write_text("[" * 200_000)
    (folder / "large.ipynb").write_bytes(b" " * (21 * 2**20))
    (folder / "folder.ipynb").mkdir()
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.ipynb")
    return {kind: folder / f"{kind}.ipynb" for kind in ("text", "deep", "large", "folder", "link", "pipe", "missing")}


def test_odd_files_are_rejected(workshop: Any, small: Any, tmp_path: Path) -> None:
    """What is no notebook is rejected with a sentence, and the next submission is graded."""
    for kind, path in odd_files(tmp_path).items():
        report = workshop.grade(Submitted("ada", {"small.ipynb": path}), "00").grading.report
        assert report.outcome is Outcome.REJECTED, kind
        assert report.reason.endswith(".")
    report = workshop.grade(Submitted("ada", {}), "00").grading.report
    assert "small.ipynb" in report.reason
    assert workshop.grade(handed_in(tmp_path, small), "00").grading.report.outcome is Outcome.GRADED


@pytest.mark.parametrize("victim", ["fence", "grader", "intake", "init"])
def test_kill_of_our_processes(own_workshop: Any, small: Any, tmp_path: Path, victim: str) -> None:
    """Whichever of our processes is killed in the midst of a submission, the result is the right one."""
    submitted = handed_in(tmp_path, small, append(GET_ASK + SLOW))
    crew = own_workshop._crew

    def kill() -> None:
        if victim == "intake":
            os.kill(own_workshop._intake.pid, signal.SIGKILL)
        elif victim == "init":
            for child in psutil.Process(crew.fence.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if child.name() == "ag-init":
                        child.kill()
        else:
            os.kill((crew.examiner if victim == "grader" else crew.fence).pid, signal.SIGKILL)

    timer = threading.Timer(0.2, kill)
    timer.start()
    known = {test.id: TestVerdict(Verdict.PASSED) for test in small.planned if test.id != "test_zero"}
    for stored in (known, {}):  # first with one test left, which nothing follows that could notice
        report = own_workshop.grade(submitted, "00", lambda answers, stored=stored: stored).grading.report
        assert (report.outcome, report.points) == (Outcome.GRADED, 8)
    timer.join()


def test_two_threads_meet_one_fault(own_workshop: Any, small: Any, tmp_path: Path) -> None:
    """Submissions that are graded at once all come through when the zygote dies under them."""
    submitted = handed_in(tmp_path, small, append(GET_ASK + SLOW))
    timer = threading.Timer(0.2, os.kill, (own_workshop._crew.fence.pid, signal.SIGKILL))
    timer.start()
    with ThreadPoolExecutor(2) as pool:
        graded = list(pool.map(lambda _: own_workshop.grade(submitted, "00"), range(4)))
    assert [one.grading.report.points for one in graded] == [8] * 4


def test_machine_that_keeps_failing(own_workshop: Any, small: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """After three tries a submission is undecided, with the reason and without points."""
    monkeypatch.setattr(Workshop, "wait_ready", lambda self: (_ for _ in ()).throw(OSError(24, "Too many open files")))
    report = own_workshop.grade(handed_in(tmp_path, small), "00").grading.report
    assert (report.outcome, report.points) == (Outcome.UNDECIDED, None)
    assert "Too many open files" in report.reason


def test_fault_of_ours_while_reading(small: Any, tmp_path: Path) -> None:
    """Where our own reading raises, the submission is undecided after three tries, and neither rejected nor graded."""
    with Workshop(replace(small, templates=())) as workshop:  # intake knows of no notebook
        report = workshop.grade(handed_in(tmp_path, small), "00").grading.report
        assert workshop._generation == 2
    assert (report.outcome, report.points) == (Outcome.UNDECIDED, None)
    assert "reading the notebook failed (IndexError" in report.reason


def edited(root: Path, old: str, new: str) -> None:
    path = root / "tests/hidden/odd/test_odd.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("import os, time", "import no_such_module", "no_such_module"),
        ("import os, time", "import os, time\nraise RuntimeError('canary')", "canary"),
        ("def test_fine(student)", "def test_fine(studnet)", None),  # found when it runs
        ("import os, time", "import os, time\n\nif os.sep:\n    def test_made(): pass\n", "test_made"),
        ("def test_exits(student):", "def exits(student):", "test_exits"),
    ],
)
def test_tests_that_do_not_collect(
    own_course: Path, load: Any, tmp_path: Path, old: str, new: str, told: str | None
) -> None:
    """Hidden tests that cannot be imported, or are others than the files declare, are the author's fault."""
    material = load(own_course, "odd")
    edited(own_course, old, new)
    with Workshop(material) as workshop:
        if told is None:
            workshop.grade(handed_in(tmp_path, material), "00")
            return
        with pytest.raises(CourseError, match=told):
            workshop.grade(handed_in(tmp_path, material), "00")


def in_the_reference(root: Path, load: Any, statement: str, assignment: str = "odd") -> Any:
    """The material of an assignment whose solution starts with a statement."""
    master = root / f"solutions/{assignment}/master.py"
    master.write_text(master.read_text().replace("\ndef ", f"\n{statement}\ndef ", 1))
    return load(root, assignment)


def test_reference_that_fails(own_course: Path, load: Any, tmp_path: Path) -> None:
    """A master whose solution raises is the author's fault, with file and line."""
    material = in_the_reference(own_course, load, "1 / 0")
    with Workshop(material) as workshop, pytest.raises(CourseError, match=r"master\.py:3.*ZeroDivision"):
        workshop.grade(handed_in(tmp_path, material), "00")


@pytest.mark.parametrize(
    ("file", "place"),
    [("solutions/odd/master.py", r"master\.py:3"), ("tests/hidden/odd/test_odd.py", r"hidden/test_odd\.py:\d")],
)
def test_reference_or_tests_that_never_end(
    own_course: Path, load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, place: str
) -> None:
    """A loop without end, in the solution or beside the tests, ends the batch with its place."""
    path = own_course / file
    path.write_text(path.read_text().replace("\ndef ", "\nwhile True: pass\ndef ", 1))
    material = load(own_course, "odd")
    monkeypatch.setattr("autograder.grading.examiner.allowed", lambda *_: 5.0)
    with Workshop(material) as workshop, pytest.raises(CourseError, match=f"not ready after 5 s of CPU.*{place}"):
        workshop.grade(handed_in(tmp_path, material), "00")


def test_reference_that_ends_the_grader(own_course: Path, load: Any, tmp_path: Path) -> None:
    """Where no grader ever starts, no submission is called undecided for it: the batch ends with the reason."""
    statement = "if __name__ != '__main__': __import__('os')._exit(3)"
    material = in_the_reference(own_course, load, statement)
    with Workshop(material) as workshop, pytest.raises(InfrastructureError, match=r"grader process ended.*3"):
        workshop.grade(handed_in(tmp_path, material), "00")


def test_notebooks_run_while_the_reference_does(
    own_course: Path, load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference that takes its time keeps no notebook waiting, only its tests; rejected ones not at all."""
    ran: list[bool] = []
    original = attempt.run_cells

    def run_cells(student: Any, *arguments: Any) -> bool:
        done = original(student, *arguments)
        ran.append(gate.exists())
        gate.touch()
        return done

    gate = tmp_path / "gate"
    monkeypatch.setattr(attempt, "run_cells", run_cells)
    waiting = f"import os, time\nwhile __name__ != '__main__' and not os.path.exists({str(gate)!r}): time.sleep(0.05)"
    material = in_the_reference(own_course, load, waiting, "small")
    with Workshop(material) as workshop:
        rejected = workshop.grade(Submitted("bob", {"small.ipynb": tmp_path / "missing.ipynb"}), "00")
        assert rejected.grading.report.outcome is Outcome.REJECTED
        graded = workshop.grade(handed_in(tmp_path, material, append(GET_ASK)), "00")
    assert ran == [False]
    assert graded.grading.report.outcome is Outcome.GRADED


def test_grader_folder(small: Any, tmp_path: Path) -> None:
    """The grader's folder holds the tests, the students' files and a configuration, and no solution."""
    prepare_grader_folder(small, tmp_path / "grader")
    names = {str(path.relative_to(tmp_path / "grader")) for path in (tmp_path / "grader").rglob("*") if path.is_file()}
    assert {"public/test_public.py", "hidden/test_small.py", "data/numbers.txt", "pytest.ini"} <= names
    assert not any("solution" in name or "master" in name for name in names)


def test_close_leaves_nothing(small: Any) -> None:
    """After a workshop its processes and its folder are gone."""
    with Workshop(small) as workshop:
        workshop.wait_ready()
        crew, folder, intake = workshop._crew, workshop._folder, workshop._intake
        assert crew is not None
        assert intake is not None
    assert not folder.exists()
    assert not any(process.alive for process in (crew.fence, crew.examiner, intake))
