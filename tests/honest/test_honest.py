"""Honest notebooks that do unusual things get full marks under the whole fence, and would not under a stricter one."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.grading.workshop import Graded, Workshop
from autograder.sandbox.proc import descendants, status_of

from .classroom import JOBS, PLAIN, Honest, complaints, grade_all, grade_one, grade_under, honest_set, write_course
from .fences import FENCES

pytest.importorskip("torch")
pytest.importorskip("matplotlib")
if sys.platform != "linux":
    pytest.skip("the fence needs Linux", allow_module_level=True)

HONEST = honest_set()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """The assignment's processes, warm."""
    material = write_course(tmp_path_factory.mktemp("honest"))
    with Workshop(material, jobs=JOBS, seed=5) as workshop:
        workshop.warm_up()
        yield workshop


@pytest.fixture(scope="module")
def graded(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    """The whole set, graded once."""
    return grade_all(workshop, tmp_path_factory.mktemp("submissions"))


def test_set_is_large_and_uses_every_fence() -> None:
    """There are at least thirty, and no fence that is too strict is left without a notebook that shows it."""
    assert len(HONEST) >= 30
    assert {honest.fence for honest in HONEST.values()} == FENCES.keys()


@pytest.mark.parametrize("name", HONEST)
def test_honest_notebook_gets_full_marks(graded: dict[str, Graded], workshop: Workshop, name: str) -> None:
    """Its cells and the tests' calls do the unusual thing, and nothing of the fence is in the way."""
    assert complaints(graded[name]) == []
    assert graded[name].grading.report.isolation == workshop.tier
    assert graded[name].grading.report.flags == ()


@pytest.mark.parametrize("fence", FENCES)
def test_plain_notebook_gets_full_marks_under_strict_fence(workshop: Workshop, fence: str) -> None:
    """A fence that is too strict for honest work is not so strict that nothing works: what it takes away is known."""
    assert grade_under(workshop, fence, (PLAIN,)) == set()


@pytest.mark.parametrize("name", HONEST)
def test_honest_notebook_loses_marks_under_strict_fence(workshop: Workshop, name: str) -> None:
    """Each notebook needs what its fence takes away, in the cells or in the tests' calls."""
    assert grade_under(workshop, HONEST[name].fence, HONEST[name].cells)


def processes(workshop: Workshop) -> Counter[str]:
    """The names of all that the fence has started and that lives."""
    assert workshop._crew is not None
    return Counter(status_of(pid).get("Name", "gone") for pid in descendants(workshop._crew.fence.pid))


def descriptors(pid: int | str) -> Counter[str]:
    """How many descriptors of each kind a process holds."""
    found: Counter[str] = Counter()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[re.sub(r":\[\d+\]$", "", str(entry.readlink()))] += 1
        except FileNotFoundError:  # the one that looks
            continue
    return found


def mounts(workshop: Workshop) -> str:
    """What is mounted where students are forked."""
    assert workshop._crew is not None
    return Path(f"/proc/{workshop._crew.fence.pid}/mountinfo").read_text()


def members(workshop: Workshop) -> int:
    """How many processes there are in the students' control groups."""
    assert workshop._crew is not None
    pens = workshop._crew.fence._pens
    return sum(len(pen.members()) for pen in pens._pens.values()) if pens is not None else 0


def test_nothing_is_left_behind(tmp_path: Path, eventually: Callable[..., bool]) -> None:
    """Notebooks that leave threads, orphans, shared memory, files and open sockets are gone with all of that."""
    careless = ["forks", "threads", "programs", "shared_memory", "files", "many_files", "sockets", "asynchronous"]
    with Workshop(write_course(tmp_path), jobs=1, seed=5) as workshop:
        workshop.warm_up()

        def lap(names: list[str]) -> None:
            for name in names:
                assert complaints(grade_one(workshop, tmp_path, HONEST[name])) == []

        def traces() -> tuple[object, ...]:
            assert workshop._crew is not None
            own = descriptors("self")
            own.pop("anon_inode:[pidfd]", None)  # a slot keeps the last one until it is used again
            held = own, descriptors(workshop._crew.fence.pid)
            return processes(workshop), members(workshop), mounts(workshop), held, files()

        def files() -> list[str]:
            return sorted(str(path) for path in (workshop._folder, tmp_path) for path in path.rglob("*"))

        lap(careless)  # every slot has its zygote now
        pid = workshop._crew.fence.pid if workshop._crew is not None else 0
        assert eventually(lambda: set(processes(workshop)) == {"ag-zygote"})
        before = traces()
        lap(careless)
        assert eventually(lambda: traces() == before), (before, traces())
        assert workshop._crew is not None
        assert workshop._crew.fence.pid == pid
        looking = Honest("looking", "none", (LOOKING, PLAIN))
        assert complaints(grade_one(workshop, tmp_path, looking)) == []


LOOKING = """
import os, sys
from pathlib import Path
own = (sys.prefix, sys.base_prefix)  # which may lie below a temporary folder
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/scratch/shm"):
    left = [one for one in Path(folder).iterdir() if not any(Path(each).is_relative_to(one) for each in own)]
    assert left == [], folder
assert len([pid for pid in os.listdir("/proc") if pid.isdigit()]) == 2
assert len(Path("/proc/sysvipc/shm").read_text().splitlines()) == 1
assert "abstract" not in Path("/proc/net/unix").read_text()
"""
