"""Everything that grading one assignment needs, read from the course once: masters, templates, tests, files, keys."""

from __future__ import annotations

import ast
import platform
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.course import Assignment, QuestionKind
from autograder.grading.job import PlannedTest
from autograder.notebook import Master, NotebookQuestion, Release, Template, read_master, student_notebook
from autograder.results import Visibility
from autograder.sandbox.image import library_folders
from autograder.sandbox.limits import Limits

_PRELOADABLE = (
    "numpy",
    "torch",
    "torch.optim",
    "matplotlib",
    "matplotlib.pyplot",
    "pandas",
    "scipy",
    "sklearn",
    "math",
    "re",
    "json",
)
_OF_AN_INTERPRETER = frozenset({"bin", "include", "lib", "lib64", "share", "etc", "pyvenv.cfg"})
"""What a virtual environment puts into its folder, which may be the course's own."""


@dataclass(frozen=True)
class Material:
    """One assignment, ready to be graded. `masters`, `releases` and `templates` go with `assignment.notebooks`."""

    assignment: Assignment
    masters: tuple[Master, ...]
    releases: tuple[Release, ...]
    templates: tuple[Template, ...]

    @property
    def limits(self) -> Limits:
        """The assignment's limits as the fence takes them."""
        own = self.assignment.limits
        return Limits(
            notebook_seconds=float(own.notebook_seconds),
            test_seconds=float(own.test_seconds),
            prepare_seconds=float(own.prepare_seconds),
            memory=own.memory,
        )

    @property
    def files(self) -> dict[str, Path]:
        """The files that every student gets beside the notebook, by their name there."""
        return {name: self.assignment.folder / name for name in self.assignment.files}

    @property
    def secrets(self) -> tuple[Path, ...]:
        """What no student process may see, wherever it lies: the whole course, but for an interpreter within it."""
        root = self.assignment.course_root
        interpreter = [Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
        if not any(folder.is_relative_to(root) for folder in interpreter):
            return (root,)
        entries = (entry for entry in sorted(root.iterdir()) if entry.name not in _OF_AN_INTERPRETER)
        return tuple(entry for entry in entries if not any(folder.is_relative_to(entry) for folder in interpreter))

    @property
    def reference_cells(self) -> list[tuple[str, int, str]]:
        """The full solution, as (file, line of the cell in it, source)."""
        return [
            (str(master.path), cell.line, cell.source) for master in self.masters for cell in master.reference_cells()
        ]

    @property
    def preload(self) -> tuple[str, ...]:
        """The heavy modules that the masters import: the zygote imports them once for everybody."""
        found = {name for master in self.masters for cell in master.reference_cells() for name in _imports(cell.solved)}
        if "torch" in found and any("optim" in source for _, _, source in self.reference_cells):
            found.add("torch.optim")
        return tuple(name for name in _PRELOADABLE if name in found)

    @property
    def planned(self) -> tuple[PlannedTest, ...]:
        """Every test with the notebook it forks from, in the order in which they are reported."""
        place = {
            question.id: self.assignment.notebooks.index(question.notebook) for question in self.assignment.questions
        }
        return tuple(
            PlannedTest(
                id=test.id,
                notebook=place[test.question],
                prepared=f"{test.file.name}::{test.prepared}" if test.prepared else None,
                question=test.question,
            )
            for test in self.assignment.tests
        )

    @property
    def fingerprints(self) -> dict[str, str]:
        """Test id → what its verdict depends on in the tests' files."""
        return {test.id: test.fingerprint for test in self.assignment.tests}

    def environment(self, *, device: str, tier: str) -> str:
        """A hash of everything else that verdicts depend on: versions, reference, files, limits, device, fence."""
        facts: list[Any] = [__version__, platform.python_version(), platform.machine(), device, tier]
        facts += _installed()
        facts += [sorted(self.limits.to_json().items()), [source for _, _, source in self.reference_cells]]
        facts += [self.assignment.device.memory] if device != "cpu" else []
        facts += [(name, sha256(path.read_bytes()).hexdigest()) for name, path in sorted(self.files.items())]
        facts += [sorted(template.to_json().items()) for template in self.templates]
        facts += [
            (question.id, str(question.points), [(item.id, str(item.points)) for item in question.rubric])
            for question in self.assignment.questions
        ]
        return sha256(repr(facts).encode()).hexdigest()


def load_material(assignment: Assignment) -> Material:
    """Read an assignment's masters and generate what students were given. Raises CourseError."""
    masters, releases, templates = [], [], []
    for name in assignment.notebooks:
        release = make_release(assignment, name)
        master = read_master(master_path(assignment, name), release.questions)
        masters.append(master)
        releases.append(release)
        templates.append(Template.from_notebook(student_notebook(master, release)))
    return Material(assignment, tuple(masters), tuple(releases), tuple(templates))


def master_path(assignment: Assignment, notebook: str) -> Path:
    """Where a notebook's master lies: `master.py` or `master.ipynb`; with several notebooks their own names."""
    stem = "master" if len(assignment.notebooks) == 1 else Path(notebook).stem
    script, book = assignment.solution / f"{stem}.py", assignment.solution / f"{stem}.ipynb"
    return book if book.exists() and not script.exists() else script


def make_release(assignment: Assignment, notebook: str) -> Release:
    """What a student notebook says beside its master's cells."""
    public = {path.name: path.read_text() for path in sorted(assignment.public.glob("test_*.py"))}
    tests = [test for test in assignment.tests if test.visibility is Visibility.PUBLIC]
    questions = tuple(
        NotebookQuestion(
            id=question.id,
            title=question.title,
            points=question.points,
            public_points=sum(
                (test.points for test in tests if test.question == question.id), start=question.points * 0
            ),
            written=question.kind is QuestionKind.WRITTEN,
        )
        for question in assignment.questions
        if question.notebook == notebook
    )
    return Release(assignment.id, assignment.title, notebook, questions, public)


def _imports(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics: whatever is imported there is not preloaded
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names | {name.partition(".")[0] for name in names}


def _installed() -> list[str]:
    """Every library that student code could import, with its version, by the names of their metadata folders."""
    return sorted({info.name for folder in library_folders() for info in Path(folder).glob("*-info")})
