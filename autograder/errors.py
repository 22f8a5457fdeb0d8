"""The one exception tree, split by blame. It imports nothing of ours.

AutograderError
├── CourseError            the author's: a course file, a hidden test or a call is wrong    (exit 2)
├── SubmissionRejected     the student's file cannot be graded; the reason says what to do  (a stated rejection)
├── StudentError           the student's code failed in a test: exception, limit, crash, broken protocol
└── InfrastructureError    ours: the machine or the grader failed; retried, never costs a point
    └── FenceError         the fence could not be built; nothing of the student's was run
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class AutograderError(Exception):
    """Root of everything that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a course file: where it is, what is wrong and what to do."""

    file: Path | str
    line: int | None
    key: str | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        key = f" [{self.key}]" if self.key else ""
        return f"{place}:{key} {self.message} → {self.remedy}"


class CourseError(AutograderError):
    """What an author wrote is wrong. Carries every problem found, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SubmissionRejected(AutograderError):
    """The submission cannot be graded; `str(error)` is a sentence that a student can act on."""


FAULTS = frozenset(
    {"Timeout", "Crashed", "MemoryLimit", "ResultLimit", "ProtocolFault", "Killed", "CardMemory", "CardFault"}
)
"""What the grader itself calls what happened to a student's code: no exception that a test can ask for."""


class StudentError(AutograderError):
    """The student's code failed while a test was using it.

    `type` is the class name of the student's exception, `bases` the names of its base classes: both are claims of
    the student's process and are never used to give points. For limits, crashes and the like `type` is one of `FAULTS`.
    """

    def __init__(self, type: str, message: str, *, bases: Sequence[str] = (), traceback: str = "") -> None:
        self.type = type
        self.message = message
        self.bases = tuple(bases)
        self.traceback = traceback
        super().__init__(f"{type}: {message}" if message else type)

    def is_a(self, name: str) -> bool:
        """Whether the student's exception claims to be of the class `name` or of a class derived from it."""
        return name == self.type or name in self.bases


class InfrastructureError(AutograderError):
    """The machine or the grader failed. The submission is tried again, and never loses a point for it."""


class FenceError(InfrastructureError):
    """The fence around student code could not be built. Nothing of the student's was run."""
