"""What a report has to know about an assignment: names and points, no files, no tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """Who grades a question: tests, or a person."""

    CODE = "code"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class QuestionInfo:
    """One question. `rubric` are the texts by which a person grades it: for staff."""

    id: str
    title: str
    kind: Kind
    points: Decimal
    rubric: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignmentInfo:
    """One assignment. `tests` maps test ids to their docstrings' first sentences: of hidden tests for staff only."""

    id: str
    title: str
    course_title: str
    max_points: Decimal
    questions: tuple[QuestionInfo, ...] = ()
    tests: Mapping[str, str] = field(default_factory=dict)

    def question(self, id: str) -> QuestionInfo | None:
        """The question with this id; None if a report names one that the assignment no longer has."""
        return next((question for question in self.questions if question.id == id), None)
