"""What the tests of several rooms share: a warm fence, and a small course with a workshop that grades it.

The small course has two assignments. In `small` each test calls one function of the notebook, so that a submission
decides what happens in which test. In `odd` the tests themselves are at fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_assignment, load_course
from autograder.grading.attempt import CellToRun, Crew, Patience, PlannedTest
from autograder.grading.material import Material, load_material
from autograder.grading.student import PipeLink, Student
from autograder.grading.submission import Run, run_submission
from autograder.grading.workshop import Workshop
from autograder.sandbox.channel import Channel
from autograder.sandbox.ground import entered_by_all
from autograder.sandbox.host import Fence
from autograder.sandbox.host import Student as Tree
from autograder.sandbox.limits import Limits
from autograder.sandbox.slots import Slots

NUMBERS = "1 2 3\n"
_SECONDS = 60.0
_DEBIAN = "/usr/bin/python3"
_ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Box:
    """One fenced student, as a test holds it: runs cells, and forks snapshots that it talks to as a grader does."""

    tree: Tree
    snapshots: int = 0
    cells: int = 0
    links: list[PipeLink] = field(default_factory=list)

    def run(self, source: str) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Run one cell; its outputs and its error. Raises ChannelClosed when it takes the process with it."""
        deadline = time.monotonic() + _SECONDS
        self.tree.runner.send(("run", self.cells, textwrap.dedent(source)), deadline)
        self.cells += 1
        while (message := self.tree.runner.receive(deadline))[0] != "done":
            assert message[0] in ("cell", "forked", "exit")
        return message[2], message[3]

    def text(self, source: str) -> str:
        """What a cell that must not fail prints."""
        outputs, error = self.run(source)
        assert error is None, error["traceback"]
        return "".join(output["text"] for output in outputs if output["output_type"] == "stream").strip()

    def snapshot(self, *, seconds: float = 20.0, wall: float = _SECONDS) -> Student:
        """A fresh snapshot of the notebook as it is now."""
        k, self.snapshots = self.snapshots, self.snapshots + 1
        self.tree.runner.send(("fork", k, 7, seconds, []), time.monotonic() + _SECONDS)
        link = PipeLink(Channel(*self.tree.pairs[k]), wall, lambda: None)
        student = link.student = Student(link)
        self.links.append(link)
        link.start()
        return student


@pytest.fixture(scope="session")
def fence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fence]:
    """A warm zygote with numpy, plots and one course file."""
    if sys.platform != "linux":
        pytest.skip("the fence needs Linux")
    numbers = tmp_path_factory.mktemp("course") / "numbers.txt"
    numbers.write_text(NUMBERS)
    fence = Fence({"data/numbers.txt": numbers}, ("numpy", "matplotlib", "matplotlib.pyplot"), ())
    try:
        fence.wait_ready()
        yield fence
    finally:
        fence.close()


@pytest.fixture(scope="session")
def slots() -> Slots:
    """Slots for the students of the shared fence."""
    return Slots(12)


@pytest.fixture
def new_box(fence: Fence, slots: Slots) -> Iterator[Callable[..., Box]]:
    """Makes fenced students, with other limits if they are given; all are gone after the test."""
    made: list[tuple[int, Tree]] = []

    def make(**limits: Any) -> Box:
        slot = slots.take()
        tree = fence.spawn(slot, Limits(**limits), 0, 12)
        made.append((slot, tree))
        tree.wait_ready()
        return Box(tree)

    yield make
    for slot, tree in made:
        slots.give(slot, tree.kill())


@pytest.fixture
def box(new_box: Callable[..., Box]) -> Box:
    """A fenced student with the default limits."""
    return new_box()


@pytest.fixture(scope="module")
def shared_box(fence: Fence, slots: Slots) -> Iterator[Box]:
    """One fenced student for all tests of a module that leave it as they found it."""
    slot = slots.take()
    tree = fence.spawn(slot, Limits(), 0, 0)
    try:
        tree.wait_ready()
        yield Box(tree)
    finally:
        slots.give(slot, tree.kill())


@pytest.fixture(scope="session")
def open_python() -> Iterator[Path]:
    """A Python that every user can read and that has what this one has: itself, or Debian's in a new environment."""
    site = Path(sysconfig.get_path("purelib"))
    if os.geteuid() != 0 or entered_by_all(Path(sysconfig.get_path("stdlib")).resolve()):
        yield Path(sys.executable)
        return
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if not Path(_DEBIAN).exists() or subprocess.run([_DEBIAN, "-c", version], check=False).returncode:
        pytest.skip(f"this Python lies in a closed folder, and {_DEBIAN} is none of this version")
    if not entered_by_all(site.resolve()) or not entered_by_all(_ROOT):
        pytest.skip("packages or course lie in a closed folder")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="autograder-reduced-test-") as folder:
        home = Path(folder, "venv")
        subprocess.run([_DEBIAN, "-m", "venv", "--without-pip", home], check=True, env={"PATH": "/usr/bin:/bin"})
        paths = next(home.glob("lib/python*/site-packages")) / "here.pth"
        paths.write_text(f"{site}\n{_ROOT}\n")
        Path(folder).chmod(0o755)
        yield home / "bin" / "python"


@pytest.fixture
def eventually() -> Callable[..., bool]:
    """Tells whether a condition comes true in time: processes take a moment to go."""

    def wait(condition: Callable[[], Any], seconds: float = 30.0) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return wait


COURSE = {
    "course.yml": """
        course: tiny
        title: A tiny course
        timezone: UTC
        assignments: [small, odd]
        """,
    "assignments/small/assignment.yml": """
        assignment: small
        title: Something small
        limits: {notebook_seconds: 2, test_seconds: 1, prepare_seconds: 1, memory: 1 GiB}
        files: [data/numbers.txt]
        forbid_imports: [scipy]
        questions:
          - {id: calls, title: Three calls, kind: code, points: 4}
          - {id: shared, title: A shared set-up, kind: code, points: 4}
          - {id: why, title: Why, kind: written, points: 2, rubric: [{id: any, points: 2, text: Says why}]}
        """,
    "assignments/small/data/numbers.txt": "1 2 3\n",
    "assignments/small/public/test_public.py": """
        import pytest

        @pytest.mark.question("calls", points=1)
        def test_zero(student):
            \"\"\"zero gives 0.\"\"\"
            assert student.call("zero") == 0
        """,
    "solutions/small/master.py": """
        # %% [markdown]
        # # Something small, told in more than forty characters

        # %%
        import os
        import time

        # %% question="calls"
        ### BEGIN SOLUTION
        def zero():
            return 0

        def first():
            return 1

        def second():
            return 1

        def third():
            return 1
        ### END SOLUTION

        # %% question="shared"
        ### BEGIN SOLUTION
        class Counter:
            def __init__(self):
                self.count = 0

            def up(self, ask=None):
                self.count += 1 if ask is None else ask(1)
                return self.count
        ### END SOLUTION

        # %% [markdown] question="why"
        # ### BEGIN SOLUTION
        # Because.
        # ### END SOLUTION
        """,
    "tests/hidden/small/test_small.py": """
        import pytest
        from autograder.grading import prepared

        @pytest.mark.question("calls", points=1, hint="What comes first?")
        def test_first(student):
            assert student.call("first") == 1, "canary-of-first"

        @pytest.mark.question("calls", points=1)
        def test_second(student):
            assert student.call("second") == 1

        @pytest.mark.question("calls", points=1)
        @pytest.mark.parametrize("times", [1, 2, 3])
        def test_third(student, times):
            assert [student.call("third") for _ in range(times)] == [1] * times

        @prepared
        def counter(student):
            remote = student.new("Counter")
            remote.call("up")
            student.set("ask", student.callback(lambda x: x))
            return remote

        @pytest.mark.question("shared", points=1)
        def test_up(student, counter):
            assert counter.call("up") == 2

        @pytest.mark.question("shared", points=1)
        def test_up_again(student, counter):
            assert counter.call("up") == 2

        @pytest.mark.question("shared", points=1)
        def test_up_without_student(counter):
            assert counter.call("up") == 2

        @pytest.mark.question("shared", points=1)
        def test_up_by_callback(student, counter):
            assert counter.call("up", student.callback(lambda x: 10 * x)) == 11
            assert counter.call("up", student.keep("get_ask")) == 12
        """,
    "assignments/odd/assignment.yml": """
        assignment: odd
        title: Something odd
        limits: {notebook_seconds: 2, test_seconds: 1, memory: 1 GiB}
        questions: [{id: calls, title: Calls, kind: code, points: 10}]
        """,
    "solutions/odd/master.py": """
        # %% question="calls"
        ### BEGIN SOLUTION
        def first():
            return 1
        ### END SOLUTION
        """,
    "tests/hidden/odd/test_odd.py": """
        import os, time
        import pytest

        def question(function):
            return pytest.mark.question("calls", points=1)(function)

        @pytest.mark.question("calls", points=1)
        def test_fine(student):
            assert student.call("first") == 1

        @pytest.mark.question("calls", points=1)
        def test_author_error(student):
            student.call("first") + "text"

        @pytest.mark.question("calls", points=1)
        def test_skips(student):
            pytest.skip("not today")

        @pytest.mark.question("calls", points=1)
        @pytest.mark.skip
        def test_is_skipped(student):
            assert student.call("first") == 1

        @pytest.mark.question("calls", points=1)
        @pytest.mark.xfail
        def test_passes_against_expectation(student):
            assert student.call("first") == 1

        @pytest.mark.question("calls", points=1)
        @pytest.mark.xfail
        def test_fails_as_expected(student):
            assert student.call("first") == 2

        @pytest.mark.question("calls", points=1)
        def test_kills_the_grader(student):
            student.call("first")
            os.kill(os.getpid(), 9)

        @pytest.mark.question("calls", points=1)
        def test_sends_what_cannot_be_sent(student):
            student.call("first", object())

        @pytest.mark.question("calls", points=1)
        def test_exits(student):
            raise SystemExit(0)

        @pytest.mark.question("calls", points=1)
        def test_fails_by_hand(student):
            pytest.fail("no")
        """,
}
REFERENCE = (
    "import os, time",
    "def zero(): return 0\ndef first(): return 1\ndef second(): return 1\ndef third(): return 1",
    textwrap.dedent(COURSE["solutions/small/master.py"].split("### BEGIN SOLUTION")[2].split("### END")[0])
    + "\ndef get_ask(): return ask\n",
)


def write_course(root: Path) -> Path:
    """The small course, below `root`."""
    for name, text in COURSE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return root


@pytest.fixture(scope="session")
def small_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course's folder; tests do not change it."""
    return write_course(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def own_course(tmp_path: Path) -> Path:
    """The small course once more, for a test that changes it."""
    return write_course(tmp_path / "tiny")


def material_of(root: Path, assignment: str) -> Material:
    """An assignment of a course, ready to be graded."""
    return load_material(load_assignment(load_course(root), assignment))


@pytest.fixture
def load() -> Callable[[Path, str], Material]:
    """Makes the material of an assignment of a course."""
    return material_of


@pytest.fixture(scope="session")
def small(small_course: Path) -> Material:
    """The material of the assignment `small`."""
    return material_of(small_course, "small")


def started(material: Material) -> Workshop:
    if sys.platform != "linux":
        pytest.skip("the fence needs Linux")
    return Workshop(material, jobs=2, seed=5)


@pytest.fixture(scope="session")
def workshop(small: Material) -> Iterator[Workshop]:
    """A warm workshop for the assignment `small`."""
    with started(small) as workshop:
        workshop.wait_ready()
        yield workshop


@pytest.fixture(scope="session")
def odd_workshop(small_course: Path) -> Iterator[Workshop]:
    """A warm workshop for the assignment `odd`."""
    with started(material_of(small_course, "odd")) as workshop:
        workshop.wait_ready()
        yield workshop


@pytest.fixture
def grade() -> Callable[..., Run]:
    """Grades the reference's cells with `cells` after them; the wall clock of a test is `wall` seconds."""

    def run(workshop: Workshop, *cells: str, tests: str = "", wall: float = 30.0) -> Run:
        assert workshop._crew is not None
        crew: Crew = replace(workshop._crew, patience=Patience(wall=lambda seconds: wall))
        sources = [*REFERENCE, *map(textwrap.dedent, cells)]
        wanted: list[PlannedTest] = [test for test in workshop.material.planned if tests in test.id]
        return run_submission(crew, [[CellToRun(n, source) for n, source in enumerate(sources)]], wanted)

    return run
