"""An assignment: assignment.yml, the files it names, and the tests in its two folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from autograder.course.fields import (
    Entry,
    Flag,
    Line,
    LocalTime,
    Memory,
    ModuleName,
    NotebookName,
    Points,
    Prose,
    RelativePath,
    Seconds,
    Slug,
    one_of,
    whole,
)  # fmt: skip
from autograder.course.testscan import TestSpec


class QuestionKind(StrEnum):
    """Who gives the points: tests or a person."""

    CODE = "code"
    WRITTEN = "written"


class Limits(Entry):
    """What student code may use: seconds of CPU time, bytes of memory."""

    notebook_seconds: Seconds = 60.0
    test_seconds: Seconds = 10.0
    prepare_seconds: Seconds = 60.0
    memory: Memory = 2 * 2**30


class Device(Entry):
    """The accelerator that an assignment would like, or cannot do without. `memory` in bytes."""

    prefer: Annotated[Literal["cpu", "cuda"], one_of("cpu", "cuda")] = "cpu"
    require: Flag = False
    memory: Memory | None = None


class RubricItem(Entry):
    """One thing that a written answer earns points for."""

    id: Slug = Field(examples=["uses-angle"])
    points: Points = Field(examples=["2"])
    text: Prose = Field(examples=["Argues from the angle and not from the length"])


class Group(Entry):
    """How many students may submit together."""

    max: Annotated[int, whole(1, 100)] = 1


class QuestionEntry(Entry):
    """A question as it is written in assignment.yml."""

    id: Slug = Field(examples=["cosine"])
    title: Line = Field(examples=["Cosine of two vectors"])
    kind: Annotated[str, one_of("code", "written")] = Field(examples=["code"])
    points: Points = Field(examples=["4"])
    rubric: tuple[RubricItem, ...] = ()
    notebook: NotebookName | None = None


class AssignmentFile(Entry):
    """assignment.yml as it is written."""

    assignment: Slug = Field(examples=["cosine-similarity"])
    title: Line = Field(examples=["Cosine similarity"])
    due: LocalTime | None = None
    limits: Limits = Limits()
    device: Device = Device()
    notebooks: tuple[NotebookName, ...] = ()
    files: tuple[RelativePath, ...] = ()
    group: Group = Group()
    forbid_imports: tuple[ModuleName, ...] = ()
    questions: tuple[QuestionEntry, ...] = Field(
        examples=["[{id: cosine, title: Cosine, kind: code, points: 4}]"], min_length=1
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an assignment. `notebook` is the one that holds it."""

    id: str
    title: str
    kind: QuestionKind
    points: Decimal
    rubric: tuple[RubricItem, ...] = ()
    notebook: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment whose file, questions and tests agree. `tests`: public first, then hidden, in file order."""

    id: str
    title: str
    course_root: Path
    questions: tuple[Question, ...]
    tests: tuple[TestSpec, ...]
    notebooks: tuple[str, ...]
    due: datetime | None = None
    limits: Limits = field(default_factory=Limits)
    device: Device = field(default_factory=Device)
    files: tuple[str, ...] = ()
    group_max: int = 1
    forbid_imports: tuple[str, ...] = ()

    @property
    def max_points(self) -> Decimal:
        """The points of all questions, the written ones included."""
        return sum((question.points for question in self.questions), Decimal(0))

    @property
    def folder(self) -> Path:
        """What students get."""
        return self.course_root / "assignments" / self.id

    @property
    def public(self) -> Path:
        """The folder of the public tests."""
        return self.folder / "public"

    @property
    def hidden(self) -> Path:
        """The folder of the hidden tests."""
        return self.course_root / "tests" / "hidden" / self.id

    @property
    def solution(self) -> Path:
        """The folder of the master notebook and its variants."""
        return self.course_root / "solutions" / self.id

    def question(self, question_id: str) -> Question:
        """The question with this id. KeyError if there is none."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def tests_of(self, question_id: str) -> tuple[TestSpec, ...]:
        """The tests of a question, public first."""
        return tuple(test for test in self.tests if test.question == question_id)
