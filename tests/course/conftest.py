"""A small course that is right, on disk, and the means to break it one line at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.course import Assignment, check_course, load_assignment, load_course
from autograder.errors import Problem

COURSE = """\
course: eep-596
title: "LLMs: From Transformers to GPT"
timezone: America/Los_Angeles
assignments: [cosine-similarity]
quizzes: []
roster: roster.csv
weights: {cosine-similarity: 10}
late: {kind: per_day, percent: 10, slip_days: 3}
"""
ASSIGNMENT = """\
assignment: cosine-similarity
title: Cosine similarity
due: 2025-02-03T23:59
limits: {notebook_seconds: 60, test_seconds: 2.5, prepare_seconds: 60, memory: 2 GiB}
device: {prefer: cuda, require: false, memory: 1.5 GB}
notebooks: [cosine-similarity.ipynb]
files: [data/movies.csv]
group: {max: 3}
forbid_imports: [torch]
questions:
  - {id: cosine, title: Cosine of two vectors, kind: code, points: 4}
  - id: design
    title: Which movie, and why
    kind: written
    points: 3
    rubric:
      - {id: uses-angle, points: 2, text: Argues from the angle}
      - {id: names-limit, points: 1, text: Names one case}
"""
PUBLIC = """\
import pytest

@pytest.mark.question("cosine", points=0.5)
def test_runs(student):
    assert student
"""
HIDDEN = """\
import pytest
from autograder.grading import prepared

@prepared
def trained(student):
    return student.keep("train")

@pytest.mark.question("cosine", points=2, hint="Arrows of different lengths?")
def test_ignores_scale(student, reference, rng):
    \"\"\"Cosine does not change when a vector is scaled.\"\"\"

@pytest.mark.question("cosine", points=1.5)
@pytest.mark.parametrize("a, b", [(1, 2), (3, 4)])
def test_pairs(trained, a, b):
    pass
"""


@dataclass(frozen=True)
class Maker:
    """The course's folder, with short words for changing and reading it."""

    root: Path

    @property
    def yml(self) -> Path:
        return self.root / "assignments/cosine-similarity/assignment.yml"

    @property
    def hidden(self) -> Path:
        return self.root / "tests/hidden/cosine-similarity/test_cosine.py"

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def edit(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def load(self) -> Assignment:
        return load_assignment(load_course(self.root), "cosine-similarity")

    def problems(self) -> list[Problem]:
        return list(check_course(self.root))

    def only(self) -> Problem:
        problems = self.problems()
        assert len(problems) == 1, "\n".join(map(str, problems))
        return problems[0]


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """A course without a fault."""
    made = Maker(tmp_path / "course")
    made.write("course.yml", COURSE)
    made.write("roster.csv", "student,name,email,section\nada,Ada Lovelace,ada@x.edu,A\n")
    made.write("assignments/cosine-similarity/assignment.yml", ASSIGNMENT)
    made.write("assignments/cosine-similarity/data/movies.csv", "title\n")
    made.write("assignments/cosine-similarity/public/test_public.py", PUBLIC)
    made.write("tests/hidden/cosine-similarity/test_cosine.py", HIDDEN)
    return made


@pytest.fixture
def line_of() -> Callable[[Path, str], int]:
    """The number of the line of a file that contains a text."""

    def find(path: Path, text: str) -> int:
        lines = path.read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    return find
