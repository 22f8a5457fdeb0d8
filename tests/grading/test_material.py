"""What grading an assignment needs, out of the course."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import CourseError


def test_material_of_a_course(small: Any, small_course: Path) -> None:
    """Limits, files, secrets, tests and set-ups are those of the course."""
    assert (small.limits.test_seconds, small.limits.notebook_seconds, small.limits.memory) == (1.0, 2.0, 2**30)
    assert small.files == {"data/numbers.txt": small_course / "assignments/small/data/numbers.txt"}
    assert small.secrets == (small_course,)
    planned = {test.id: test for test in small.planned}
    assert len(planned) == 8
    assert planned["test_up"].prepared == planned["test_up_without_student"].prepared == "test_small.py::counter"
    assert planned["test_first"].prepared is None
    assert {test.notebook for test in small.planned} == {0}


def test_secrets_where_the_interpreter_lies_in_the_course(
    own_course: Path, load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the course is a secret but for the environment, in a folder of its own or in the course's."""
    for folder in ("lib", "bin", ".venv", ".autograder"):
        (own_course / folder).mkdir()
    secrets = {".autograder", "assignments", "course.yml", "solutions", "tests"}
    for prefix, others in ((own_course / ".venv", set()), (own_course, {".venv"})):
        monkeypatch.setattr(sys, "prefix", str(prefix))
        assert {path.name for path in load(own_course, "small").secrets} == secrets | others


def test_templates_hold_no_solution(small: Any) -> None:
    """What intake gets to know shows no solution."""
    text = str([template.to_json() for template in small.templates])
    assert "def zero" not in text
    assert "Because." not in text


def environment(material: Any) -> str:
    return str(material.environment(device="cpu", tier="full"))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("solutions/small/master.py", "return 0", "return 0 + 0"),
        ("assignments/small/assignment.yml", "test_seconds: 1", "test_seconds: 2"),
        ("assignments/small/assignment.yml", "memory: 1 GiB", "memory: 2 GiB"),
        ("assignments/small/data/numbers.txt", "1 2 3", "1 2 4"),
    ],
)
def test_environment_changes_with_what_verdicts_need(
    own_course: Path, load: Callable[..., Any], file: str, old: str, new: str
) -> None:
    """A change of the solution, a limit or a data file makes stored verdicts void; loading twice does not."""
    before = environment(load(own_course, "small"))
    assert environment(load(own_course, "small")) == before
    path = own_course / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert environment(load(own_course, "small")) != before


def test_environment_ignores_titles(own_course: Path, load: Callable[..., Any]) -> None:
    """A new title voids no verdict; another device or fence does."""
    before = load(own_course, "small")
    path = own_course / "assignments/small/assignment.yml"
    path.write_text(path.read_text().replace("title: Something small", "title: Something else"))
    assert (
        before.environment(device="cuda", tier="full")
        != environment(before)
        != before.environment(device="cpu", tier="x")
    )


def test_environment_knows_every_library(
    own_course: Path, load: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half the class imported what was not installed: once it is, they are graded again; once it is newer, too."""
    material, place = load(own_course, "small"), tmp_path / "site-packages"
    place.mkdir()
    monkeypatch.syspath_prepend(place)
    seen = [environment(material)]
    for name in ("tqdm-4.67.0.dist-info", "tqdm-4.68.0.dist-info"):
        for old in place.iterdir():
            old.rmdir()
        (place / name).mkdir()
        seen.append(environment(material))
    assert len({*seen}) == 3


def test_environment_is_that_of_the_students(
    own_course: Path, load: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that only this process has on its path, like the one it was started in, grades nobody again."""
    material = load(own_course, "small")
    before = environment(material)
    (tmp_path / "mine-1.0.egg-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert environment(material) == before


def test_fingerprint_of_an_edited_test(own_course: Path, load: Callable[..., Any]) -> None:
    """Editing one test changes its own fingerprint alone."""
    before = load(own_course, "small").fingerprints
    path = own_course / "tests/hidden/small/test_small.py"
    path.write_text(path.read_text().replace('"canary-of-first"', '"another"'))
    after = load(own_course, "small").fingerprints
    assert {test for test in after if after[test] != before[test]} == {"test_first"}


def test_preload_is_what_masters_import(own_course: Path, load: Callable[..., Any]) -> None:
    """The zygote imports the heavy modules that the masters import, and no others."""
    path = own_course / "solutions/small/master.py"
    path.write_text(
        path.read_text().replace("import os", "import os\nimport numpy as np\nfrom matplotlib import pyplot")
    )
    assert {"numpy", "matplotlib"} <= set(load(own_course, "small").preload)
    assert "torch" not in load(own_course, "small").preload


def test_missing_master(own_course: Path, load: Callable[..., Any]) -> None:
    """An assignment without a master is the author's fault."""
    (own_course / "solutions/small/master.py").unlink()
    with pytest.raises(CourseError, match="master"):
        load(own_course, "small")
