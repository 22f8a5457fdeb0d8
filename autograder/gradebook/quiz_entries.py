"""What the gradebook keeps of a quiz: sheets of responses as they came, scores, versions and regrades."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograder.gradebook.codec import to_text


@dataclass(frozen=True, slots=True)
class QuizResponse:
    """One answer to one question, as it was typed or picked; empty for a blank. `certainty`: 1 to 3, where asked."""

    question: str
    response: str
    attempt: int = 1
    time: str | None = None
    certainty: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The response as it is stored."""
        return {
            "question": self.question,
            "response": self.response,
            "attempt": self.attempt,
            "time": self.time,
            "certainty": self.certainty,
        }


@dataclass(frozen=True, slots=True)
class QuizSheet:
    """All that one student answered in a quiz."""

    student: str
    responses: tuple[QuizResponse, ...]

    def encoded(self) -> str:
        """The responses as stored text; their order does not matter."""
        rows = sorted(self.responses, key=lambda row: (row.question, row.attempt))
        return to_text([row.to_json() for row in rows])

    @property
    def digest(self) -> str:
        """Two sheets of a student with the same responses are the same sheet."""
        return digest_of(self.encoded())


def digest_of(encoded: str) -> str:
    """The digest of a sheet from its stored text."""
    return "sha256:" + hashlib.sha256(encoded.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """One question of one student: `share` of its points and `points`, None while they have still to be given."""

    id: str
    share: Fraction | None
    points: Decimal | None
    max_points: Decimal
    correct: bool | None


@dataclass(frozen=True, slots=True)
class QuizScore:
    """A quiz of one student: `points` are those that are decided."""

    points: Decimal
    max_points: Decimal
    pending: Decimal
    questions: tuple[QuestionScore, ...]


@dataclass(frozen=True, slots=True)
class QuizVersion:
    """A version of a quiz: all that scores depend on beside the responses, and an outline to compare others with."""

    quiz: str
    version: str
    outline: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredScore:
    """What counts for one student, and the sheet that it was given for. `answered`: the version that was answered."""

    score_id: int
    sheet_id: int
    sheet: QuizSheet
    answered: str
    version: str
    score: QuizScore


@dataclass(frozen=True, slots=True)
class Replacement:
    """A student's new score in place of `score_id`, for the same sheet; `changed`: whether the points differ."""

    student: str
    score_id: int
    sheet_id: int
    changed: bool
    score: QuizScore


@dataclass(frozen=True, slots=True)
class Recorded:
    """What `QuizBook.record` did: students whose score is new, or known already; who waits for a regrade."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regrade:
    """One regrade that was committed. `mappings`: question → what became of each of its choices."""

    id: int
    quiz: str
    version: str
    reason: str
    author: str
    changed: int
    mappings: Mapping[str, Mapping[str, Any]]
    recorded_at: str


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """One score in the history of a student's quiz; `regrade` None: scored when the responses came."""

    version: str
    regrade: int | None
    current: bool
    recorded_at: str
    score: QuizScore
