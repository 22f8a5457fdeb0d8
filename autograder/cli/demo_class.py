"""A made-up class: who hands in what, and which tests a fair grader lets them lose.

    right        the reference, or a style from right/
    mistaken     one to three mistakes from wrong/, each of another question
    half done    the later questions are still as released
    blank        nothing was answered
    broken       everything is right, and the notebook is spoilt in one way: one student for each of `BREAKS`

The same course gives the same class, byte for byte. The names are invented.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.cli.demo_breaks import BREAKS, Break, Cost, Notebook, Paper, code_cell, source_of
from autograder.course import QuestionKind
from autograder.grading.material import Material
from autograder.notebook import (
    Variant,
    apply_variant,
    read_variant,
    student_notebook,
    submission_notebook,
    to_bytes,
)

STUDENTS = (
    "abena-dunmarsh", "amir-elderwick", "anouk-brookfen", "arlo-fernhollow", "asha-larkmead",
    "bryn-gorsemoor", "caleb-hazelbank", "chidi-ashgrove", "cleo-cloverly", "dagny-ivywater",
    "dario-ashgrove", "edda-gorsemoor", "elio-elderwick", "esme-ivywater", "farid-larkmead",
    "fenna-brookfen", "gia-cloverly", "hana-hazelbank", "idris-fernhollow", "ilse-dunmarsh",
    "jory-brookfen", "juno-elderwick", "kai-dunmarsh", "keiko-ashgrove", "lena-fernhollow",
    "levi-cloverly", "lior-ivywater", "maeve-gorsemoor", "mattis-hazelbank", "nadia-larkmead",
    "nils-elderwick", "noor-larkmead", "odin-fernhollow", "oona-ashgrove", "paz-ivywater",
    "petra-cloverly", "quill-dunmarsh", "ravi-hazelbank", "remy-gorsemoor", "rosa-brookfen",
    "sami-cloverly", "sena-dunmarsh", "signe-hazelbank", "soren-larkmead", "talia-ashgrove",
    "tariq-elderwick", "uma-gorsemoor", "vera-fernhollow", "wren-brookfen", "yara-ivywater",
)  # fmt: skip
"""The class: the same students in every assignment."""

_MISTAKES = (1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3)
"""How many mistakes each of the mistaken students makes."""
_TRAINING = 4
"""Where tests share set-ups they train networks: then one student in so many hands in, or the demo takes minutes."""
_IN_STYLE = 0.7
_HALF_DONE = 3
_BLANK = 2


@dataclass(frozen=True, slots=True)
class Handed:
    """What one student hands in: files by their path in the class's folder, and what may be lost for it."""

    student: str
    files: Mapping[str, bytes]
    loses: frozenset[str]  # tests
    broken: Break | None = None

    @property
    def handed_back(self) -> bool:
        """Whether this cannot be graded and has to be rejected."""
        return self.broken is not None and self.broken.cost is Cost.FILE


@dataclass(frozen=True, slots=True)
class _Target:
    """A question that one function in one cell answers. `uses` counts the other cells that speak of that function."""

    question: str
    function: str
    notebook: int
    uses: int


def make_class(material: Material, foreign: Material | None = None) -> list[Handed]:
    """What the class hands in for one assignment; `foreign` is the assignment that somebody confuses it with.

    Raises CourseError with every variant that cannot be read.
    """
    chance = random.Random(material.assignment.id)
    students = list(STUDENTS)
    chance.shuffle(students)
    desk = _Desk(material, chance)
    other = _foreign(foreign)
    handed = [desk.broken(student, kind, other) for student, kind in zip(students, BREAKS, strict=False)]
    for number, student in enumerate(students[len(BREAKS) :]):
        if number < len(_MISTAKES):
            handed.append(desk.mistaken(student, _MISTAKES[number]))
        elif number < len(_MISTAKES) + _HALF_DONE:
            handed.append(desk.half_done(student))
        elif number < len(_MISTAKES) + _HALF_DONE + _BLANK:
            handed.append(desk.blank(student))
        else:
            handed.append(desk.mistaken(student, 0))
    if any(test.prepared is not None for test in material.assignment.tests):
        handed = handed[::_TRAINING]
    return sorted(handed, key=lambda one: one.student)


def write_class(folder: Path, handed: Iterable[Handed]) -> None:
    """Write what was handed in into a folder, one assignment's class."""
    for one in handed:
        for name, content in one.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _foreign(material: Material | None) -> Notebook:
    """A right notebook of another assignment, or one of a course that does not exist."""
    if material is not None:
        return submission_notebook(material.masters[0], material.releases[0])
    own = {"assignment": "week-zero", "notebook": "week-zero.ipynb", "questions": {}}
    cells = [code_cell("print('Hello from week zero')")]
    return {"cells": cells, "metadata": {"autograder": own}, "nbformat": 4, "nbformat_minor": 5}


class _Desk:
    """Where the class's notebooks of one assignment are written."""

    def __init__(self, material: Material, chance: random.Random) -> None:
        self.material = material
        self.assignment = material.assignment
        self.chance = chance
        self.code = [question.id for question in self.assignment.questions if question.kind is QuestionKind.CODE]
        self.right = self.variants("right")
        self.wrong = self.variants("wrong")
        self.blanks = [
            student_notebook(master, release)
            for master, release in zip(material.masters, material.releases, strict=True)
        ]
        self.targets = sorted(self.find_targets(), key=lambda one: (one.uses, len(self.tests_of(one.question))))

    def variants(self, sort: str) -> list[Variant]:
        return [read_variant(path) for path in sorted((self.assignment.solution / sort).glob("*.py"))]

    def tests_of(self, *questions: str) -> frozenset[str]:
        return frozenset(test.id for test in self.assignment.tests if test.question in questions)

    # ---- ordinary work

    def mistaken(self, student: str, mistakes: int) -> Handed:
        """So many mistakes of different questions; without any, right in somebody's style.

        A style may import in one answer what another needs, so a mistake takes the place of a reference answer only.
        """
        chosen: list[Variant] = []
        if not mistakes and self.right:
            chosen = [self.chance.choice(self.right)] if self.chance.random() < _IN_STYLE else []
        for variant in self.chance.sample(self.wrong, len(self.wrong) if mistakes else 0):
            taken = {question for one in chosen for question in one.questions()}
            if len(chosen) < mistakes and not taken & set(variant.questions()):
                chosen.append(variant)
        loses = frozenset(test for variant in chosen for test in variant.loses)
        return self.hand_in(student, self.answered(chosen), loses)

    def half_done(self, student: str) -> Handed:
        """The first questions are answered; the others, and what is to be written, are as released."""
        done = self.code[: self.chance.randint(1, max(1, len(self.code) - 1))]
        notebooks = self.answered([])
        for notebook, blank in zip(notebooks, self.blanks, strict=True):
            for place, cell in enumerate(blank["cells"]):
                own = cell["metadata"]["autograder"]
                if own["role"] == "answer" and own["question"] not in done:
                    notebook["cells"][place] = cell
        return self.hand_in(student, notebooks, self.tests_of(*set(self.code).difference(done)))

    def blank(self, student: str) -> Handed:
        """What was released."""
        return self.hand_in(student, self.blanks, self.tests_of(*self.code))

    def answered(self, variants: Sequence[Variant]) -> list[Notebook]:
        """The notebooks of somebody who answers as the reference does, but for these variants."""
        notebooks = []
        for master, release in zip(self.material.masters, self.material.releases, strict=True):
            for variant in variants:
                if set(variant.questions()) & set(master.questions()):
                    master = apply_variant(master, variant)
            notebooks.append(submission_notebook(master, release))
        return notebooks

    def hand_in(self, student: str, notebooks: Sequence[Notebook], loses: frozenset[str]) -> Handed:
        files = {
            self.file(student, place): to_bytes(_signed(notebook, student)) for place, notebook in enumerate(notebooks)
        }
        return Handed(student, files, loses)

    def file(self, student: str, place: int) -> str:
        """Where one of the assignment's notebooks lies: alone, or in the student's folder under its own name."""
        names = self.assignment.notebooks
        return f"{student}.ipynb" if len(names) == 1 else f"{student}/{names[place]}"

    # ---- broken work

    def broken(self, student: str, kind: Break, foreign: Notebook) -> Handed:
        """Everything is right and one notebook is spoilt, unless the course has nothing to spoil in this way."""
        right = self.hand_in(student, self.answered([]), frozenset())
        if kind.strikes and not self.targets:
            return right
        target = self.targets[0] if kind.slow and self.targets else self.chance.choice(self.targets or [None])
        place = target.notebook if target is not None else 0
        paper = Paper(
            notebook=_signed(self.answered([])[place], student),
            question=target.question if target is not None else "",
            function=target.function if target is not None else "",
            first_try=self.first_try(target) if target is not None else "",
            blank=self.blanks[place],
            foreign=foreign,
        )
        files = {name: data for name, data in right.files.items() if name != self.file(student, place)}
        name = kind.file.format(student=student) if len(self.blanks) == 1 else self.file(student, place)
        loses = self.tests_of(paper.question) if kind.cost is Cost.QUESTION else frozenset[str]()
        return Handed(student, {**files, name: kind.make(paper)}, loses, kind)

    def first_try(self, target: _Target) -> str:
        """A wrong answer to a question, as its author tried it at first."""
        for variant in self.wrong:
            if variant.questions() == (target.question,):
                return "\n\n\n".join(cell.solved for cell in variant.cells)
        return f"def {target.function}(*values):\n    return None"

    def find_targets(self) -> Iterator[_Target]:
        """The questions that can be struck by themselves."""
        for place, (template, notebook) in enumerate(zip(self.material.templates, self.answered([]), strict=True)):
            for question, cells in template.answers.items():
                names = template.cells[cells[0]].names
                if len(cells) != 1 or len(names) != 1 or question not in self.code:
                    continue
                (function,) = names
                if _defines(source_of(notebook["cells"][cells[0]]), function):
                    uses = sum(
                        function in source_of(cell)
                        for number, cell in enumerate(notebook["cells"])
                        if number != cells[0] and cell["cell_type"] == "code"
                    )
                    yield _Target(question, function, place, uses)


def _defines(source: str, function: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in ast.parse(source).body)


def _signed(notebook: Notebook, student: str) -> Notebook:
    """The notebook with its author's name on top, in a cell of code: no two students hand in the same."""
    return notebook | {"cells": [code_cell(f"# {student}", "name"), *notebook["cells"]]}
